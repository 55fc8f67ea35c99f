"""Which actions are whose: leases taken across tenants, in turn, and taken back from processes that are gone.

Each tenant with something due gets its share of every round, most pressing first, so a tenant with a hundred thousand
waiting delays nobody. Nothing of an action but ids, state and times is seen here (crossing `dispatcher`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from hub.outbox.vocabulary import LEASE, LEASE_LOST

if TYPE_CHECKING:
    from hub.db.database import Database

_WAITING_TENANTS = """
WITH RECURSIVE waiting AS (
    (SELECT tenant_id FROM hub.actions WHERE state = 'pending' ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT a.tenant_id FROM hub.actions a WHERE a.state = 'pending' AND a.tenant_id > w.tenant_id
            ORDER BY a.tenant_id LIMIT 1)
    FROM waiting w WHERE w.tenant_id IS NOT NULL
)
"""
# A skip scan by hand: one look into the index for each tenant with something pending, however much it has. The order of
# tenants is turned by a random start, so that a round that is full before its end leaves out others each time.
_LEASE = (
    _WAITING_TENANTS  # noqa: S608 - our own texts
    + """
, chosen AS (
    SELECT due.tenant_id, due.action_id FROM (
        SELECT tenant_id, (tenant_id < %(start)s) AS later FROM waiting
        WHERE tenant_id IS NOT NULL AND NOT tenant_id = ANY(%(busy)s)
        ORDER BY 2, 1
    ) AS w CROSS JOIN LATERAL (
        SELECT a.tenant_id, a.action_id FROM hub.actions a
        WHERE a.tenant_id = w.tenant_id AND a.state = 'pending' AND a.not_before <= now()
            AND NOT a.tenant_id || '/' || a.provider = ANY(%(resting)s)
            AND NOT EXISTS (SELECT FROM hub.action_holds h
                            WHERE h.tenant_id = a.tenant_id AND h.provider = a.provider AND h.held_until > now())
        ORDER BY a.priority, a.not_before LIMIT %(share)s
        FOR UPDATE OF a SKIP LOCKED
    ) AS due LIMIT %(most)s
)
UPDATE hub.actions a SET state = 'leased', lease = %(lease)s, leased_until = now() + %(length)s, reason = NULL
FROM chosen c WHERE a.tenant_id = c.tenant_id AND a.action_id = c.action_id
RETURNING a.tenant_id, a.action_id, a.kind, a.priority, a.not_before
"""
)

_LEASE_LOOKS = """
WITH due AS (
    SELECT a.tenant_id, a.action_id, a.next_look_at,
        row_number() OVER (PARTITION BY a.tenant_id ORDER BY a.next_look_at) AS place
    FROM hub.actions a
    WHERE a.next_look_at <= now() AND a.lease IS NULL AND a.state IN ('accepted', 'unknown')
        AND NOT a.tenant_id = ANY(%(busy)s) AND NOT a.tenant_id || '/' || a.provider = ANY(%(resting)s)
        AND NOT EXISTS (SELECT FROM hub.action_holds h
                        WHERE h.tenant_id = a.tenant_id AND h.provider = a.provider AND h.held_until > now())
), chosen AS (
    SELECT a.tenant_id, a.action_id FROM (
        SELECT tenant_id, action_id FROM due WHERE place <= %(share)s ORDER BY next_look_at LIMIT %(most)s
    ) d JOIN hub.actions a USING (tenant_id, action_id)
    WHERE a.next_look_at <= now() AND a.lease IS NULL AND a.state IN ('accepted', 'unknown')
    FOR UPDATE OF a SKIP LOCKED
)
UPDATE hub.actions a SET lease = %(lease)s, leased_until = now() + %(length)s
FROM chosen c WHERE a.tenant_id = c.tenant_id AND a.action_id = c.action_id
RETURNING a.tenant_id, a.action_id, a.kind
"""

# Whoever was silent for longer than its lease is taken for dead. What it never tried goes back; what it may have done
# is unknown, and asked after at once.
_TAKE_BACK = """
UPDATE hub.actions SET
    state = CASE WHEN state <> 'leased' THEN state WHEN attempting THEN 'unknown' ELSE 'pending' END,
    reason = CASE WHEN state = 'leased' AND attempting THEN %(lost)s ELSE reason END,
    next_look_at = CASE WHEN state = 'leased' AND attempting THEN now() ELSE next_look_at END,
    attempting = false, lease = NULL, leased_until = NULL
