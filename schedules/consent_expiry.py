"""Looks every hour for consents whose time is over: what rested on them alone must be erased, or kept for a reason."""

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from dagster import JobDefinition, ScheduleDefinition

from schedules.watch import Act, Look, watch_job, watch_schedule

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.sync.batch import Engine


def consent_expiry_job() -> JobDefinition:
    """The job `consent_expiry`: raises and examines the checks of consents that ended."""
    act = Act(
        "check_ended_consents", "Raises the erasure check of every consent that has expired. Counts only.", _check
    )
    return watch_job("consent_expiry", act, description="Finds what rested on a consent that ended (KVKK art. 7).")


def consent_expiry_schedule(consent_expiry: JobDefinition) -> ScheduleDefinition:
    """Every hour at :29 in Istanbul. Loads do not wait for it: they ask for an active consent themselves."""
    look = Look(
        name="consent_expiry_hourly",
        cron="29 * * * *",
        pending=_pending,
        nothing="no consent ended that was not checked",
        description="Starts the check of what rested on consents that ended.",
    )
    return watch_schedule(consent_expiry, look)


def _check(engine: "Engine", log: Callable[[str], None]) -> None:
    from connectors.registry import PROVIDERS
    from hub.kvkk.erasure_checks import sweep

    log("{} checks examined, {} failed".format(*sweep(engine.database, PROVIDERS)))


def _pending(database: "Database") -> Sized:
    from hub.kvkk.erasure_checks import pending

    return pending(database)
