"""How many actions a tenant's plan lets go a day, asked again at the moment of sending.

They were counted when they were asked for, but what waits for a day, a night or a consent goes on another day than it
was asked for on. What does not fit today goes tomorrow; nothing is dropped for it, except what is too late by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.istanbul import day_of, start_of
from hub.control import usage
from hub.outbox.gate import Go, Later

if TYPE_CHECKING:
    from uuid import UUID

    from connectors.actions import ActionKind
    from hub.db.database import Connection
    from hub.outbox.gate import Candidate, Verdict

CODE = "plan_actions_today"


class PlanGate:
    """See `hub.outbox.gate.Gate`. It stands before what counts money: one that a cap stops has had its place."""

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """`Later`, when the day is over, for those beyond the plan; the rest counts from here on, each once."""
        asked = [each.action_id for each in candidates]
        counted = _counted(connection, tenant_id, asked)
        new = [action_id for action_id in asked if action_id not in counted]
        if not new:
            return [Go()] * len(candidates)
        fit = usage.use_what_fits(connection, tenant_id, "actions_sent", len(new))
        connection.execute(
            "UPDATE hub.actions SET counted_on = (now() AT TIME ZONE 'Europe/Istanbul')::date"
            " WHERE tenant_id = %s AND action_id = ANY(%s)",
            (tenant_id, new[:fit]),
        )
        late = set(new[fit:])
        tomorrow = start_of(day_of(now) + timedelta(days=1))
        return [Later(tomorrow, CODE) if each.action_id in late else Go() for each in candidates]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Give back what was counted for them today; an earlier day's count is over."""
        del day
        row = connection.execute(
            "WITH undone AS (UPDATE hub.actions a SET counted_on = NULL FROM (SELECT b.action_id, b.counted_on"
            " FROM hub.actions b WHERE b.tenant_id = %(tenant)s AND b.action_id = ANY(%(actions)s)"
            " AND b.counted_on IS NOT NULL FOR UPDATE) AS o WHERE a.tenant_id = %(tenant)s"
            " AND a.action_id = o.action_id RETURNING o.counted_on)"
            " SELECT count(*) FROM undone WHERE counted_on = (now() AT TIME ZONE 'Europe/Istanbul')::date",
            {"tenant": tenant_id, "actions": [each.action_id for each in candidates]},
        ).fetchone()
        usage.give_back(connection, tenant_id, "actions_sent", row[0] if row else 0)

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """Has nothing to do with numbers."""


def _counted(connection: Connection, tenant_id: str, action_ids: Sequence[UUID]) -> set[UUID]:
    rows = connection.execute(
        "SELECT action_id FROM hub.actions WHERE tenant_id = %s AND action_id = ANY(%s) AND counted_on IS NOT NULL",
        (tenant_id, list(action_ids)),
    ).fetchall()
    return {row[0] for row in rows}
