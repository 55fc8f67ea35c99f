"""Asking for an action. The same key with the same request is the same action; with another request it is refused.

Everything that can be wrong with a request is found here: once it is queued, only the world can refuse it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID, uuid4

from hub.control import usage
from hub.errors import HubError
from hub.observe import tracing
from hub.outbox.kept_key import kept
from hub.outbox.request_rules import require_right, shown
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from connectors.actions import ActionKind, Cost
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys

PAYLOAD = "action-payload"
PRIVATE = "action-private"
CHANNEL: LiteralString = "hub_actions"
NOTIFY: LiteralString = f"NOTIFY {CHANNEL}"
"""With the commit Postgres tells whoever listens that something waits, and nothing else."""
MOST_AT_ONCE = 1_000
LONGEST_PAYLOAD = 4 * 1024 * 1024
"""Bytes of JSON. A signed invoice of a thousand lines has one."""


@dataclass(frozen=True)
class NewAction:
    """What is asked for. `idempotency_key` is the caller's name for it; `repr` shows nothing of the payload."""

    kind: str
    idempotency_key: str
    payload: Mapping[str, Any] = field(repr=False)
    not_before: datetime | None = None
    not_after: datetime | None = None
    """What is not done by then is not done at all."""
    priority: int = 5
    """0 is done first, 9 last."""
    about: str | None = None
    """Ids of what it is about: `document:<id>`."""
    template: str | None = None
    commercial: bool = False
    """A commercial message (ticari elektronik ileti, law 6563): consent and İYS are asked for it."""
    purpose: str | None = None
    """Code of the purpose whose consent must stand at the moment of sending."""
    batch_id: UUID | None = None


@dataclass(frozen=True)
class Enqueued:
    """`repeated` when the same request stood under its key already."""

    action_id: UUID
    state: str
    repeated: bool


def enqueue(
    connection: Connection,
    keys: TenantKeys,
    new: NewAction,
    *,
    created_by: str,
    prices: Mapping[str, Any] | None = None,
) -> Enqueued:
    """One of `enqueue_all`."""
    return enqueue_all(connection, keys, [new], created_by=created_by, prices=prices)[0]


def enqueue_all(
    connection: Connection,
    keys: TenantKeys,
    actions: Sequence[NewAction],
    *,
    created_by: str,
    prices: Mapping[str, Any] | None = None,
    places: Sequence[int] | None = None,
) -> list[Enqueued]:
    """Queue actions in the caller's transaction (role app, the tenant's scope): all of them or none.

    `prices` are the integration's settings, from which a kind estimates what it costs. `places` are theirs among all
    that were asked for together, by which problems name them (`actions[0].priority`); one alone needs no place.

    Raises `InvalidInput` with a problem for every wrong field, HubError `action_kind_unknown`,
    `idempotency_key_reused`, `actions_too_many`, `plan_used_up_today`.
    """
    if len(actions) > MOST_AT_ONCE:
        raise HubError("actions_too_many", most=MOST_AT_ONCE)
    if places is None:
        places = range(len(actions)) if len(actions) > 1 else ()
    where = [f"actions[{place}]." for place in places] or [""] * len(actions)
    kinds = [_kind(new.kind) for new in actions]
    require_right(actions, kinds, where)
    rows = [
        _row(keys, new, kind, at, created_by=created_by, prices=prices or {})
        for new, kind, at in zip(actions, kinds, where, strict=True)
    ]
    added = _insert(connection, keys.tenant_id, rows)
    standing = _erased(connection, keys, rows, added)
    if added:
        usage.use(connection, keys.tenant_id, "actions_asked", len(added))
        connection.execute(NOTIFY)
    return [_answer(connection, keys, row, added, standing.get(row.key)) for row in rows]


@dataclass(frozen=True)
class _Row:
    action_id: UUID
    key: str
    where: str
    mark: bytes
    values: dict[str, Any]


def _kind(name: str) -> ActionKind:
    from connectors.action_registry import kinds

    known = kinds()
    try:
        return known[name]
    except KeyError:
        raise HubError("action_kind_unknown", kind=name, known=", ".join(sorted(known)) or "-") from None


def _row(
    keys: TenantKeys, new: NewAction, kind: ActionKind, where: str, *, created_by: str, prices: Mapping[str, Any]
) -> _Row:
    action_id = uuid4()
    payload = _json(new.payload, where)
    if len(payload) > LONGEST_PAYLOAD:
        raise InvalidInput([Problem(f"{where}payload", "field_too_long", {"max_length": LONGEST_PAYLOAD})])
    asked = [new.kind, new.template, new.commercial, new.purpose, _moment(new.not_before), _moment(new.not_after)]
    mark = keys.keyed_hash("action-request", _canonical(asked) + b"\x00" + payload)
    recipient_kind, recipient = _recipient(keys, new, kind)
    cost: Cost = kind.cost(new.payload, prices)
    values = {
        "action_id": action_id,
        "kind": kind.name,
        "provider": kind.provider,
        "idempotency_key": new.idempotency_key,
        "request_mark": mark,
        "batch_id": new.batch_id,
        "about": new.about,
        "template": new.template,
        "commercial": new.commercial,
        "purpose": new.purpose,
        "recipient_kind": recipient_kind,
        "recipient": recipient,
        "priority": new.priority,
        "not_before": new.not_before,
        "expires_after": kind.expires_after,
        "not_after": new.not_after,
        "payload_cipher": keys.seal(PAYLOAD, str(action_id), payload),
        "summary": _canonical(shown(kind, new.payload, where)).decode(),
        "units": cost.units,
        "amount": cost.amount,
        "currency": cost.currency,
        "created_by": created_by,
        "traceparent": tracing.carried(),
    }
    return _Row(action_id, new.idempotency_key, where, mark, values)


