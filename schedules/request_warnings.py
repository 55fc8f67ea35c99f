"""Looks every hour whether an application's answer is due soon or late; a run starts where somebody must know."""

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from dagster import JobDefinition, ScheduleDefinition

from schedules.watch import Act, Look, watch_job, watch_schedule

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.sync.batch import Engine


def request_warnings_job() -> JobDefinition:
    """The job `request_warnings`: notes each warning once and queues its mails."""
    act = Act("warn_of_requests", "Warns of applications at day 20 and 27 and when they are late. Counts only.", _warn)
    return watch_job("request_warnings", act, description="Warns before the thirty days of KVKK art. 13/2 are over.")


def request_warnings_schedule(request_warnings: JobDefinition) -> ScheduleDefinition:
    """Every hour at :37 in Istanbul."""
    look = Look(
        name="request_warnings_hourly",
        cron="37 * * * *",
        pending=_pending,
        nothing="no answer is due soon that was not warned of",
        description="Starts the warnings of applications that must be answered soon.",
    )
    return watch_schedule(request_warnings, look)


def _warn(engine: "Engine", log: Callable[[str], None]) -> None:
    from hub.kvkk.requests.warnings import warn

    log("{} requests warned of, {} mails queued, {} failed".format(*warn(engine.database, engine.keyring)))


def _pending(database: "Database") -> Sized:
    from hub.kvkk.requests.warnings import pending

    return pending(database)
