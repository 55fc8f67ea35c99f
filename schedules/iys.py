"""Looks every hour which tenants' work with İYS is due: permissions go there, what people changed comes here."""

from collections.abc import Callable, Sized
from typing import TYPE_CHECKING

from dagster import JobDefinition, ScheduleDefinition

from schedules.watch import Act, Look, watch_job, watch_schedule

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.sync.batch import Engine


def iys_job() -> JobDefinition:
    """The job `iys`: brings permissions in, pulls changes, compares, warns."""
    act = Act("work_with_iys", "Brings permissions to İYS and reads what changed there. Counts only.", _work)
    return watch_job("iys", act, description="Permissions for commercial messages, both ways (law 6563).")


def iys_schedule(iys: JobDefinition) -> ScheduleDefinition:
    """Every hour at :13 in Istanbul. Sends do not wait for it: each commercial one asks for itself."""
    look = Look(
        name="iys_hourly",
        cron="13 * * * *",
        pending=_pending,
        nothing="no tenant's work with İYS is due",
        description="Starts the work with İYS of tenants that have an account there.",
    )
    return watch_schedule(iys, look)


def _work(engine: "Engine", log: Callable[[str], None]) -> None:
    from hub.iys.work import work_off

    done = work_off(engine.database, engine.keyring)
    failed = sum(each.failure is not None for each in done.values())
    pushed = sum(each.pushed.submitted for each in done.values())
    refusals = sum(each.heard.refusals for each in done.values())
    late = sum(each.late for each in done.values())
    log(f"{len(done)} tenants, {pushed} brought in, {refusals} refusals heard, {late} late, {failed} failed")


def _pending(database: "Database") -> Sized:
    from hub.iys.runs import due

    return due(database)
