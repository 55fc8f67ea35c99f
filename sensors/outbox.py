"""Starts a run that empties the outbox when something is due; one under way lingers and takes what comes meanwhile."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from dagster import (
    DefaultSensorStatus,
    JobDefinition,
    OpExecutionContext,
    RunRequest,
    RunsFilter,
    SensorDefinition,
    SensorEvaluationContext,
    SkipReason,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource
from schedules.syncs import UNDER_WAY

SECONDS_BETWEEN_LOOKS = 5
"""A look is one query over small indexes; starting a run takes as long again."""
JOB = "outbox"


def outbox_job() -> JobDefinition:
    """The job `outbox`: counts by state in its metadata, and nothing of what was sent."""

    @op(description="Does the actions that are due, and asks after those whose end is not known.")
    def drain_outbox(context: OpExecutionContext, hub: HubResource) -> None:
        import asyncio

        from hub.outbox.drain import Pace, drain
        from hub.outbox.open import open_outbox

        pace = Pace(lingers=timedelta(seconds=hub.settings.outbox_linger_seconds))
        counts = asyncio.run(drain(open_outbox(hub.engine.database, hub.engine.keyring), pace=pace))
        context.log.info("%s", shown(counts))
        context.add_output_metadata(dict(sorted(counts.items())))

    @job(name=JOB, description="Sends messages and invoices, refunds, orders reports: each once, or left for a person.")
    def outbox() -> None:
        drain_outbox()

    return outbox


def shown(counts: Counter[str]) -> str:
    """Counts in a line."""
    return ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "nothing"


def outbox_sensor(outbox: JobDefinition) -> SensorDefinition:
    """Asks whether anything is due; a run under way is not doubled."""

    def actions_waiting(context: SensorEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        from hub.outbox.lease import waiting

        if not waiting(context.resources.hub.engine.database):
            yield SkipReason("no action is due")
        elif context.instance.get_run_records(RunsFilter(job_name=JOB, statuses=UNDER_WAY), limit=1):
            yield SkipReason("the run under way takes what is due")
        else:
            yield RunRequest()

    return SensorDefinition(
        name="actions_waiting",
        job=outbox,
        evaluation_fn=actions_waiting,
        required_resource_keys={"hub"},
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=DefaultSensorStatus.RUNNING,
        description="Starts a run when an action is due.",
    )
