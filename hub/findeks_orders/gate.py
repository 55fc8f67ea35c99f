"""The legal basis is asked for again at the moment of ordering: a consent may have been withdrawn in the queue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.findeks.actions import REPORT
from connectors.findeks.streams.reports import PURPOSE
from hub.control.standing import standing
from hub.findeks_orders.basis import CATEGORIES
from hub.outbox.gate import Go, Stop

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.actions import ActionKind
    from hub.db.database import Connection, Database
    from hub.outbox.gate import Candidate, Verdict


class BasisGate:
    """See `hub.outbox.gate.Gate`. An order without a person (hub/findeks_orders/order.py) is about a company."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """`Stop` with basis_missing or basis_inactive for a report that rests on nothing any more."""
        del connection
        people = {each.recipient for each in candidates if each.kind.name == REPORT.name and each.recipient}
        stands = standing(self._database, tenant_id, people, purpose=PURPOSE, categories=CATEGORIES, at=now)
        return [
            Go()
            if each.recipient not in people or each.recipient in stands.active
            else Stop("basis_inactive" if each.recipient in stands.inactive else "basis_missing")
            for each in candidates
        ]

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Counts nothing."""

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """Reports are no messages."""
