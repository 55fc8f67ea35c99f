"""What an attempt led to: written down once, whoever holds the lease by then.

A process that lost its lease still knows what the provider said, and that knowledge is worth more than a guess: it is
written unless the action has gone on meanwhile. Nothing here can make an action due again that may have been done.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from connectors.actions import Outcome, Refused, Taken, Unclear
from hub.outbox import holds
from hub.outbox.backoff import look_wait, retry_wait
from hub.outbox.enqueue import PRIVATE
from hub.outbox.gate import News
from hub.outbox.vocabulary import ACCOUNT_FAULTS, ATTEMPTS_USED_UP, NEEDS_DECISION, State

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from connectors.failure import ProviderFailure
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.outbox.gate import Gates
    from hub.outbox.prepare import Group, Prepared

_NOT_AN_ATTEMPT = frozenset({"rate_limited", *ACCOUNT_FAULTS})
"""Refusals that say nothing about the action, and so do not use up its attempts."""


@dataclass(frozen=True)
class Change:
    """What becomes of an action. Times are relative to the database's clock."""

    state: State
    reason: str | None = None
    wait: timedelta | None = None
    """Until the next attempt of a pending one."""
    look: timedelta | None = None
    """Until somebody asks after it."""
    held_until: datetime | None = None
    amount: Any = None
    status: int | None = None
    provider_code: str | None = None


@dataclass(frozen=True)
class Result:
    """An outcome with the private part that it adds."""

    prepared: Prepared
    outcome: Outcome
    change: Change


_CURRENT = """
SELECT action_id, state, attempts, lease FROM hub.actions
WHERE tenant_id = %(tenant)s AND action_id = ANY(%(actions)s) ORDER BY action_id FOR UPDATE
"""

_WRITE = """
UPDATE hub.actions SET state = %(state)s, reason = %(reason)s, attempting = false, lease = NULL, leased_until = NULL,
    not_before = CASE WHEN %(state)s = 'pending' THEN coalesce(%(held_until)s, now() + %(wait)s) ELSE not_before END,
    next_look_at = now() + %(look)s,
    failure_status = %(status)s, failure_provider_code = %(provider_code)s,
    facts = facts || %(facts)s::jsonb, amount = coalesce(%(amount)s, amount),
    private_cipher = coalesce(%(private)s, private_cipher), provider_mark = coalesce(%(mark)s, provider_mark),
    accepted_at = CASE WHEN %(state)s IN ('accepted', 'delivered') THEN coalesce(accepted_at, now())
                       ELSE accepted_at END,
    delivered_at = CASE WHEN %(state)s = 'delivered' THEN now() END,
    settled_at = CASE WHEN %(state)s IN ('delivered', 'failed', 'dead') THEN now() END
WHERE tenant_id = %(tenant)s AND action_id = %(action)s
"""

_CLOSE = """
UPDATE hub.action_attempts SET finished_at = clock_timestamp(), outcome = %(outcome)s, code = %(code)s,
    status = %(status)s, provider_code = %(provider_code)s
WHERE tenant_id = %(tenant)s AND action_id = %(action)s AND attempt = %(attempt)s AND finished_at IS NULL
"""


def settle(
    connection: Connection, keys: TenantKeys, group: Group, outcomes: Sequence[Outcome], gates: Gates
) -> Counter[str]:
    """Write a group's outcomes down in the caller's transaction. Counts by new state."""
    counts: Counter[str] = Counter()
    results = _results(connection, group, outcomes)
    standing = {
        row[0]: row[1:]
        for row in connection.execute(
            _CURRENT,
            {"tenant": group.tenant_id, "actions": [UUID(each.prepared.act.action_id) for each in results]},
        )
    }
    written: list[Result] = []
    for result in results:
        state, attempts, lease = standing.get(UUID(result.prepared.act.action_id), (None, 0, None))
        ours = lease == group.lease and state == "leased"
        left_open = state == "unknown" and attempts == result.prepared.act.attempt
        # That it was taken is news whatever anybody thought meanwhile, and keeps it from being done again.
        news = isinstance(result.outcome, Taken) and state not in {None, "delivered"}
        if ours or left_open or news:
            written.append(result)
        else:
            counts["known already"] += 1
    _write(connection, keys, group, written)
    with connection.cursor() as cursor:
        cursor.executemany(_CLOSE, [_attempt(group.tenant_id, each) for each in results])
    _tell_gates(connection, group, written, gates)
    gates.tell(connection, group.tenant_id, group.kind, [_news(each) for each in written])
    counts.update(each.change.state for each in written)
    return counts


