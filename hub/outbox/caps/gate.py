"""The rule about money: what costs is counted before it is sent, and not sent where a cap leaves no room for it.

An action is counted once, on the day of its first attempt: `hub.actions.spent_on` says so, in the transaction in which
the attempt is put on record. An attempt of which nobody knows stays counted, since it may have cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from connectors.actions import Cost
from connectors.istanbul import day_of
from hub.outbox.caps.spending import release, reserve_many
from hub.outbox.gate import Go, Stop

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.outbox.gate import Candidate, Verdict


class CapGate:
    """See `hub.outbox.gate.Gate`."""

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """`Stop` with a cap's code for what would pass it; everything else counts from here on."""
        costing = [each for each in candidates if each.kind.costs]
        if not costing:
            return [Go()] * len(candidates)
        counted = _days(connection, tenant_id, costing)
        new = [each for each in costing if each.action_id not in counted]
        stopped: dict[UUID, Verdict] = {}
        for provider, run in groupby(new, key=lambda each: each.kind.provider):
            asked = list(run)
            fit = reserve_many(connection, tenant_id, provider, day_of(now), [_cost(each) for each in asked])
            if fit.refusal is not None:
                stopped |= dict.fromkeys((each.action_id for each in asked[fit.count :]), Stop(fit.refusal))
        going = [each.action_id for each in new if each.action_id not in stopped]
        _mark(connection, tenant_id, going, day_of(now))
        return [stopped.get(each.action_id, Go()) for each in candidates]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Give back what was counted for them, on the day on which it was."""
        del day
        costing = [each for each in candidates if each.kind.costs]
        counted = _days(connection, tenant_id, costing) if costing else {}
        for each in costing:
            if each.action_id in counted:
                release(connection, tenant_id, each.kind.provider, counted[each.action_id], _cost(each))
        _mark(connection, tenant_id, list(counted), None)

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """Has nothing to do with money."""


def _cost(candidate: Candidate) -> Cost:
    return Cost(candidate.units, candidate.amount, candidate.currency)


def _days(connection: Connection, tenant_id: str, candidates: Sequence[Candidate]) -> dict[UUID, date]:
    """The day on which each was counted, for those that were."""
    rows = connection.execute(
        "SELECT action_id, spent_on FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s)"
        " AND spent_on IS NOT NULL",
        (tenant_id, [each.action_id for each in candidates]),
    ).fetchall()
    return dict(rows)


def _mark(connection: Connection, tenant_id: str, action_ids: Sequence[UUID], day: date | None) -> None:
    if action_ids:
        connection.execute(
            "UPDATE hub.actions SET spent_on = %s WHERE tenant_id = %s AND action_id = ANY(%s)",
            (day, tenant_id, list(action_ids)),
        )
