"""A sensor that asks whether something waits, and starts a run unless one is at it already.

A look is one query in the daemon. What is looked for, and how it is told, comes from the part of the hub that knows.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from dagster import (
    DefaultSensorStatus,
    JobDefinition,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
)

from resources.engine import HubResource
from schedules.syncs import UNDER_WAY


@dataclass(frozen=True)
class Look:
    """What a look found: why no run is to start now, or what is told while a run is at it already."""

    skip: str | None = None
    busy: str = ""


def waiting_sensor(
    name: str, job: JobDefinition, look: Callable[[HubResource], Look], *, seconds: int, description: str
) -> SensorDefinition:
    """The sensor; it looks every so many `seconds`. A run under way is not doubled."""

    def waiting(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        found = look(context.resources.hub)
        if found.skip is not None:
            yield SkipReason(found.skip)
        elif context.instance.get_run_records(RunsFilter(job_name=job.name, statuses=UNDER_WAY), limit=1):
            yield SkipReason(found.busy)
        else:
            yield RunRequest()

    return SensorDefinition(
        name=name,
        job=job,
        evaluation_fn=waiting,
        required_resource_keys={"hub"},
        minimum_interval_seconds=seconds,
        default_status=DefaultSensorStatus.RUNNING,
        description=description,
    )
