"""Every tenant's breaches with the time that is left: what the platform may see of them is states and times."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from hub.kvkk.breach import record
from hub.kvkk.breach.vocabulary import State

if TYPE_CHECKING:
    from hub.db.database import Database


@dataclass(frozen=True)
class Standing:
    """One breach. `remaining` is None once the Board is told or the matter closed."""

    tenant_id: str
    breach_id: UUID
    state: State
    learned_at: datetime
    board_due_at: datetime
    board_notified_at: datetime | None
    remaining: timedelta | None

    def plain(self) -> dict[str, Any]:
        """For machines, with the time that is left in seconds."""
        values = {name: value for name, value in asdict(self).items() if name != "remaining"}
        return values | {"remaining_seconds": None if self.remaining is None else int(self.remaining.total_seconds())}


def directory(
    database: Database, *, tenant_id: str | None = None, closed: bool = False, now: datetime | None = None
) -> list[Standing]:
    """Of all tenants, or of one; those that press most come first."""
    with database.crossing("platform") as connection:
        moment = record.clock(connection, now)
        rows = connection.execute(
            "SELECT tenant_id, breach_id, state, learned_at, board_due_at, board_notified_at FROM hub.breaches"
            " WHERE (%(tenant)s::text IS NULL OR tenant_id = %(tenant)s) AND (%(closed)s OR state <> 'closed')"
            " ORDER BY state <> 'open', board_due_at, tenant_id, breach_id",
            {"tenant": tenant_id, "closed": closed},
        ).fetchall()
    return [Standing(*row, remaining=row[4] - moment if row[2] == "open" else None) for row in rows]
