"""Looks every quarter of an hour whether a breach's 72 hours press; a run starts where somebody must know."""

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from dagster import JobDefinition, ScheduleDefinition

from schedules.watch import Act, Look, watch_job, watch_schedule

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.sync.batch import Engine


def breach_escalations_job() -> JobDefinition:
    """The job `breach_escalations`: notes each hour once and queues its mail."""
    act = Act("escalate_breaches", "Tells of breaches at 24, 48, 60 and 72 hours. Counts only.", _escalate)
    description = "Presses while the Board must still be told (Board decision 2019/10)."
    return watch_job("breach_escalations", act, description=description)


def breach_escalations_schedule(breach_escalations: JobDefinition) -> ScheduleDefinition:
    """Every quarter of an hour: of 72 hours, no weekend is spared."""
    look = Look(
        name="breach_escalations_by_quarter_hour",
        cron="*/15 * * * *",
        pending=_pending,
        nothing="no breach presses that was not escalated",
        description="Starts the escalation of breaches that the Board has not been told of.",
    )
    return watch_schedule(breach_escalations, look)


def _escalate(engine: "Engine", log: Callable[[str], None]) -> None:
    from hub.kvkk.breach.escalation import escalate

    escalated = escalate(engine.database, engine.keyring)
    log("{} breaches escalated, {} mails queued, {} failed".format(*escalated))
    if escalated.failed:
        raise RuntimeError(f"{escalated.failed} breaches could not be escalated")


def _pending(database: "Database") -> Sized:
    from hub.kvkk.breach.escalation import pending

    return pending(database)
