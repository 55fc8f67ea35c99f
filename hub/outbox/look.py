"""Asking a provider what became of actions: unknown ones until somebody knows, accepted ones until they have arrived.

Absence is no proof at once: a request that we gave up may still be on its way. Only after the kind's `settles_after`
does "nothing known" mean "never done", and only then is it due again.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.actions import Absent, Act, Finding, Found
from hub.outbox.backoff import look_wait
from hub.outbox.enqueue import PAYLOAD
from hub.outbox.gate import News
from hub.outbox.learn import Known, learn
from hub.outbox.prepare import open_private
from hub.outbox.settle import Change, parameters, write
from hub.outbox.vocabulary import ABSENT, EXPIRED, LEASE_LOST, NEEDS_DECISION

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.outbox.gate import Gates

NO_RECEIPT = "no_receipt"


@dataclass(frozen=True)
class Looked:
    """An action that is asked after, as it stood when it was opened."""

    known: Known
    act: Act
    settled_for: timedelta
    """Since the last attempt began, by the database's clock."""
    left: timedelta | None
    """Until a person must decide; not positive when it is time."""
    expired: bool

    @property
    def overdue(self) -> bool:
        """Whether it is a person's turn."""
        return self.left is not None and self.left <= timedelta(0)


_OPEN = """
SELECT a.action_id, a.kind, a.state, a.looks, a.recipient_kind, a.recipient, a.private_cipher, a.payload_cipher,
    a.attempts, t.first, t.last, now() - coalesce(t.last, a.created_at), a.decide_by - now(),
    coalesce(a.expires_at <= now(), false)
FROM hub.actions a
LEFT JOIN LATERAL (SELECT min(started_at) AS first, max(started_at) AS last FROM hub.action_attempts t
                   WHERE t.tenant_id = a.tenant_id AND t.action_id = a.action_id) t ON true
WHERE a.tenant_id = %(tenant)s AND a.action_id = ANY(%(actions)s) AND a.lease = %(lease)s ORDER BY a.action_id
"""


def opened(connection: Connection, keys: TenantKeys, lease: UUID, action_ids: Sequence[UUID]) -> list[Looked]:
    """What is leased for a look, opened."""
    found: list[Looked] = []
    for row in connection.execute(
        _OPEN, {"tenant": keys.tenant_id, "actions": list(action_ids), "lease": lease}
    ).fetchall():
        action_id, kind, state, looks, recipient_kind, recipient, private_cipher, payload_cipher, attempts = row[:9]
        private = open_private(keys, action_id, private_cipher)
        payload: dict[str, Any] = json.loads(keys.open(PAYLOAD, str(action_id), bytes(payload_cipher) or b""))
        act = Act(
            str(action_id), action_id.hex, payload, attempts, row[9], row[10], private.get("provider_reference"),
        )  # fmt: skip
        known = Known(action_id, kind, state, looks, recipient_kind, recipient, private)
        found.append(Looked(known, act, row[11], row[12], row[13]))
    return found


def worth_asking(kind: ActionKind, looked: Looked) -> bool:
    """Whether the provider is to be asked at all; if not, time decides, or doing it again does no harm."""
    expired = looked.known.state == "unknown" and looked.expired
    done_again = looked.known.state == "unknown" and kind.asking == "idempotent"
    if looked.known.state == "accepted" and kind.polls_after is not None:
        return True  # what was taken has a name there, whether or not a lost one could be asked after
    return kind.asking in {"by_reference", "idempotent"} and not expired and not done_again


def write_findings(
    connection: Connection,
    keys: TenantKeys,
    kind: ActionKind,
    pairs: Sequence[tuple[Looked, Finding | None]],
    gates: Gates,
) -> Counter[str]:
    """Write down what was found, in the caller's transaction; None for what was not asked. Counts by what became."""
    counts: Counter[str] = Counter()
    standing = _standing(connection, keys, [looked for looked, _ in pairs])
    rows: list[dict[str, Any]] = []
    for looked, finding in pairs:
        if standing.get(looked.known.action_id) != looked.known.state:
            counts["known already"] += 1  # a webhook was faster
            continue
        if isinstance(finding, Found) and learn(
            connection, keys, [(looked.known, finding)], {looked.known.action_id: kind}, gates
        ):
            counts[finding.state] += 1
            continue
        change = _change(kind, looked, finding)
        counts[change.state if change.look is None else "asked again"] += 1
        # What an invoice is at by now (a code of the tax office, an answer that is waited for) is worth knowing.
        facts: Mapping[str, str | int] = finding.facts if isinstance(finding, Found) else {}
        rows.append(parameters(keys.tenant_id, looked.act.action_id, change) | {"facts": json.dumps(dict(facts))})
        gates.tell(connection, keys.tenant_id, kind, [News(looked.known.action_id, change.state, change.reason, facts)])
    write(connection, rows)
    _count_looks(connection, keys.tenant_id, [looked.known.action_id for looked, _ in pairs])
    return counts


def _standing(connection: Connection, keys: TenantKeys, looked: Sequence[Looked]) -> dict[UUID, str]:
    rows = connection.execute(
        "SELECT action_id, state FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"
        " ORDER BY action_id FOR UPDATE",
        (keys.tenant_id, [each.known.action_id for each in looked]),
    ).fetchall()
    return {row[0]: row[1] for row in rows}


def _change(kind: ActionKind, looked: Looked, finding: Finding | None) -> Change:
    first = kind.polls_after if looked.known.state == "accepted" else None
    wait = look_wait(looked.known.looks + 1, first, within=kind.gives_up_after)
    return _accepted(looked, wait) if looked.known.state == "accepted" else _unknown(kind, looked, finding, wait)


def _accepted(looked: Looked, wait: timedelta) -> Change:
    # It is the provider's, and stays so; when nobody tells its end any more, it is left at that.
    return Change("accepted", NO_RECEIPT) if looked.overdue else Change("accepted", look=wait)


def _unknown(kind: ActionKind, looked: Looked, finding: Finding | None, wait: timedelta) -> Change:
    if looked.expired:
        return Change("failed", EXPIRED)
    if looked.overdue or kind.asking == "never":
        return Change("unknown", NEEDS_DECISION)
    if kind.asking == "idempotent":
        return Change("pending", LEASE_LOST)
    if isinstance(finding, Absent):
        missing = kind.settles_after - looked.settled_for
        return Change("unknown", ABSENT, look=missing) if missing > timedelta(0) else Change("pending", ABSENT)
    if finding is None:  # only an event can tell
        return Change("unknown", LEASE_LOST, look=looked.left)
    return Change("unknown", looked_reason(finding), look=wait)


def looked_reason(finding: Finding) -> str:
    """Why nobody knows yet."""
    failure = getattr(finding, "failure", None)
    return failure.code if failure is not None else ABSENT


def _count_looks(connection: Connection, tenant_id: str, action_ids: Sequence[UUID]) -> None:
    connection.execute(
        "UPDATE hub.actions SET looks = looks + 1 WHERE tenant_id = %s AND action_id = ANY(%s)",
        (tenant_id, list(action_ids)),
    )