WHERE (tenant_id, action_id) IN (
    SELECT tenant_id, action_id FROM hub.actions WHERE lease IS NOT NULL AND leased_until <= now()
    LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
RETURNING tenant_id, state
"""

_GIVE_BACK = """
UPDATE hub.actions SET state = CASE WHEN state = 'leased' THEN 'pending' ELSE state END, lease = NULL,
    leased_until = NULL
WHERE lease = %(lease)s AND tenant_id = %(tenant)s AND action_id = ANY(%(actions)s) AND NOT attempting
"""

_NEXT = """
SELECT least(
    (SELECT a.not_before FROM hub.actions a WHERE a.state = 'pending'
        AND NOT EXISTS (SELECT FROM hub.action_holds h
                        WHERE h.tenant_id = a.tenant_id AND h.provider = a.provider AND h.held_until > now())
     ORDER BY a.not_before LIMIT 1),
    (SELECT min(h.held_until) FROM hub.action_holds h WHERE h.held_until > now()
        AND EXISTS (SELECT FROM hub.actions a
                    WHERE a.tenant_id = h.tenant_id AND a.provider = h.provider AND a.state = 'pending')),
    (SELECT min(greatest(a.next_look_at, h.held_until)) FROM hub.actions a JOIN hub.action_holds h
        ON h.tenant_id = a.tenant_id AND h.provider = a.provider AND h.held_until > now()
     WHERE a.next_look_at IS NOT NULL AND a.lease IS NULL AND a.state IN ('accepted', 'unknown')),
    (SELECT a.next_look_at FROM hub.actions a
     WHERE a.next_look_at IS NOT NULL AND a.lease IS NULL AND a.state IN ('accepted', 'unknown')
        AND NOT EXISTS (SELECT FROM hub.action_holds h
                        WHERE h.tenant_id = a.tenant_id AND h.provider = a.provider AND h.held_until > now())
     ORDER BY a.next_look_at LIMIT 1),
    (SELECT min(leased_until) FROM hub.actions WHERE lease IS NOT NULL)
) - now()
"""


@dataclass(frozen=True)
class Leased:
    """An action that is this process's for a while."""

    tenant_id: str
    action_id: UUID
    kind: str


@dataclass(frozen=True)
class Lease:
    """What one process took in one go. `token` fences: whatever is written asks whether it still stands."""

    token: UUID
    actions: Sequence[Leased] = field(default_factory=list[Leased])


def lease(
    database: Database,
    *,
    most: int,
    share: int,
    busy: Collection[str] = (),
    resting: Collection[tuple[str, str]] = (),
    length: timedelta = LEASE,
) -> Lease:
    """Take what is due: at most `most`, and of each tenant at most `share`.

    Nothing of tenants that are `busy`, and nothing of a tenant at a provider at which it is `resting`.
    """
    token = uuid4()
    given = _given(token, most, share, busy, resting, length) | {"start": _random_start(token)}
    with database.crossing("dispatcher") as connection:
        rows = connection.execute(_LEASE, given).fetchall()
    rows.sort(key=lambda row: row[3:])  # an UPDATE answers in any order
    return Lease(token, [Leased(*row[:3]) for row in rows])


def lease_looks(
    database: Database,
    *,
    most: int,
    share: int,
    busy: Collection[str] = (),
    resting: Collection[tuple[str, str]] = (),
    length: timedelta = LEASE,
) -> Lease:
    """Take what is to be asked after: accepted ones whose end is not known, and unknown ones. Bounds as of `lease`."""
    token = uuid4()
    with database.crossing("dispatcher") as connection:
        rows = connection.execute(_LEASE_LOOKS, _given(token, most, share, busy, resting, length)).fetchall()
    return Lease(token, [Leased(*row) for row in rows])


def give_back(database: Database, token: UUID, tenant_id: str, action_ids: Sequence[UUID]) -> int:
    """End a lease of actions that were neither tried nor asked after: anybody may have them at once. How many."""
    with database.crossing("dispatcher") as connection:
        return connection.execute(
            _GIVE_BACK, {"lease": token, "tenant": tenant_id, "actions": list(action_ids)}
        ).rowcount


def renew(database: Database, tokens: Sequence[UUID], length: timedelta = LEASE) -> int:
    """Keep leases of a living process. How many actions it still has."""
    if not tokens:
        return 0
    with database.crossing("dispatcher") as connection:
        return connection.execute(
            "UPDATE hub.actions SET leased_until = now() + %s WHERE lease = ANY(%s) AND tenant_id IS NOT NULL",
            (length, list(tokens)),
        ).rowcount


def take_back(database: Database, *, most: int = 1_000) -> dict[str, int]:
    """End the leases of processes that are gone. How many went to each state."""
    counts: dict[str, int] = {}
    with database.crossing("dispatcher") as connection:
        for _, state in connection.execute(_TAKE_BACK, {"lost": LEASE_LOST, "most": most}):
            counts[state] = counts.get(state, 0) + 1
    return counts


def next_due_in(database: Database) -> timedelta | None:
    """Until the next action, look or end of a lease, of which there may be none; not positive if one is due now."""
    with database.crossing("dispatcher") as connection:
        row = connection.execute(_NEXT).fetchone()
    return row[0] if row else None


def waiting(database: Database) -> bool:
    """Whether anything is to be done, asked after or taken back now: what the sensor looks for."""
    due = next_due_in(database)
    return due is not None and due <= timedelta(0)


def _given(
    token: UUID, most: int, share: int, busy: Collection[str], resting: Collection[tuple[str, str]], length: timedelta
) -> dict[str, Any]:
    return {
        "lease": token,
        "most": most,
        "share": share,
        "busy": sorted(busy),
        "resting": sorted("/".join(pair) for pair in resting),
        "length": length,
    }


def _random_start(token: UUID) -> str:
    """Somewhere among the tenants' ids."""
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    return "t" + letters[token.bytes[0] % 32] + letters[token.bytes[1] % 32]
