from __future__ import annotations

import pytest

from connectors.actions import Absent, Found
from connectors.einvoice.contract import Status
from connectors.einvoice.performing import finding

ETTN = "f47ac10b-58cc-4372-a567-0e02b2c3d479"


def state(status: Status, kind: str = "einvoice") -> str:
    found = finding(status, kind=kind, ettn=ETTN)  # type: ignore[arg-type]
    assert isinstance(found, Found)
    return found.state


def test_nothing_known_is_absent() -> None:
    assert finding(None, kind="einvoice", ettn=ETTN) == Absent()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("pending"), "accepted"),
        (Status("delivered"), "delivered"),
        (Status("delivered", answer="waiting"), "accepted"),
        (Status("delivered", answer="rejected"), "delivered"),
        (Status("delivered", answer="implied"), "delivered"),
        (Status("failed", answer="waiting"), "failed"),
    ],
)
def test_an_invoice_is_done_when_nothing_more_can_be_heard_of_it(status: Status, expected: str) -> None:
    assert state(status) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("delivered", reported=False), "accepted"),
        (Status("delivered", reported=True), "delivered"),
        (Status("delivered", reported=None), "delivered"),
        (Status("delivered", reported=False, cancelled=True), "delivered"),
    ],
)
def test_an_earchive_invoice_is_done_when_it_is_reported(status: Status, expected: str) -> None:
    assert state(status, "earchive") == expected


def test_a_failure_is_named_by_gibs_code_before_the_integrators() -> None:
    for status, code in (
        (Status("failed", gib_code=1150, code="ERROR"), "1150"),
        (Status("failed", code="2000"), "2000"),
    ):
        found = finding(status, kind="einvoice", ettn=ETTN)
        assert isinstance(found, Found)
        assert found.code == code
