"""How much of a tenant's is in the landing tables, known without scanning them.

The loader adds what is new with the rows themselves. What retention and erasure take away is not subtracted one by one:
a stream is counted anew, by its index, when the tenant seems full or its last count is a month old, so that a plan is
never enforced on a number that only grew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.control import tenants

if TYPE_CHECKING:
    from hub.db.database import Connection, Database

COUNTED_ANEW_AFTER = timedelta(days=30)
ROW_OVERHEAD_BYTES = 64
"""A row's header, its tenant and its place in the index."""
PROBABLE_ROW_BYTES = 200
"""Of a stream whose rows came in before anything was counted."""


@dataclass(frozen=True)
class Standing:
    """What a tenant has stored, and may."""

    bytes: int
    allowed: int

    @property
    def full(self) -> bool:
        """Whether nothing more may come in."""
        return self.bytes >= self.allowed


def add(connection: Connection, tenant_id: str, provider: str, stream: str, *, rows: int, bytes_each: float) -> None:
    """Count rows that are new, in the loader's transaction."""
    connection.execute(
        "INSERT INTO hub.storage AS s (tenant_id, provider, stream, rows, bytes) VALUES (%s, %s, %s, %s, %s)"
        " ON CONFLICT (tenant_id, provider, stream) DO UPDATE SET rows = s.rows + excluded.rows,"
        " bytes = s.bytes + excluded.bytes",
        (tenant_id, provider, stream, rows, round(rows * (bytes_each + ROW_OVERHEAD_BYTES))),
    )


def standing(database: Database, tenant_id: str) -> Standing:
    """What is stored, counted anew where the kept count may be wrong. HubError `tenant_unknown`."""
    _plan, limits = tenants.limits(database, tenant_id)
    kept, stale = _kept(database, tenant_id)
    if kept >= limits.storage_bytes:
        stale = None
    if stale is None or stale:
        _recount(database, tenant_id, only=stale)
        kept, _ = _kept(database, tenant_id)
    return Standing(kept, limits.storage_bytes)


def _kept(database: Database, tenant_id: str) -> tuple[int, list[tuple[str, str]] | None]:
    """The kept sum, and the streams whose count is old."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            "SELECT provider, stream, bytes, counted_at IS NULL OR counted_at < now() - %s FROM hub.storage"
            " WHERE tenant_id = %s",
            (COUNTED_ANEW_AFTER, tenant_id),
        ).fetchall()
    return sum(row[2] for row in rows), [(row[0], row[1]) for row in rows if row[3]]


def _recount(database: Database, tenant_id: str, *, only: list[tuple[str, str]] | None) -> None:
    from psycopg import sql

    with database.tenant(tenant_id, "loader") as connection:
        kept = connection.execute(
            "SELECT provider, stream, rows, bytes FROM hub.storage WHERE tenant_id = %s ORDER BY provider, stream"
            " FOR UPDATE",
            (tenant_id,),
        ).fetchall()
        for provider, stream, rows, weight in kept:
            if only is not None and (provider, stream) not in only:
                continue
            count = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(
                sql.Identifier("landing", f"{provider}_{stream}")
            )
            found = connection.execute(count, (tenant_id,)).fetchone()
            left: int = found[0] if found else 0
            each = weight / rows if rows else PROBABLE_ROW_BYTES
            connection.execute(
                "UPDATE hub.storage SET rows = %s, bytes = %s, counted_at = now()"
                " WHERE tenant_id = %s AND provider = %s AND stream = %s",
                (left, round(left * each), tenant_id, provider, stream),
            )
