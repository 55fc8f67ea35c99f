"""The last steps before a provider is called: open, judge, and commit that it is being tried.

All in one transaction a group (a tenant's actions of one kind). After its commit an action is either somebody's answer
already (stopped, put off, expired) or has an attempt on record: from then on its fate is the provider's to tell.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.actions import Act
from hub.errors import HubError
from hub.outbox.enqueue import PAYLOAD, PRIVATE
from hub.outbox.gate import Candidate, Go, Later, News, Stop
from hub.outbox.vocabulary import EXPIRED, NOT_TOLD, OUTDATED, UNREADABLE

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.outbox.gate import Gates, Verdict


@dataclass(frozen=True)
class Prepared:
    """An action with its attempt on record."""

    act: Act
    candidate: Candidate


@dataclass
class Group:
    """A tenant's actions of one kind on their way. `settled` counts those that went nowhere, by state or reason."""

    tenant_id: str
    kind: ActionKind
    lease: UUID
    prepared: list[Prepared] = field(default_factory=list[Prepared])
    settled: dict[str, int] = field(default_factory=dict[str, int])
    now: datetime | None = None

    def count(self, what: str) -> None:
        """One more."""
        self.settled[what] = self.settled.get(what, 0) + 1


@dataclass(frozen=True)
class _Row:
    action_id: UUID
    payload_cipher: bytes
    private_cipher: bytes | None
    attempts: int
    recipient_kind: str | None
    recipient: str | None
    commercial: bool
    purpose: str | None
    template: str | None
    units: int
    amount: Any
    currency: str
    expired: bool
    first_attempt_at: datetime | None
    last_attempt_at: datetime | None


_OPEN = """
SELECT a.action_id, a.payload_cipher, a.private_cipher, a.attempts, a.recipient_kind, a.recipient, a.commercial,
    a.purpose, a.template, a.units, a.amount, a.currency, coalesce(a.expires_at <= now(), false), t.first, t.last
FROM hub.actions a
LEFT JOIN LATERAL (SELECT min(started_at) AS first, max(started_at) AS last FROM hub.action_attempts t
                   WHERE a.attempts > 0 AND t.tenant_id = a.tenant_id AND t.action_id = a.action_id) t ON true
WHERE a.tenant_id = %(tenant)s AND a.action_id = ANY(%(actions)s) AND a.lease = %(lease)s
    AND a.state = 'leased'
ORDER BY a.priority, a.not_before, a.action_id FOR UPDATE OF a
"""

_BEGIN = """
UPDATE hub.actions SET attempting = true, attempts = attempts + 1, looks = 0, decide_by = now() + %(gives_up)s
WHERE tenant_id = %(tenant)s AND action_id = ANY(%(actions)s) AND lease = %(lease)s AND state = 'leased'
"""

_ATTEMPTS = """
INSERT INTO hub.action_attempts (tenant_id, action_id, attempt, lease)
SELECT tenant_id, action_id, attempts, lease FROM hub.actions
WHERE tenant_id = %(tenant)s AND action_id = ANY(%(actions)s) AND lease = %(lease)s AND attempting
"""


Attach = Callable[["Connection", "TenantKeys", Mapping[str, Any]], Mapping[str, Any]]
"""From a payload that names a document to one that holds it."""


