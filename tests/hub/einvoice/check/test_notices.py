"""What is allowed and likely wrong is told as a warning, and refuses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from hub.einvoice.check.notices import notices
from hub.einvoice.explained import explained
from hub.einvoice.identity import CONSUMER
from hub.einvoice.invoice.reading import read
from hub.einvoice.xml import parse
from hub.i18n import use
from tests.hub.einvoice import samples


def told(values: dict[str, Any], *, day: str | None = None) -> list[tuple[str, str]]:
    document = samples.built(read(values))
    if day is not None:
        document = document.replace(f"<cbc:IssueDate>{values['issue_date']}".encode(), f"<cbc:IssueDate>{day}".encode())
    found = list(notices(parse(document)))
    assert {each.severity for each in found} <= {"warning"}
    return [(each.code, each.params.get("rate", "")) for each in found]


def with_rates(*rates: str, **more: Any) -> dict[str, Any]:
    return samples.values() | {"lines": [samples.line() | {"vat_rate": rate} for rate in rates]} | more


@pytest.mark.parametrize(
    ("rates", "day", "expected"),
    [
        (["1", "10", "20"], None, []),
        (["19", "20", "19"], None, ["19"]),
        (["18"], None, ["18"]),
        (["8", "18"], "2023-07-09", []),
        (["20"], "2023-07-09", ["20"]),
        (["18"], "2023-07-10", ["18"]),
    ],
)
def test_a_rate_of_vat_that_is_not_in_force_is_told_once(
    rates: list[str], day: str | None, expected: list[str]
) -> None:
    assert told(with_rates(*rates), day=day) == [("einvoice_vat_rate", rate) for rate in expected]


def test_what_is_given_back_keeps_the_rate_at_which_it_was_sold() -> None:
    returned = samples.values("TEMELFATURA", "IADE")
    for line in returned["lines"]:
        line["vat_rate"] = "18"
    assert told(returned) == []


def test_an_invoice_to_oneself_is_told_and_one_to_a_consumer_is_not() -> None:
    own = samples.supplier()
    assert told(samples.values() | {"customer": own}) == [("einvoice_same_party", "")]
    consumer = samples.values("EARSIVFATURA", "SATIS")
    consumer["customer"] = samples.person() | {"identity": CONSUMER}
    assert told(consumer) == []


def test_both_are_said_in_both_languages() -> None:
    document = samples.built(read(with_rates("19") | {"customer": samples.supplier()}))
    said = {}
    try:
        for language in ("en", "tr"):
            use(language)
            said[language] = " ".join(explained(each) for each in notices(parse(document)))
    finally:
        use("en")
    assert "19 % is no rate of VAT" in said["en"]
    assert "%19, düzenleme gününde" in said["tr"]
    assert "kendisine fatura kesmez" in said["tr"]
