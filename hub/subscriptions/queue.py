"""Whose deliveries are due, who has them, and what became of them.

Tenants come in turn: each round takes at most a share of each, so a tenant with a hundred thousand waiting delays
nobody. A lease is a due time that was put off: a process that dies needs nobody to clear up after it, and whoever sends
the same delivery a second time does no harm, for the receiver knows the event by its id.
"""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid4

from hub.subscriptions.disabling import disable, has_failed_for_long
from hub.subscriptions.sending import Event
from hub.subscriptions.vocabulary import FAILED_FOR_LONG, GONE, JITTER, LONGEST_ASKED_WAIT, REST, WAITS

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import TenantKeys
    from hub.subscriptions.sending import Answer

LEASE = timedelta(minutes=5)
"""Far longer than a tenant's share takes when every receiver uses up its time."""

_AWAKE = "s.state = 'active' AND (s.rests_until IS NULL OR s.rests_until <= now())"
# The order of tenants is turned by a random start, so that a round that is full leaves out others each time.
_LEASE = f"""
WITH due AS (
    SELECT d.*, row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.next_try_at) AS place
    FROM hub.subscriptions s CROSS JOIN LATERAL (
        SELECT x.tenant_id, x.subscription_id, x.event_id, x.next_try_at FROM hub.deliveries x
        WHERE x.tenant_id = s.tenant_id AND x.subscription_id = s.subscription_id AND x.state = 'pending'
            AND x.next_try_at <= now()
        ORDER BY x.next_try_at LIMIT %(share)s
        FOR UPDATE SKIP LOCKED
    ) d
    WHERE {_AWAKE} AND NOT s.tenant_id = ANY(%(busy)s)
), chosen AS (
    SELECT tenant_id, subscription_id, event_id FROM due WHERE place <= %(share)s
    ORDER BY place, tenant_id < %(start)s, tenant_id LIMIT %(most)s
)
UPDATE hub.deliveries d SET lease = %(lease)s, next_try_at = now() + %(length)s
FROM chosen c
WHERE d.tenant_id = c.tenant_id AND d.subscription_id = c.subscription_id AND d.event_id = c.event_id
RETURNING d.tenant_id, d.subscription_id, d.event_id
"""  # noqa: S608 - our own texts

_NEXT = """
SELECT min(greatest(d.next_try_at, s.rests_until)) - now()
FROM hub.subscriptions s CROSS JOIN LATERAL (
    SELECT x.next_try_at FROM hub.deliveries x
    WHERE x.tenant_id = s.tenant_id AND x.subscription_id = s.subscription_id AND x.state = 'pending'
    ORDER BY x.next_try_at LIMIT 1
) d WHERE s.state = 'active' AND s.tenant_id IS NOT NULL
"""

_SETTLE = """
UPDATE hub.deliveries SET state = %(state)s, attempts = attempts + 1, lease = NULL,
    next_try_at = CASE WHEN %(state)s = 'pending' THEN now() + %(wait)s ELSE next_try_at END,
    settled_at = CASE WHEN %(state)s = 'pending' THEN NULL ELSE now() END,
    tries = tries || %(tried)s::jsonb
WHERE tenant_id = %(tenant)s AND subscription_id = %(subscription)s AND event_id = %(event)s
    AND (lease = %(lease)s OR (%(state)s = 'delivered' AND state IN ('pending', 'held')))
"""
# A process that lost its lease knows still that the receiver has it.

_HELD = """
SELECT 1 FROM hub.subscriptions WHERE tenant_id = %(tenant)s AND subscription_id = %(subscription)s FOR UPDATE
"""
_WELL = """
UPDATE hub.subscriptions SET failing_since = NULL, rests_until = NULL
WHERE tenant_id = %(tenant)s AND subscription_id = %(subscription)s AND failing_since IS NOT NULL
"""
_UNWELL = """
UPDATE hub.subscriptions SET failing_since = coalesce(failing_since, now()),
    rests_until = greatest(rests_until, now() + %(rest)s)
WHERE tenant_id = %(tenant)s AND subscription_id = %(subscription)s
"""


@dataclass(frozen=True)
class Leased:
    """Deliveries of one subscription that are this process's for a while."""

    tenant_id: str
    subscription_id: UUID
    lease: UUID
    event_ids: tuple[str, ...]


def lease(database: Database, *, most: int, share: int, busy: Collection[str] = ()) -> list[Leased]:
    """Take what is due: at most `most`, and at most `share` of each tenant; nothing of those that are `busy`."""
    token = uuid4()
    with database.crossing("dispatcher") as connection:
        rows = connection.execute(
            _LEASE,
            {
                "most": most,
                "share": share,
                "busy": sorted(busy),
                "start": "t" + random.choice("abcdefghijklmnopqrstuvwxyz234567"),  # noqa: S311 - a turn, no secret
                "lease": token,
                "length": LEASE,
            },
        ).fetchall()
    found: dict[tuple[str, UUID], list[str]] = {}
    for tenant_id, subscription_id, event_id in rows:
        found.setdefault((tenant_id, subscription_id), []).append(event_id)
    return [Leased(*key, token, tuple(events)) for key, events in found.items()]


