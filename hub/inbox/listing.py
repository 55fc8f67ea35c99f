"""What may be shown of the inbox: providers, kinds, states and times. Nothing that an event says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.inbox.events import Signature, State

MOST = 1000
COLUMNS = "event_id, provider, kind, signature, state, received_at, attempts, next_try_at, handled_at, reason"


@dataclass(frozen=True)
class Event:
    """One event without its payload. `event_id` is the hub's own, made from the provider's."""

    event_id: str
    provider: str
    kind: str
    signature: Signature
    state: State
    received_at: datetime
    attempts: int
    next_try_at: datetime
    handled_at: datetime | None
    reason: str | None


def listed(
    database: Database, tenant_id: str, *, provider: str | None = None, only_open: bool = True, limit: int = MOST
) -> list[Event]:
    """A tenant's events, newest first: those that wait or were set aside, unless all are asked for."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.inbox_events WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
            " AND (NOT %(open)s OR state <> 'handled') ORDER BY received_at DESC, event_id LIMIT %(limit)s",
            {"tenant": tenant_id, "provider": provider, "open": only_open, "limit": limit},
        ).fetchall()
    return [Event(*row) for row in rows]
