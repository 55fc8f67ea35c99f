"""How the desks stand, tenant by tenant: what is open, overdue, refused, answered late. For the operator's eyes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from hub.kvkk.requests import record

if TYPE_CHECKING:
    from hub.db.database import Database


@dataclass(frozen=True)
class Standing:
    """Counts of one tenant's applications. `next_due_at` is that of the most urgent open one."""

    tenant_id: str
    open: int
    overdue: int
    next_due_at: datetime | None
    answered: int
    answered_late: int
    refused: int


_STANDINGS = """
SELECT tenant_id,
       count(*) FILTER (WHERE answered_at IS NULL),
       count(*) FILTER (WHERE answered_at IS NULL AND due_at <= %(now)s),
       min(due_at) FILTER (WHERE answered_at IS NULL),
       count(*) FILTER (WHERE answered_at IS NOT NULL),
       count(*) FILTER (WHERE answered_at >= due_at),
       count(*) FILTER (WHERE outcome = 'refused')
FROM hub.requests GROUP BY tenant_id
ORDER BY 3 DESC, 4 NULLS LAST, tenant_id
"""


def standings(database: Database, now: datetime | None = None) -> list[Standing]:
    """Every tenant with applications, the one with most overdue first, as the crossing `platform` may see them."""
    with database.crossing("platform") as connection:
        rows = connection.execute(_STANDINGS, {"now": record.clock(connection, now)}).fetchall()
    return [Standing(*row) for row in rows]
