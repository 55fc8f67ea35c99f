"""The end of packages: what nobody may have any more is deleted, and so is what a killed run left behind."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hub.kvkk import audit
from hub.kvkk.export.order import exports_directory

if TYPE_CHECKING:
    from hub.db.database import Database

ABANDONED_AFTER = timedelta(days=1)
"""A package takes minutes; one that has been under way for a day has no run any more."""

_ACTOR = audit.Actor("export_expiry", "machine")


@dataclass(frozen=True)
class Swept:
    """Packages that were ended, and files without a package that were deleted."""

    expired: int
    abandoned: int
    files: int


def sweep_exports(database: Database, now: datetime | None = None) -> Swept:
    """End every package whose time is up. Safe to repeat, and to run beside one that is being made."""
    with database.crossing("janitor") as connection:
        due = connection.execute(
            "SELECT tenant_id, export_id, state FROM hub.exports"
            " WHERE (state IN ('ready', 'downloaded') AND link_expires_at <= coalesce(%(now)s, now()))"
            " OR (state = 'building' AND created_at <= coalesce(%(now)s, now()) - %(abandoned)s)"
            " ORDER BY tenant_id, export_id",
            {"now": now, "abandoned": ABANDONED_AFTER},
        ).fetchall()
    ended = [state for tenant_id, export_id, state in due if _end(database, tenant_id, export_id, state)]
    abandoned = ended.count("building")
    return Swept(len(ended) - abandoned, abandoned, _torn_files(database))


def _end(database: Database, tenant_id: str, export_id: UUID, state: str) -> bool:
    end, failure = ("failed", "export_abandoned") if state == "building" else ("expired", None)
    with database.tenant(tenant_id, "app") as connection:
        before = connection.execute(
            "SELECT file_name FROM hub.exports WHERE tenant_id = %s AND export_id = %s AND state = %s FOR UPDATE",
            (tenant_id, export_id, state),
        ).fetchone()
        if before is None:
            return False
        if before[0] is not None:
            # Before the commit: a package that is on record as ended is on no disk.
            with suppress(FileNotFoundError):
                (exports_directory(database.settings) / before[0]).unlink()
        connection.execute(
            # The link's hash stays: it opens nothing, and tells whose link it is that somebody tries too late.
            "UPDATE hub.exports SET state = %s, failure_code = %s, file_name = NULL, sealed_key = NULL"
            " WHERE tenant_id = %s AND export_id = %s",
            (end, failure, tenant_id, export_id),
        )
        entry = audit.Entry(_ACTOR, "export_expired", f"export:{export_id}", result=failure or "ok")
        audit.append(connection, tenant_id, entry)
    return True


def _torn_files(database: Database) -> int:
    """Drafts of runs that were killed: nobody has their passphrases."""
    import time

    oldest = time.time() - ABANDONED_AFTER.total_seconds()
    count = 0
    for draft in exports_directory(database.settings).glob("*.part"):
        with suppress(FileNotFoundError):
            if draft.stat().st_mtime < oldest:
                draft.unlink()
                count += 1
    return count