def nothing_attached(_connection: Connection, _keys: TenantKeys, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where there are no documents."""
    return payload


def prepare(
    connection: Connection,
    keys: TenantKeys,
    group: Group,
    action_ids: Sequence[UUID],
    gates: Gates,
    *,
    attach: Attach = nothing_attached,
) -> None:
    """Fill `group.prepared` with what is to be done now, in the caller's transaction."""
    given = {"tenant": group.tenant_id, "actions": list(action_ids), "lease": group.lease}
    now = connection.execute("SELECT now()").fetchone()
    assert now is not None  # noqa: S101 - a SELECT without FROM has one row
    group.now = now[0]
    rows = [_Row(*row) for row in connection.execute(_OPEN, given).fetchall()]
    # One that is done again until its answer comes may have been done before its time was over.
    doubtful = [row.action_id for row in rows if row.expired and row.attempts and group.kind.asking == "idempotent"]
    _ask_first(connection, group, doubtful)
    expired = [row.action_id for row in rows if row.expired and row.action_id not in doubtful]
    stop(connection, group, expired, EXPIRED, gates)
    opened = _opened(connection, keys, group, [row for row in rows if not row.expired], gates)
    candidates = [_candidate(group.kind, row, payload) for row, payload, _ in opened]
    verdicts = gates.judge(connection, group.tenant_id, candidates, group.now or now[0])
    going = _sorted_out(connection, group, candidates, verdicts, gates)
    whole = _whole(connection, keys, group, [each for each in opened if each[0].action_id in going], gates, attach)
    going &= whole.keys()
    if not going:
        return
    given |= {"actions": sorted(going), "gives_up": group.kind.gives_up_after}
    connection.execute(_BEGIN, given)
    connection.execute(_ATTEMPTS, given)
    group.prepared = [
        Prepared(_act(row, whole[row.action_id], private, group.now), candidate)
        for (row, _, private), candidate in zip(opened, candidates, strict=True)
        if row.action_id in going
    ]


def _whole(
    connection: Connection,
    keys: TenantKeys,
    group: Group,
    opened: Sequence[tuple[_Row, dict[str, Any], dict[str, Any]]],
    gates: Gates,
    attach: Attach,
) -> dict[UUID, Mapping[str, Any]]:
    """Payloads with their documents. One whose document is gone or altered is not sent, and holds back no other."""
    brings = attach if group.kind.with_document else nothing_attached
    whole: dict[UUID, Mapping[str, Any]] = {}
    for row, payload, _ in opened:
        try:
            whole[row.action_id] = brings(connection, keys, payload)
        except HubError as error:
            void = error.code == "einvoice_document_cannot"
            stop(connection, group, [row.action_id], OUTDATED if void else UNREADABLE, gates)
    return whole


def stop(connection: Connection, group: Group, action_ids: Sequence[UUID], reason: str, gates: Gates) -> None:
    """Fail leased actions that were not tried, for good, and tell whoever follows them."""
    if not action_ids:
        return
    connection.execute(
        "UPDATE hub.actions SET state = 'failed', reason = %s, settled_at = now(), attempting = false, lease = NULL,"
        " leased_until = NULL, next_look_at = NULL WHERE tenant_id = %s AND action_id = ANY(%s) AND lease = %s",
        (reason, group.tenant_id, list(action_ids), group.lease),
    )
    for _ in action_ids:
        group.count(f"failed: {reason}")
    gates.tell(connection, group.tenant_id, group.kind, [News(each, "failed", reason, {}) for each in action_ids])


def _ask_first(connection: Connection, group: Group, action_ids: Sequence[UUID]) -> None:
    if not action_ids:
        return
    connection.execute(
        "UPDATE hub.actions SET state = 'unknown', reason = %s, next_look_at = now(), lease = NULL,"
        " leased_until = NULL WHERE tenant_id = %s AND action_id = ANY(%s) AND lease = %s AND NOT attempting",
        (NOT_TOLD, group.tenant_id, list(action_ids), group.lease),
    )
    for _ in action_ids:
        group.count("unknown")


def put_off(connection: Connection, group: Group, action_ids: Sequence[UUID], until: datetime, reason: str) -> None:
    """Give leased actions that were not tried back, for later."""
    if not action_ids:
        return
    connection.execute(
        # Never at once: a rule whose time is over already would be asked as fast as the database can.
        "UPDATE hub.actions SET state = 'pending', not_before = greatest(%s, now() + interval '1 second'),"
        " reason = %s, lease = NULL, leased_until = NULL"
        " WHERE tenant_id = %s AND action_id = ANY(%s) AND lease = %s AND NOT attempting",
        (until, reason, group.tenant_id, list(action_ids), group.lease),
    )
    for _ in action_ids:
        group.count(f"waiting: {reason}")


def _opened(
    connection: Connection, keys: TenantKeys, group: Group, rows: Sequence[_Row], gates: Gates
) -> list[tuple[_Row, dict[str, Any], dict[str, Any]]]:
    opened: list[tuple[_Row, dict[str, Any], dict[str, Any]]] = []
    unreadable: list[UUID] = []
    outdated: list[UUID] = []
    for row in rows:
        identity = str(row.action_id)
        try:
            payload = json.loads(keys.open(PAYLOAD, identity, row.payload_cipher))
            private = open_private(keys, row.action_id, row.private_cipher)
        except HubError as error:
            if error.code != "ciphertext_invalid":
                raise
            unreadable.append(row.action_id)
            continue
        if _refused(group.kind, payload):
            outdated.append(row.action_id)
            continue
        opened.append((row, payload, private))
    stop(connection, group, unreadable, UNREADABLE, gates)
    stop(connection, group, outdated, OUTDATED, gates)
    return opened


def _refused(kind: ActionKind, payload: Mapping[str, Any]) -> bool:
    """Whether the payload would not be queued any more: it waited while the hub was upgraded."""
    try:
        return bool(kind.check(payload))
    except Exception:  # it was written for other code
        return True


def open_private(keys: TenantKeys, action_id: UUID, cipher: bytes | None) -> dict[str, Any]:
    """What the provider said about an action that is nobody else's business; empty if it said nothing."""
    return json.loads(keys.open(PRIVATE, str(action_id), bytes(cipher))) if cipher else {}


def _candidate(kind: ActionKind, row: _Row, payload: Mapping[str, Any]) -> Candidate:
    recipient_type = payload.get("recipient_type")
    recipient = kind.recipient(payload)
    return Candidate(
        row.action_id,
        kind,
        row.recipient_kind,
        row.recipient,
        row.commercial,
        row.purpose,
        row.template,
        row.units,
        row.amount,
        row.currency,
        recipient_type if isinstance(recipient_type, str) else None,
        recipient.value if recipient is not None else None,
    )


def _sorted_out(
    connection: Connection,
    group: Group,
    candidates: Sequence[Candidate],
    verdicts: Sequence[Verdict],
    gates: Gates,
) -> set[UUID]:
    going: set[UUID] = set()
    stopped: dict[str, list[UUID]] = {}
    later: dict[tuple[datetime, str], list[UUID]] = {}
    for candidate, verdict in zip(candidates, verdicts, strict=True):
        match verdict:
            case Go():
                going.add(candidate.action_id)
            case Stop(code):
                stopped.setdefault(code, []).append(candidate.action_id)
            case Later(until, code):
                later.setdefault((until, code), []).append(candidate.action_id)
    for code, ids in stopped.items():
        stop(connection, group, ids, code, gates)
    for (until, code), ids in later.items():
        put_off(connection, group, ids, until, code)
    return going


def _act(row: _Row, payload: Mapping[str, Any], private: Mapping[str, Any], now: datetime | None) -> Act:
    return Act(
        action_id=str(row.action_id),
        reference=row.action_id.hex,
        payload=payload,
        attempt=row.attempts + 1,
        first_attempt_at=row.first_attempt_at or now,
        last_attempt_at=now,
        provider_reference=private.get("provider_reference"),
    )
