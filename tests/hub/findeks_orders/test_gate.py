"""An order about a person needs a basis at the moment of ordering, also when nothing tells any more who they are."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from connectors.findeks.actions import REPORT
from hub.db.database import Database
from hub.findeks_orders.gate import BasisGate
from hub.outbox.gate import Candidate, Go, Stop
from tests.conftest import MakeTenant


def order(kind: str | None) -> Candidate:
    """An order without a pseudonym."""
    return Candidate(uuid4(), REPORT, kind, None, False, None, None, 1, Decimal(0), "TRY")


def test_an_order_about_somebody_who_was_erased_rests_on_nothing(database: Database, make_tenant: MakeTenant) -> None:
    connection: Any = None
    company, person = order(None), order("tckn")
    found = BasisGate(database).judge(connection, make_tenant(), [company, person], datetime.now(UTC))
    assert found == [Go(), Stop("basis_missing")]
