"""Asking a provider what became of actions: unknown ones until somebody knows, accepted ones until they have arrived.

Absence is no proof at once: a request that we gave up may still be on its way. Only after the kind's `settles_after`
does "nothing known" mean "never done", and only when it was said twice: a clock that jumped ahead makes no request
arrive sooner. Then it is due again, and not before.

What came back with a backup may have been done by attempts that the backup does not know: it is sought from when it was
asked for until now, and where nothing is found a person decides. Who decided already to have it done again is waiting
for just that.

A provider that is asked by our reference tells of every attempt under it. One that failed may be an older one, behind
which a person had it tried again; until the last attempt must have arrived, a failure settles nothing.

What a look found is written by whoever holds its lease. A process that was stopped in the middle of one may come back
when others have asked, sent and lost an answer again: that nothing was there in its time says nothing of theirs.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.actions import Absent, Act, CannotTell, Finding, Found
from hub.errors import HubError
from hub.outbox.backoff import look_wait
from hub.outbox.changes import Change, parameters, write
from hub.outbox.enqueue import PAYLOAD
from hub.outbox.gate import News
from hub.outbox.learn import Known, learn
from hub.outbox.prepare import open_private
from hub.outbox.settle import NOT_AN_ATTEMPT
from hub.outbox.vocabulary import (
    ABSENT,
    ASKED_BEFORE_RETRY,
    ATTEMPTS_USED_UP,
    EXPIRED,
    LEASE_LOST,
    NEEDS_DECISION,
    NOT_TOLD,
    RESTORED,
    RESTORED_ABSENT,
    UNREADABLE,
)

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.outbox.gate import Gates

NO_RECEIPT = "no_receipt"
ABSENT_AGAIN = timedelta(minutes=1)
"""Between two looks that find nothing: longer than a request takes."""


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
    attempts: int = 0
    """Those that count."""
    absent_before: bool = False
    """Whether the look before this one found nothing either."""
    restored: bool = False
    """Whether it came back with a backup, and may have been attempted since."""
    ordered: bool = False
    """Whether a person has ordered it to be tried again unless something is found."""
    readable: bool = True
    """Whether its payload opened; if not, the provider cannot be asked."""

    @property
    def overdue(self) -> bool:
        """Whether it is a person's turn."""
        return self.left is not None and self.left <= timedelta(0)


_OPEN = """
SELECT a.action_id, a.kind, a.state, a.looks, a.recipient_kind, a.recipient, a.private_cipher, a.payload_cipher,
    a.attempts,
    CASE WHEN r.restored THEN a.created_at ELSE t.first END, CASE WHEN r.restored THEN now() ELSE t.last END,
    now() - coalesce(t.last, a.created_at), a.decide_by - now(), coalesce(a.expires_at <= now(), false),
    coalesce(t.counted, 0), coalesce(a.reason = %(absent)s, false), r.restored,
    coalesce(a.reason = %(ordered)s, false)
FROM hub.actions a
CROSS JOIN LATERAL (SELECT coalesce(a.reason = ANY(%(restored)s), false) AS restored) r
LEFT JOIN LATERAL (SELECT min(started_at) AS first, max(started_at) AS last,
                       count(*) FILTER (WHERE code IS NULL OR NOT code = ANY(%(uncounted)s)) AS counted
                   FROM hub.action_attempts t WHERE t.tenant_id = a.tenant_id AND t.action_id = a.action_id) t ON true
WHERE a.tenant_id = %(tenant)s AND a.action_id = ANY(%(actions)s) AND a.lease = %(lease)s ORDER BY a.action_id
"""


