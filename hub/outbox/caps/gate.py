"""The rule about money: what costs is counted before it is sent, and not sent where a cap leaves no room for it.

An action is counted once, on the day of its first attempt: `hub.actions.spent_on` says so, in the transaction in which
the attempt is put on record, and `spent_amount` how much. An attempt of which nobody knows stays counted, since it may
have cost; one that a person has tried again is counted anew. Where the provider says what it really cost, that takes
the estimate's place.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.actions import Cost
from connectors.istanbul import day_of
from hub.outbox.caps.spending import correct, release, reserve_many
from hub.outbox.gate import Go, Stop

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal
    from uuid import UUID

    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.outbox.gate import Candidate, News, Verdict


class CapGate:
    """See `hub.outbox.gate.Gate`."""

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """`Stop` with a cap's code for what would pass it; everything else counts from here on."""
        costing = [each for each in candidates if each.kind.costs]
        if not costing:
            return [Go()] * len(candidates)
        counted = _counted(connection, tenant_id, costing)
        new = [each for each in costing if each.action_id not in counted]
        stopped: dict[UUID, Verdict] = {}
        for provider, run in groupby(new, key=lambda each: each.kind.provider):
            asked = list(run)
            fit = reserve_many(connection, tenant_id, provider, day_of(now), [_cost(each) for each in asked])
            if fit.refusal is not None:
                stopped |= dict.fromkeys((each.action_id for each in asked[fit.count :]), Stop(fit.refusal))
        connection.execute(
            "UPDATE hub.actions SET spent_on = %s, spent_amount = amount WHERE tenant_id = %s AND action_id = ANY(%s)",
            (day_of(now), tenant_id, [each.action_id for each in new if each.action_id not in stopped]),
        )
        return [stopped.get(each.action_id, Go()) for each in candidates]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Give back what was counted for them, on the day on which it was."""
        del day
        costing = [each for each in candidates if each.kind.costs]
        counted = _counted(connection, tenant_id, costing) if costing else {}
        for each in sorted(costing, key=lambda each: each.currency):  # as `reserve_many` locks them
            if each.action_id in counted:
                spent_on, amount = counted[each.action_id]
                cost = Cost(each.units, amount, each.currency)
                release(connection, tenant_id, each.kind.provider, spent_on, cost)
        if counted:
            connection.execute(
                "UPDATE hub.actions SET spent_on = NULL, spent_amount = NULL"
                " WHERE tenant_id = %s AND action_id = ANY(%s)",
                (tenant_id, list(counted)),
            )

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """Has nothing to do with money."""


def _cost(candidate: Candidate) -> Cost:
    return Cost(candidate.units, candidate.amount, candidate.currency)


def _counted(
    connection: Connection, tenant_id: str, candidates: Sequence[Candidate]
) -> dict[UUID, tuple[date, Decimal]]:
    """Day and amount under which each was counted, for those that were."""
    rows = connection.execute(
        "SELECT action_id, spent_on, spent_amount FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"
        " AND spent_on IS NOT NULL",
        (tenant_id, [each.action_id for each in candidates]),
    ).fetchall()
    return {row[0]: (row[1], row[2]) for row in rows}


_REAL = """
UPDATE hub.actions AS a SET spent_amount = a.amount
FROM (SELECT b.action_id, b.spent_amount FROM hub.actions AS b
      WHERE b.tenant_id = %(tenant)s AND b.action_id = ANY(%(actions)s) AND b.amount <> b.spent_amount FOR UPDATE) AS o
WHERE a.tenant_id = %(tenant)s AND a.action_id = o.action_id
RETURNING a.provider, a.spent_on, a.currency, o.spent_amount, a.amount
"""


class RealCosts:
    """See `hub.outbox.gate.Follower`: corrects what was counted once a provider says what it cost."""

    def follow(self, connection: Connection, tenant_id: str, kind: ActionKind, news: Sequence[News]) -> None:
        """`hub.actions.amount` holds the real cost by now, where there is one."""
        if not kind.costs:
            return
        given = {"tenant": tenant_id, "actions": [each.action_id for each in news]}
        for provider, day, currency, estimated, real in sorted(connection.execute(_REAL, given).fetchall()):
            estimate = Cost(amount=estimated, currency=currency)
            correct(connection, tenant_id, provider, day, estimate=estimate, real=real)
