"""What is learnt of an action later: from the provider when it is asked, or from its webhooks.

A state only moves forward. What has arrived has arrived; what failed may still turn out to have arrived (a telephone
that was off), and what waits to be done again because nobody knew of it is not done again once somebody does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.actions import Found
from hub.outbox.backoff import look_wait
from hub.outbox.changes import Change, parameters, private_part, reference_mark, write
from hub.outbox.gate import News
from hub.outbox.prepare import open_private
from hub.outbox.vocabulary import DELIVERY_FAILED

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.outbox.gate import Gates


@dataclass(frozen=True)
class Known:
    """An action as it stands, locked. `private` is what the provider said before."""

    action_id: UUID
    kind: str
    state: str
    looks: int
    recipient_kind: str | None
    recipient: str | None
    private: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Heard:
    """What a provider's event says about an action: by our reference, or by what the provider calls it."""

    provider: str
    found: Found
    reference: str | None = None
    opted_out: bool = False
    at: datetime | None = None
    """By when it had happened; None where nobody knows."""


_COLUMNS = "action_id, kind, state, looks, recipient_kind, recipient, private_cipher"


def heard(
    database: Database, keyring: Keyring, tenant_id: str, event: Heard, gates: Gates, kinds: Mapping[str, ActionKind]
) -> bool:
    """Take an event in, in a transaction of its own. False if it is about no action of the tenant, or says nothing new.

    Safe to repeat, and in any order.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        known = _named(connection, keys, event)
        if known is None or known.kind not in kinds:
            return False
        kind = kinds[known.kind]
        if event.opted_out and known.recipient and known.recipient_kind:
            gates.opted_out(connection, tenant_id, kind, known.recipient_kind, known.recipient)
        if _is_stale(connection, tenant_id, known, event):
            return False
        return bool(learn(connection, keys, [(known, event.found)], {known.action_id: kind}, gates))


def learn(
    connection: Connection,
    keys: TenantKeys,
    findings: Sequence[tuple[Known, Found]],
    kinds: Mapping[UUID, ActionKind],
    gates: Gates,
) -> int:
    """Write down what was found, in the caller's transaction. How many actions moved forward."""
    rows: list[dict[str, Any]] = []
    news: list[tuple[ActionKind, News]] = []
    for known, found in findings:
        if not moves(known.state, found.state):
            continue
        kind = kinds[known.action_id]
        if found.opted_out and known.recipient and known.recipient_kind:
            gates.opted_out(connection, keys.tenant_id, kind, known.recipient_kind, known.recipient)
        sealed, mark = private_part(keys, str(known.action_id), known.private, found.provider_reference, found.private)
        change = _change(kind, known, found)
        row = parameters(keys.tenant_id, str(known.action_id), change)
        rows.append(row | {"private": sealed, "mark": mark, "facts": json.dumps(dict(found.facts))})
        news.append((kind, News(known.action_id, change.state, change.reason, found.facts)))
    write(connection, rows)
    for kind, each in news:  # whoever follows finds what is written
        gates.tell(connection, keys.tenant_id, kind, [each])
    return len(rows)


def moves(state: str, to: str) -> bool:
    """Whether news of the state `to` changes anything for an action that stands at `state`."""
    match to:
        case "delivered":
            return state != "delivered"
        case "failed":
            return state not in {"delivered", "failed"}
        case _:
            return state in {"pending", "leased", "unknown", "dead"}


def locked(connection: Connection, keys: TenantKeys, action_ids: Sequence[UUID]) -> list[Known]:
    """These actions, locked, in order of id."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"  # noqa: S608 - our own names
        " ORDER BY action_id FOR UPDATE",
        (keys.tenant_id, list(action_ids)),
    ).fetchall()
    return [_known(keys, row) for row in rows]


def _named(connection: Connection, keys: TenantKeys, event: Heard) -> Known | None:
    row = None
    named = _as_id(event.reference)
    if named is not None:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.actions"  # noqa: S608 - our own names
            " WHERE tenant_id = %s AND action_id = %s AND provider = %s FOR UPDATE",
            (keys.tenant_id, named, event.provider),
        ).fetchone()
    if row is None and event.found.provider_reference is not None:
        mark = reference_mark(keys, event.found.provider_reference)
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.actions"  # noqa: S608 - our own names
            " WHERE tenant_id = %s AND provider_mark = %s AND provider = %s FOR UPDATE",
            (keys.tenant_id, mark, event.provider),
        ).fetchone()
    return None if row is None else _known(keys, row)


_STANDING = """
SELECT attempts > 0 AND decide_by IS NULL AND state IN ('pending', 'leased'), accepted_at IS NOT NULL,
    (SELECT max(t.started_at) FROM hub.action_attempts t
     WHERE t.tenant_id = a.tenant_id AND t.action_id = a.action_id AND t.attempt > 1)
FROM hub.actions a WHERE a.tenant_id = %s AND a.action_id = %s
"""


def _is_stale(connection: Connection, tenant_id: str, known: Known, event: Heard) -> bool:
    """Whether it is about an attempt behind which there is another one, made or ordered by a person.

    That something arrived is news whichever attempt it was; that it was taken, unless that was known before the retry.
    """
    row = connection.execute(_STANDING, (tenant_id, known.action_id)).fetchone()
    if row is None or event.found.state == "delivered":
        return False
    tried_again, was_accepted, last_attempt = row  # a retry clears the deadline, and the next attempt sets it
    if event.found.state == "accepted" and not was_accepted:
        return False
    named, heard_of = known.private.get("provider_reference"), event.found.provider_reference
    of_another = named is not None and heard_of is not None and named != heard_of
    before = event.at is not None and last_attempt is not None and event.at < last_attempt
    return tried_again or of_another or before


def _known(keys: TenantKeys, row: Sequence[Any]) -> Known:
    return Known(*row[:6], private=open_private(keys, row[0], row[6]))


def _as_id(reference: str | None) -> UUID | None:
    """References are the action's id without hyphens; whatever else a stranger sends is nobody's."""
    if reference is None or len(reference) != 32:
        return None
    try:
        return UUID(reference)
    except ValueError:
        return None


def _change(kind: ActionKind, known: Known, found: Found) -> Change:
    if found.state == "failed":
        return Change("failed", DELIVERY_FAILED, provider_code=found.code, amount=found.cost)
    if found.state == "delivered":
        return Change("delivered", amount=found.cost)
    wait: timedelta | None = (
        None if kind.polls_after is None else look_wait(known.looks, kind.polls_after, within=kind.gives_up_after)
    )
    return Change("accepted", look=wait, amount=found.cost)
