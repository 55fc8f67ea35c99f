"""Whose turn it is, who has it, and what became of it: events wait in their rows, and no worker's death loses one.

A claim is committed before the event is opened, with the moment from which it is anybody's again. What was tried before
is claimed alone: an event that takes its process down takes no other down with it, and is set aside in the end.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.inbox.events import Claimed

if TYPE_CHECKING:
    from hub.db.database import Database

AT_ONCE = 200
"""Events of one claim."""
LEASE = timedelta(minutes=2)
"""A claim of which nothing was heard is over after this. Far longer than a batch takes."""
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 3600, 4 * 3600, 12 * 3600))
"""After each attempt that failed; after one more the event is set aside."""
MOST_ATTEMPTS = len(WAITS) + 1

# MATERIALIZED: as a plain subquery it may be run once a row, and then claims more than its limit.
_CLAIM = """
WITH w AS MATERIALIZED (
    SELECT provider, event_id FROM hub.inbox_events
    WHERE tenant_id = %(tenant)s AND state = 'received' AND next_try_at <= now() AND (attempts > 0) = %(tried)s
    ORDER BY received_at, event_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE hub.inbox_events AS e SET attempts = e.attempts + 1, next_try_at = now() + %(lease)s
FROM w WHERE e.tenant_id = %(tenant)s AND e.provider = w.provider AND e.event_id = w.event_id
RETURNING e.provider, e.event_id, e.kind, e.signature, e.received_at, e.key_day, e.payload_cipher, e.attempts,
    e.traceparent
"""
_OF = "provider = %(provider)s AND event_id = ANY(%(events)s) AND state = 'received'"


def waiting(database: Database) -> list[str]:
    """Tenants with an event that is due, the longest waiting first, as the crossing `dispatcher` may see it."""
    with database.crossing("dispatcher") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        rows = connection.execute(
            "SELECT tenant_id FROM hub.inbox_events WHERE state = 'received' AND next_try_at <= now()"
            " GROUP BY tenant_id ORDER BY min(next_try_at), tenant_id"
        ).fetchall()
    return [row[0] for row in rows]


def claim(database: Database, tenant_id: str, *, tried: bool) -> list[Claimed]:
    """A tenant's due events, oldest first: new ones together, or one that was tried before. Empty when none is due."""
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            _CLAIM, {"tenant": tenant_id, "lease": LEASE, "tried": tried, "most": 1 if tried else AT_ONCE}
        ).fetchall()
    found = (Claimed(*row) for row in rows)
    return sorted(found, key=lambda each: (each.received_at, each.event_id))


def handled(database: Database, tenant_id: str, events: Collection[Claimed]) -> None:
    """Note that everything these events say has taken effect, which the caller has committed."""
    with database.tenant(tenant_id, "app") as connection:
        for provider in sorted({each.provider for each in events}):
            connection.execute(
                "UPDATE hub.inbox_events SET state = 'handled', handled_at = now(), reason = NULL"  # noqa: S608 - our own text
                f" WHERE tenant_id = %(tenant)s AND {_OF}",
                {
                    "tenant": tenant_id,
                    "provider": provider,
                    "events": [each.event_id for each in events if each.provider == provider],
                },
            )


def aside(database: Database, tenant_id: str, event: Claimed, reason: str) -> None:
    """Leave an event for a person; `reason` is a code that `hub.messages` explains."""
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            f"UPDATE hub.inbox_events SET state = 'aside', reason = %(reason)s WHERE tenant_id = %(tenant)s AND {_OF}",  # noqa: S608 - our own text
            {"tenant": tenant_id, "provider": event.provider, "events": [event.event_id], "reason": reason},
        )


def later(database: Database, tenant_id: str, event: Claimed, reason: str) -> None:
    """Try an event again after a while, or set it aside if that was its last attempt."""
    if event.attempts >= MOST_ATTEMPTS:
        aside(database, tenant_id, event, reason)
        return
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.inbox_events SET next_try_at = now() + %(wait)s, reason = %(reason)s"  # noqa: S608 - our own text
            f" WHERE tenant_id = %(tenant)s AND {_OF}",
            {
                "tenant": tenant_id,
                "provider": event.provider,
                "events": [event.event_id],
                "wait": WAITS[event.attempts - 1],
                "reason": reason,
            },
        )
