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
from hub.outbox.changes import Change, parameters, private_part, write
from hub.outbox.gate import News
from hub.outbox.prepare import open_private
from hub.outbox.vocabulary import ACCOUNT_FAULTS, ATTEMPTS_USED_UP, DELIVERY_FAILED, NEEDS_DECISION

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from connectors.failure import ProviderFailure
    from hub.db.database import Connection
    from hub.keys.keyring import TenantKeys
    from hub.outbox.gate import Gates
    from hub.outbox.prepare import Group, Prepared

NOT_AN_ATTEMPT = frozenset({"rate_limited", *ACCOUNT_FAULTS})
"""Refusals that say nothing about the action, and so do not use up its attempts."""


@dataclass(frozen=True)
class Result:
    """An outcome with the private part that it adds."""

    prepared: Prepared
    outcome: Outcome
    change: Change


_CURRENT = """
SELECT action_id, state, attempts, lease, reason, private_cipher FROM hub.actions
WHERE tenant_id = %(tenant)s AND action_id = ANY(%(actions)s) ORDER BY action_id FOR UPDATE
"""

_CLOSE = """
UPDATE hub.action_attempts SET finished_at = clock_timestamp(), outcome = %(outcome)s, code = %(code)s,
    status = %(status)s, provider_code = %(provider_code)s
WHERE tenant_id = %(tenant)s AND action_id = %(action)s AND attempt = %(attempt)s
    AND (finished_at IS NULL OR outcome = 'lost')
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
    private: dict[str, Mapping[str, Any]] = {}
    for result in results:
        action_id = UUID(result.prepared.act.action_id)
        state, attempts, lease, reason, cipher = standing.get(action_id, (None, 0, None, None, None))
        latest = attempts == result.prepared.act.attempt
        ours = lease == group.lease and state == "leased"
        left_open = state == "unknown" and latest
        # Its event was faster than its answer: what became of it afterwards is known already.
        failed_since = state == "failed" and reason == DELIVERY_FAILED and latest
        # That it was taken is news whatever anybody thought meanwhile, and keeps it from being done again.
        news = isinstance(result.outcome, Taken) and state not in {None, "delivered"} and not failed_since
        if ours or left_open or news:
            written.append(result)
            private[result.prepared.act.action_id] = open_private(keys, action_id, cipher)
        else:
            counts["known already"] += 1
    _write(connection, keys, group, written, private)
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
        holds.over(connection, group.tenant_id, group.kind.provider)
    return [
        Result(prepared, outcome, _change(connection, group, prepared, outcome, held_until))
        for prepared, outcome in zip(group.prepared, outcomes, strict=True)
    ]


def _holding(outcomes: Sequence[Outcome]) -> ProviderFailure | None:
    failures = [outcome.failure for outcome in outcomes if isinstance(outcome, Refused)]
    holding = [failure for failure in failures if failure.code in NOT_AN_ATTEMPT]
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
    if failure.code in NOT_AN_ATTEMPT:
        return _because(failure, Change("pending", failure.code, held_until=held_until))
    if failure.kind == "permanent":
        return _because(failure, Change("failed", failure.code))
    # Attempts go on counting when a person has it tried again, and the kind's limit starts anew behind them.
    if attempt >= group.kind.attempts and _counted(connection, group, prepared) % group.kind.attempts == 0:
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
        (group.tenant_id, prepared.candidate.action_id, sorted(NOT_AN_ATTEMPT)),
    ).fetchone()
    return int(row[0]) if row else 0


def _unclear(kind: ActionKind, attempt: int, failure: ProviderFailure) -> Change:
    """Nobody knows. Only what is harmless to do twice is due again by itself."""
    match kind.asking:
        case "idempotent" if attempt % kind.attempts != 0:
            return _because(failure, Change("pending", failure.code, wait=_until_next(attempt, failure)))
        case "by_reference":
            return _because(failure, Change("unknown", failure.code, look=look_wait(0)))
        case "by_webhook":
            # Looked at once, when it is a person's turn.
            return _because(failure, Change("unknown", failure.code, look=kind.gives_up_after))
        case _:
            look = kind.expires_after  # what has expired needs nobody's decision
            return _because(failure, Change("unknown", failure.code if look else NEEDS_DECISION, look=look))


def _write(
    connection: Connection,
    keys: TenantKeys,
    group: Group,
    results: Sequence[Result],
    private: Mapping[str, Mapping[str, Any]],
) -> None:
    rows: list[dict[str, Any]] = []
    for result in results:
        taken = result.outcome if isinstance(result.outcome, Taken) else None
        named = result.prepared.act.action_id
        sealed, mark = (
            private_part(keys, named, private[named], taken.provider_reference, taken.private)
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