def _results(connection: Connection, group: Group, outcomes: Sequence[Outcome]) -> list[Result]:
    """What each outcome means. A provider that wants to be left alone is held once for the group."""
    worst = _holding(outcomes)
    held_until = None
    if worst is not None:
        held_until = holds.hold(connection, group.tenant_id, group.kind.provider, worst.code, asked=worst.retry_after)
    elif any(isinstance(outcome, Taken) for outcome in outcomes):
        holds.release(connection, group.tenant_id, group.kind.provider)
    return [
        Result(prepared, outcome, _change(connection, group, prepared, outcome, held_until))
        for prepared, outcome in zip(group.prepared, outcomes, strict=True)
    ]


def _holding(outcomes: Sequence[Outcome]) -> ProviderFailure | None:
    failures = [outcome.failure for outcome in outcomes if isinstance(outcome, Refused)]
    holding = [failure for failure in failures if failure.code in _NOT_AN_ATTEMPT]
    return max(holding, key=lambda failure: failure.retry_after or 0.0, default=None)


def _change(
    connection: Connection, group: Group, prepared: Prepared, outcome: Outcome, held_until: datetime | None
) -> Change:
    kind = group.kind
    match outcome:
        case Taken(delivered=True):
            return Change("delivered", amount=outcome.cost)
        case Taken():
            return Change("accepted", look=kind.polls_after, amount=outcome.cost)
        case Refused(failure):
            return _refused(connection, group, prepared, failure, held_until)
        case Unclear(failure):
            return _unclear(kind, prepared.act.attempt, failure)


def _refused(
    connection: Connection, group: Group, prepared: Prepared, failure: ProviderFailure, held_until: datetime | None
) -> Change:
    attempt = prepared.act.attempt
    if failure.code in _NOT_AN_ATTEMPT:
        return _because(failure, Change("pending", failure.code, held_until=held_until))
    if failure.kind == "permanent":
        return _because(failure, Change("failed", failure.code))
    if attempt >= group.kind.attempts and _counted(connection, group, prepared) >= group.kind.attempts:
        return _because(failure, Change("dead", ATTEMPTS_USED_UP))
    return _because(failure, Change("pending", failure.code, wait=_until_next(attempt, failure)))


def _because(failure: ProviderFailure, change: Change) -> Change:
    return replace(change, status=failure.status, provider_code=failure.provider_code)


def _until_next(attempt: int, failure: ProviderFailure) -> timedelta:
    return retry_wait(attempt, random.random(), asked=failure.retry_after)  # noqa: S311 - spreads retries, no secret


def _counted(connection: Connection, group: Group, prepared: Prepared) -> int:
    """Attempts that count, this one among them."""
    row = connection.execute(
        "SELECT count(*) FROM hub.action_attempts WHERE tenant_id = %s AND action_id = %s"
        " AND (code IS NULL OR NOT code = ANY(%s))",
        (group.tenant_id, prepared.candidate.action_id, sorted(_NOT_AN_ATTEMPT)),
    ).fetchone()
    return int(row[0]) if row else 0


def _unclear(kind: ActionKind, attempt: int, failure: ProviderFailure) -> Change:
    """Nobody knows. Only what is harmless to do twice is due again by itself."""
    match kind.asking:
        case "idempotent" if attempt < kind.attempts:
            return _because(failure, Change("pending", failure.code, wait=_until_next(attempt, failure)))
        case "by_reference":
            return _because(failure, Change("unknown", failure.code, look=look_wait(0)))
        case "by_webhook":
            # Looked at once, when it is a person's turn.
            return _because(failure, Change("unknown", failure.code, look=kind.gives_up_after))
        case _:
            look = kind.expires_after  # what has expired needs nobody's decision
            return _because(failure, Change("unknown", failure.code if look else NEEDS_DECISION, look=look))


