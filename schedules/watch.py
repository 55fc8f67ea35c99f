"""What presses only now and then is watched: a schedule looks whether anything waits, and starts a run only then.

Looking is one query in the daemon; a run costs a process. What is looked for, and what a run does about it, comes from
the part of the hub that knows.
"""

from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagster import (
    DefaultScheduleStatus,
    JobDefinition,
    OpExecutionContext,
    RunRequest,
    ScheduleDefinition,
    ScheduleEvaluationContext,
    SkipReason,
    job,  # pyright: ignore[reportUnknownVariableType] - Dagster's annotation is incomplete
    op,
)

from resources.engine import HubResource

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.sync.batch import Engine


@dataclass(frozen=True)
class Act:
    """What a run does: the op's name, what it says of itself, and the work, which logs a line of counts."""

    name: str
    description: str
    work: "Callable[[Engine, Callable[[str], None]], None]"


@dataclass(frozen=True)
class Look:
    """When the schedule looks, and for what; `nothing` is said where nothing waits."""

    name: str
    cron: str
    pending: "Callable[[Database], Sized]"
    nothing: str
    description: str


def watch_job(name: str, act: Act, *, description: str) -> JobDefinition:
    """The job that does it."""

    @op(name=act.name, description=act.description)
    def watched(context: OpExecutionContext, hub: HubResource) -> None:
        act.work(hub.engine, context.log.info)

    @job(name=name, description=description)
    def watching() -> None:
        watched()

    return watching


def watch_schedule(watching: JobDefinition, look: Look) -> ScheduleDefinition:
    """The schedule that starts it, in Istanbul's time."""

    def due(context: ScheduleEvaluationContext) -> Iterator[RunRequest | SkipReason]:
        waiting = len(look.pending(context.resources.hub.engine.database))
        yield RunRequest() if waiting else SkipReason(look.nothing)

    return ScheduleDefinition(
        name=look.name,
        job=watching,
        cron_schedule=look.cron,
        execution_timezone="Europe/Istanbul",
        execution_fn=due,
        required_resource_keys={"hub"},
        default_status=DefaultScheduleStatus.RUNNING,
        description=look.description,
    )