def _recipient(keys: TenantKeys, new: NewAction, kind: ActionKind) -> tuple[str | None, str | None]:
    found = kind.recipient(new.payload)
    if found is None:
        return None, None
    return found.kind, keys.pseudonymiser().one(found.kind, found.value)


_INSERT = """
INSERT INTO hub.actions (tenant_id, action_id, kind, provider, idempotency_key, request_mark, batch_id, about, template,
    commercial, purpose, recipient_kind, recipient, priority, not_before, expires_at, payload_cipher, summary, units,
    amount, currency, created_by, traceparent)
VALUES (%(tenant)s, %(action_id)s, %(kind)s, %(provider)s, %(idempotency_key)s, %(request_mark)s, %(batch_id)s,
    %(about)s, %(template)s, %(commercial)s, %(purpose)s, %(recipient_kind)s, %(recipient)s, %(priority)s,
    coalesce(%(not_before)s, now()), least(now() + %(expires_after)s, %(not_after)s), %(payload_cipher)s, %(summary)s,
    %(units)s, %(amount)s, %(currency)s, %(created_by)s, %(traceparent)s)
ON CONFLICT (tenant_id, idempotency_key) DO NOTHING
"""


def _insert(connection: Connection, tenant_id: str, rows: Sequence[_Row]) -> set[UUID]:
    """The ids of those that are new. `InvalidInput` for a new one whose time is over: one that stands had its time."""
    with connection.cursor() as cursor:
        # In order of key: two requests with the same keys wait for each other, and not in a circle.
        in_order = sorted(rows, key=lambda row: row.key)
        cursor.executemany(_INSERT, [{"tenant": tenant_id, **row.values} for row in in_order])
    found = dict(
        connection.execute(
            "SELECT action_id, coalesce(expires_at <= now(), false) FROM hub.actions"
            " WHERE tenant_id = %s AND action_id = ANY(%s)",
            (tenant_id, [row.action_id for row in rows]),
        ).fetchall()
    )
    over = [Problem(f"{row.where}not_after", "field_in_the_past") for row in rows if found.get(row.action_id)]
    if over:
        raise InvalidInput(over)
    return set(found)


def _erased(
    connection: Connection, keys: TenantKeys, rows: Sequence[_Row], added: set[UUID]
) -> dict[str, tuple[UUID, str, bytes]]:
    """Actions by key that stand under it since before an erasure, which left nothing of the key but its hash.

    Looked for behind the insert, which waits for an erasure that is under way; what it added beside one is taken out of
    `added` and of the table.
    """
    names = {kept(keys, row.key): row.key for row in rows if row.action_id in added}
    found = connection.execute(
        "SELECT idempotency_key, action_id, state, request_mark FROM hub.actions"
        " WHERE tenant_id = %s AND idempotency_key = ANY(%s)",
        (keys.tenant_id, list(names)),
    ).fetchall()
    standing = {names[row[0]]: (row[1], row[2], bytes(row[3])) for row in found}
    beside = [row.action_id for row in rows if row.key in standing and row.action_id in added]
    if beside:
        connection.execute(
            "DELETE FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)", (keys.tenant_id, beside)
        )
        added -= set(beside)
    return standing


def _answer(
    connection: Connection,
    keys: TenantKeys,
    row: _Row,
    added: set[UUID],
    standing: tuple[UUID, str, bytes] | None,
) -> Enqueued:
    if row.action_id in added:
        return Enqueued(row.action_id, "pending", repeated=False)
    if standing is None:
        found = connection.execute(
            "SELECT action_id, state, request_mark FROM hub.actions WHERE tenant_id = %s AND idempotency_key = %s",
            (keys.tenant_id, row.key),
        ).fetchone()
        standing = None if found is None else (found[0], found[1], bytes(found[2]))
    if standing is None or standing[2] != row.mark:
        # Whatever was added in this call is taken back with the caller's transaction.
        raise HubError("idempotency_key_reused")
    return Enqueued(standing[0], standing[1], repeated=True)


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat()


def _json(payload: Mapping[str, Any], where: str) -> bytes:
    """The payload as it is sealed and compared: 1 and 1.0 differ, the order of keys does not matter."""
    try:
        return _canonical(payload)
    except (TypeError, ValueError):
        pass  # what is wrong with it holds a part of it
    raise InvalidInput([Problem(f"{where}payload", "field_wrong")])


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()