def private_part(
    keys: TenantKeys, action_id: str, before: Mapping[str, Any], provider_reference: str | None, more: Mapping[str, Any]
) -> tuple[bytes | None, bytes | None]:
    """The sealed private part with what was learnt, and the mark by which the provider's reference is found."""
    added = dict(more) | ({"provider_reference": provider_reference} if provider_reference is not None else {})
    if not added:
        return None, None
    clear = json.dumps({**before, **added}, ensure_ascii=False, sort_keys=True).encode()
    mark = None if provider_reference is None else reference_mark(keys, provider_reference)
    return keys.seal(PRIVATE, action_id, clear), mark


def reference_mark(keys: TenantKeys, provider_reference: str) -> bytes:
    """Keyed hash of what the provider calls an action: a wamid holds a phone number."""
    return keys.keyed_hash("action-provider-reference", provider_reference.encode())


def _write(connection: Connection, keys: TenantKeys, group: Group, results: Sequence[Result]) -> None:
    rows: list[dict[str, Any]] = []
    for result in results:
        taken = result.outcome if isinstance(result.outcome, Taken) else None
        sealed, mark = (
            private_part(keys, result.prepared.act.action_id, {}, taken.provider_reference, taken.private)
            if taken
            else (None, None)
        )
        rows.append(
            parameters(group.tenant_id, result.prepared.act.action_id, result.change)
            | {
                "private": sealed,
                "mark": mark,
                "facts": json.dumps(dict(taken.facts)) if taken else "{}",
            }
        )
    write(connection, rows)


def write(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write changes, made by `parameters` with `private`, `mark` and `facts` added."""
    with connection.cursor() as cursor:
        cursor.executemany(_WRITE, rows)


def parameters(tenant_id: str, action_id: str, change: Change) -> dict[str, Any]:
    """What `write` needs of a change."""
    return {
        "tenant": tenant_id,
        "action": action_id,
        "state": change.state,
        "reason": change.reason,
        "wait": change.wait or timedelta(0),
        "look": change.look,
        "held_until": change.held_until,
        "amount": change.amount,
        "status": change.status,
        "provider_code": change.provider_code,
        "private": None,
        "mark": None,
        "facts": "{}",
    }


def _news(result: Result) -> News:
    facts: Mapping[str, str | int] = result.outcome.facts if isinstance(result.outcome, Taken) else {}
    change = result.change
    return News(result.prepared.candidate.action_id, change.state, change.reason, facts)


def _attempt(tenant_id: str, result: Result) -> dict[str, Any]:
    outcome = result.outcome
    failure = None if isinstance(outcome, Taken) else outcome.failure
    name = "taken" if isinstance(outcome, Taken) else "refused" if isinstance(outcome, Refused) else "unclear"
    return {
        "tenant": tenant_id,
        "action": result.prepared.act.action_id,
        "attempt": result.prepared.act.attempt,
        "outcome": name,
        "code": failure and failure.code,
        "status": failure and failure.status,
        "provider_code": failure and failure.provider_code,
    }


def _tell_gates(connection: Connection, group: Group, results: Sequence[Result], gates: Gates) -> None:
    refused = [each for each in results if isinstance(each.outcome, Refused)]
    if refused and group.now is not None:
        gates.undone(connection, group.tenant_id, [each.prepared.candidate for each in refused], group.now)
    for each in refused:
        candidate = each.prepared.candidate
        opted_out = isinstance(each.outcome, Refused) and each.outcome.opted_out
        if opted_out and candidate.recipient_kind and candidate.recipient:
            gates.opted_out(connection, group.tenant_id, group.kind, candidate.recipient_kind, candidate.recipient)
