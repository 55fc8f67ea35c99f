"""What a person changes through Dagster's pages stands in the platform's audit log before Dagster hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from hub.kvkk.audit import Entry, append_platform

if TYPE_CHECKING:
    from hub.dagster_door.access import Audited, MutationNote
    from hub.db.database import Database

ACTION = "dagster.mutation"


def into_platform_chain(database: Database) -> Audited:
    """For `dagster_door`: each note becomes an entry, in a transaction of its own."""

    async def audited(note: MutationNote) -> None:
        await run_in_threadpool(_append, database, entry_of(note))

    return audited


def entry_of(note: MutationNote) -> Entry:
    """Names from Dagster's schema and ids of runs; no variable's value besides."""
    runs = dict.fromkeys(run for mutation in note.mutations for run in mutation.runs)
    return Entry(
        note.caller.actor(note.ip),
        ACTION,
        "dagster",
        result="ok" if note.result == "forwarded" else "refused",
        count=len(note.mutations),
        details={
            "mutations": list(dict.fromkeys(mutation.name for mutation in note.mutations)),
            "runs": list(runs),
            "over": note.over,
        },
    )


def _append(database: Database, entry: Entry) -> None:
    with database.without_tenant() as connection:
        append_platform(connection, entry)
