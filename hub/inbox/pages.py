"""A tenant's events part by part, and one of them again. Nothing that an event says is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.inbox.listing import COLUMNS, Event
from hub.keys import daily
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from hub.db.database import Database
    from hub.kvkk.audit import Actor


def page(
    database: Database,
    tenant_id: str,
    *,
    provider: str | None,
    states: Collection[str] | None,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[Event]:
    """At most `limit` events, newest first, behind the one that was received at `after`."""
    moment, event_id = after or (None, None)
    given = {
        "tenant": tenant_id,
        "provider": provider,
        "states": None if states is None else list(states),
        "moment": moment,
        "event": event_id,
        "limit": limit,
    }
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {COLUMNS} FROM hub.inbox_events WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(provider)s::text IS NULL OR provider = %(provider)s)"
            " AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s))"
            " AND (%(moment)s::timestamptz IS NULL OR (received_at, provider || ':' || event_id)"
            " < (%(moment)s, %(event)s::text))"
            " ORDER BY received_at DESC, provider || ':' || event_id DESC LIMIT %(limit)s",
            given,
        ).fetchall()
    return [Event(*row) for row in rows]


def again(database: Database, tenant_id: str, provider: str, event_id: str, *, actor: Actor) -> Event:
    """Have one event that was set aside handled again. HubError `event_unknown`, `event_too_old`."""
    with database.tenant_keys(tenant_id) as connection:
        oldest = daily.oldest_kept(connection)
    given = {"tenant": tenant_id, "provider": provider, "event": event_id}
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT key_day FROM hub.inbox_events WHERE tenant_id = %(tenant)s AND provider = %(provider)s"
            " AND event_id = %(event)s AND state = 'aside' FOR UPDATE",
            given,
        ).fetchone()
        if row is None:
            raise HubError("event_unknown")
        if row[0] < oldest:
            raise HubError("event_too_old")
        changed = connection.execute(
            "UPDATE hub.inbox_events SET state = 'received', attempts = 0, next_try_at = now(), reason = NULL"  # noqa: S608 - our own names
            " WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND event_id = %(event)s"
            f" RETURNING {COLUMNS}",
            given,
        ).fetchall()
        details = {"provider": provider, "only_aside": True}
        audit.append(
            connection, tenant_id, audit.Entry(actor, "inbox.replayed", "hub.inbox_events", count=1, details=details)
        )
    return Event(*changed[0])