def give_back(database: Database, leased: Leased, event_ids: Sequence[str]) -> None:
    """End the lease of what was not tried: it is due at once."""
    with database.crossing("dispatcher") as connection:
        connection.execute(
            "UPDATE hub.deliveries SET lease = NULL, next_try_at = now()"
            " WHERE tenant_id = %s AND subscription_id = %s AND event_id = ANY(%s) AND lease = %s"
            " AND state = 'pending'",
            (leased.tenant_id, leased.subscription_id, list(event_ids), leased.lease),
        )


def next_due_in(database: Database) -> timedelta | None:
    """Until the next delivery is due; not positive if one is now, None if there is none."""
    with database.crossing("dispatcher") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        row = connection.execute(_NEXT).fetchone()
    return row[0] if row else None


def waiting(database: Database) -> bool:
    """Whether anything is to be sent now: what the sensor looks for."""
    due = next_due_in(database)
    return due is not None and due <= timedelta(0)


def events(connection: Connection, leased: Leased) -> tuple[list[Event], list[str]]:
    """What is to be told, oldest first, and the ids of events that are not kept any more."""
    rows = connection.execute(
        "SELECT event_id, type, occurred_at, data FROM hub.tenant_events WHERE tenant_id = %s AND event_id = ANY(%s)"
        " ORDER BY occurred_at, event_id",
        (leased.tenant_id, list(leased.event_ids)),
    ).fetchall()
    found = [Event(*row) for row in rows]
    return found, sorted(set(leased.event_ids) - {each.event_id for each in found})


def attempts(connection: Connection, leased: Leased) -> dict[str, int]:
    """How often each of them was tried before."""
    rows = connection.execute(
        "SELECT event_id, attempts FROM hub.deliveries"
        " WHERE tenant_id = %s AND subscription_id = %s AND event_id = ANY(%s)",
        (leased.tenant_id, leased.subscription_id, list(leased.event_ids)),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def hold(connection: Connection, leased: Leased) -> None:
    """Let everything in hand wait: the subscription was paused after it was leased."""
    connection.execute(
        "UPDATE hub.deliveries SET state = 'held', lease = NULL"
        " WHERE tenant_id = %s AND subscription_id = %s AND event_id = ANY(%s) AND lease = %s",
        (leased.tenant_id, leased.subscription_id, list(leased.event_ids), leased.lease),
    )


def drop(connection: Connection, leased: Leased, event_ids: Sequence[str]) -> None:
    """Take away deliveries of events that are not kept any more."""
    connection.execute(
        "DELETE FROM hub.deliveries WHERE tenant_id = %s AND subscription_id = %s AND event_id = ANY(%s)",
        (leased.tenant_id, leased.subscription_id, list(event_ids)),
    )


def settle(
    connection: Connection, keys: TenantKeys, leased: Leased, event_id: str, tried_before: int, answer: Answer
) -> Literal["delivered", "pending", "failed"]:
    """Write down what became of an attempt, in the tenant's transaction, and what it says of the receiver.

    A subscription that is gone, or failed for days, is disabled in the same transaction.
    """
    state = _state(tried_before, answer)
    given = {"tenant": leased.tenant_id, "subscription": leased.subscription_id, "rest": rest(answer)}
    # The subscription's row before the delivery's, as whoever pauses it does: two orders would block each other.
    connection.execute(_WELL if state == "delivered" else _HELD, given)
    counts = connection.execute(
        _SETTLE,
        given
        | {
            "state": state,
            "wait": next_wait(tried_before, answer),
            "tried": tried(answer),
            "event": event_id,
            "lease": leased.lease,
        },
    ).rowcount
    if state == "delivered" or not counts:
        # Paused, given another address or taken over meanwhile: that it failed before says nothing of what is now.
        return state
    connection.execute(_UNWELL, given)
    if answer.fate == "gone":
        disable(connection, keys, leased.subscription_id, GONE)
    elif has_failed_for_long(connection, leased.tenant_id, leased.subscription_id):
        disable(connection, keys, leased.subscription_id, FAILED_FOR_LONG)
    return state


def tried(answer: Answer) -> str:
    """An attempt as the row keeps it: when, what status or code, how long it took. Nothing of what was answered."""
    said: dict[str, Any] = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "status": answer.status,
        "code": answer.code,
        "ms": answer.milliseconds,
    }
    return json.dumps([said])


def next_wait(tried_before: int, answer: Answer) -> timedelta:
    """As the schedule says, a little longer by chance, and never less than the receiver asked for."""
    asked = _asked(answer) or timedelta(0)
    planned = WAITS[min(tried_before, len(WAITS) - 1)]
    return max(planned * (1 + JITTER * random.random()), asked)  # noqa: S311 - no secret


def rest(answer: Answer) -> timedelta | None:
    """For how long the receiver is left alone with its other deliveries too; None for not at all."""
    return REST if answer.fate == "unheard" else _asked(answer)


def _asked(answer: Answer) -> timedelta | None:
    if answer.asked_wait is None:
        return None
    return min(timedelta(seconds=answer.asked_wait), LONGEST_ASKED_WAIT)


def _state(tried_before: int, answer: Answer) -> Literal["delivered", "pending", "failed"]:
    if answer.fate == "delivered":
        return "delivered"
    return "failed" if answer.fate == "gone" or tried_before >= len(WAITS) else "pending"