def opened(connection: Connection, keys: TenantKeys, lease: UUID, action_ids: Sequence[UUID]) -> list[Looked]:
    """What is leased for a look, opened."""
    found: list[Looked] = []
    given = {"tenant": keys.tenant_id, "actions": list(action_ids), "lease": lease, "absent": ABSENT}
    given |= {"uncounted": sorted(NOT_AN_ATTEMPT), "ordered": ASKED_BEFORE_RETRY}
    given |= {"restored": [RESTORED, RESTORED_ABSENT, ASKED_BEFORE_RETRY]}
    for row in connection.execute(_OPEN, given).fetchall():
        action_id, kind, state, looks, recipient_kind, recipient, private_cipher, payload_cipher, attempts = row[:9]
        clear = _clear(keys, action_id, payload_cipher, private_cipher)
        payload, private = clear or ({}, {})
        act = Act(
            str(action_id), action_id.hex, payload, attempts, row[9], row[10], private.get("provider_reference"),
        )  # fmt: skip
        known = Known(action_id, kind, state, looks, recipient_kind, recipient, private)
        found.append(Looked(known, act, *row[11:], readable=clear is not None))
    return found


def _clear(
    keys: TenantKeys, action_id: UUID, payload_cipher: bytes, private_cipher: bytes | None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Payload and private part; None if they were destroyed or do not open."""
    try:
        payload = json.loads(keys.open(PAYLOAD, str(action_id), bytes(payload_cipher)))
        return payload, open_private(keys, action_id, private_cipher)
    except HubError as error:
        if error.code != "ciphertext_invalid":
            raise
        return None


def worth_asking(kind: ActionKind, looked: Looked) -> bool:
    """Whether the provider is to be asked at all; if not, time decides, or doing it again does no harm."""
    if not looked.readable:
        return False
    if looked.known.state == "accepted" and kind.polls_after is not None:
        return True  # what was taken has a name there, whether or not a lost one could be asked after
    done_again = looked.known.state == "unknown" and not looked.expired and not looked.restored
    return kind.asking == "by_reference" or (kind.asking == "idempotent" and not done_again)


def write_findings(
    connection: Connection,
    keys: TenantKeys,
    kind: ActionKind,
    lease: UUID,
    pairs: Sequence[tuple[Looked, Finding | None]],
    gates: Gates,
) -> Counter[str]:
    """Write down what was found, in the caller's transaction; None for what was not asked. Counts by what became.

    Of a look whose lease was lost only good news is kept: that something was done stays true, that it was not does not.
    """
    counts: Counter[str] = Counter()
    standing = _standing(connection, keys, [looked for looked, _ in pairs])
    rows: list[dict[str, Any]] = []
    news: list[News] = []
    ours: list[UUID] = []
    for looked, told in pairs:
        finding = _believed(kind, looked, told)
        state, holder = standing.get(looked.known.action_id, (None, None))
        if state != looked.known.state or holder != lease:
            counts["known already"] += 1  # a webhook was faster, or somebody else after a long silence of ours
            if state is not None and isinstance(finding, Found) and finding.state != "failed":
                late = replace(looked.known, state=state)
                learn(connection, keys, [(late, finding)], {late.action_id: kind}, gates)
            continue
        ours.append(looked.known.action_id)
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
        news.append(News(looked.known.action_id, change.state, change.reason, facts))
    write(connection, rows)
    _close_lost(connection, keys.tenant_id, ours)
    gates.tell(connection, keys.tenant_id, kind, news)
    _count_looks(connection, keys.tenant_id, ours)
    return counts


def _standing(
    connection: Connection, keys: TenantKeys, looked: Sequence[Looked]
) -> dict[UUID, tuple[str, UUID | None]]:
    rows = connection.execute(
        "SELECT action_id, state, lease FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"
        " ORDER BY action_id FOR UPDATE",
        (keys.tenant_id, [each.known.action_id for each in looked]),
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


def _change(kind: ActionKind, looked: Looked, finding: Finding | None) -> Change:
    first = kind.polls_after if looked.known.state == "accepted" else None
    wait = look_wait(looked.known.looks + 1, first, within=kind.gives_up_after)
    return _accepted(looked, wait) if looked.known.state == "accepted" else _unknown(kind, looked, finding, wait)


def _accepted(looked: Looked, wait: timedelta) -> Change:
    # It is the provider's, and stays so; when nobody tells its end any more, it is left at that.
    return Change("accepted", NO_RECEIPT) if looked.overdue else Change("accepted", look=wait)


def _unknown(kind: ActionKind, looked: Looked, finding: Finding | None, wait: timedelta) -> Change:
    if _of_no_use(kind, looked):
        return Change("failed", EXPIRED)
    if looked.restored and looked.readable:
        return _restored(looked, finding, wait)
    return _of_ours(kind, looked, finding, wait)


def _of_no_use(kind: ActionKind, looked: Looked) -> bool:
    """Whether nobody can tell, and by its nature nobody needs to: a one-time password whose time is over."""
    return looked.expired and kind.expires_after is not None and kind.asking not in {"by_reference", "idempotent"}


def _of_ours(kind: ActionKind, looked: Looked, finding: Finding | None, wait: timedelta) -> Change:
    """Of one all of whose attempts are on record."""
    if looked.overdue or kind.asking == "never" or not looked.readable:
        return Change("unknown", NEEDS_DECISION if looked.readable else UNREADABLE)
    if kind.asking == "idempotent" and not looked.expired:
        again = not _used_up(kind, looked)
        return Change("pending", LEASE_LOST) if again else Change("unknown", NEEDS_DECISION)
    if isinstance(finding, Absent):
        return _absent(kind, looked)
    if finding is None:  # only an event can tell
        return Change("unknown", LEASE_LOST if looked.left else NEEDS_DECISION, look=looked.left)
    return Change("unknown", looked_reason(finding), look=wait)


def _restored(looked: Looked, finding: Finding | None, wait: timedelta) -> Change:
    """Absence alone does not make it due: what the provider forgot, or a person settled, is not in the backup."""
    if isinstance(finding, Absent):
        return Change("pending", ABSENT) if looked.ordered else Change("unknown", RESTORED_ABSENT)
    reason = ASKED_BEFORE_RETRY if looked.ordered else RESTORED
    return Change("unknown", reason, look=None if finding is None or looked.overdue else wait)


def _believed(kind: ActionKind, looked: Looked, finding: Finding | None) -> Finding | None:
    """The finding, unless it may be the failure of an attempt before the last one, which may still be on its way."""
    again = looked.known.state == "unknown" and looked.act.attempt > 1 and not looked.restored
    failed = isinstance(finding, Found) and finding.state == "failed"
    return CannotTell() if again and failed and looked.settled_for < kind.settles_after else finding


def _absent(kind: ActionKind, looked: Looked) -> Change:
    missing = kind.settles_after - looked.settled_for
    if missing > timedelta(0):
        return Change("unknown", ABSENT, look=missing)
    if not looked.absent_before:
        return Change("unknown", ABSENT, look=ABSENT_AGAIN)
    if looked.expired:
        return Change("failed", EXPIRED)
    return Change("dead", ATTEMPTS_USED_UP) if _used_up(kind, looked) else Change("pending", ABSENT)


def _used_up(kind: ActionKind, looked: Looked) -> bool:
    """A process may die of the very action: so lost attempts count as well."""
    return looked.attempts > 0 and looked.attempts % kind.attempts == 0


def looked_reason(finding: Finding) -> str:
    """Why nobody knows yet."""
    failure = getattr(finding, "failure", None)
    return failure.code if failure is not None else NOT_TOLD


def _close_lost(connection: Connection, tenant_id: str, action_ids: Sequence[UUID]) -> None:
    """An attempt of which nobody reported an end has none; if its process comes back, it says so still."""
    connection.execute(
        "UPDATE hub.action_attempts SET finished_at = clock_timestamp(), outcome = 'lost'"
        " WHERE tenant_id = %s AND action_id = ANY(%s) AND finished_at IS NULL",
        (tenant_id, list(action_ids)),
    )


def _count_looks(connection: Connection, tenant_id: str, action_ids: Sequence[UUID]) -> None:
    connection.execute(
        "UPDATE hub.actions SET looks = looks + 1 WHERE tenant_id = %s AND action_id = ANY(%s)",
        (tenant_id, list(action_ids)),
    )
