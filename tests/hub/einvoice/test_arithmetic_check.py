from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from hub.einvoice.arithmetic.amounts import decimal_in
from hub.einvoice.arithmetic.check import findings
from hub.einvoice.names import NAMESPACES
from hub.messages import text_of
from tests.hub.einvoice.judges import shared
from tests.hub.einvoice.samples import built, invoice, line

CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
WRONG_THEMSELVES: dict[str, set[str]] = {}
"""Samples of the tax office and of others whose sums are wrong as they stand. None of those we have."""
SUMS = (
    "LineExtensionAmount",
    "TaxExclusiveAmount",
    "TaxInclusiveAmount",
    "AllowanceTotalAmount",
    "ChargeTotalAmount",
    "PayableRoundingAmount",
    "PayableAmount",
    "TaxAmount",
    "TaxableAmount",
    "Amount",
    "PriceAmount",
    "InvoicedQuantity",
    "Percent",
    "MultiplierFactorNumeric",
    "BaseAmount",
    "LineCountNumeric",
)


def found(root: Any) -> set[str]:
    return {one.code for one in findings(root)}


def parsed(*pair: str, **changes: Any) -> Any:
    return etree.fromstring(built(invoice(*pair, **changes)))


def rich() -> Any:
    """An invoice in which every kind of sum occurs."""
    held = {"code": "601", "percent": 40}
    more = {"discounts": [{"percent": "10"}], "surcharges": [{"amount": "3"}], "taxes": [{"code": "0071", "rate": "5"}]}
    return parsed(
        "TEMELFATURA",
        "TEVKIFAT",
        lines=[line(withholding=held, **more), line(vat_rate="10", price="55.55"), line(vat_rate="0", exemption="351")],
        discounts=[{"percent": "5"}],
        surcharges=[{"amount": "7"}],
        rounding="0.03",
    )


def samples() -> list[Path]:
    names = sorted((shared() / "samples").glob("*/*.xml"))
    assert len(names) > 50
    return names


def test_samples_of_the_tax_office_and_of_others_add_up() -> None:
    wrong = {path.name: codes for path in samples() if (codes := found(etree.parse(str(path)).getroot()))}

    assert wrong == WRONG_THEMSELVES


def wrong_amounts(root: Any) -> list[str]:
    """Places whose number can be changed without a finding."""
    unseen: list[str] = []
    tree = root.getroottree()
    for name in SUMS:
        for element in list(root.iter(CBC + name)):
            before = element.text
            value = decimal_in(element)
            if value is None or _says_nothing(element, value):
                continue
            element.text = f"{value + Decimal('10.07'):f}"
            if not found(root):
                unseen.append(tree.getpath(element))
            element.text = before
    return unseen


def _says_nothing(element: Any, value: Decimal) -> bool:
    """What no sum depends on: the rate of a base of zero, and the base of a factor of zero."""
    beside = element.getparent()
    if element.tag == f"{CBC}Percent":
        return value == 0 and decimal_in(beside.find(f"{CBC}TaxableAmount")) == 0
    return element.tag == f"{CBC}BaseAmount" and decimal_in(beside.find(f"{CBC}MultiplierFactorNumeric")) == 0


def test_a_wrong_amount_is_found_wherever_it_stands() -> None:
    assert wrong_amounts(rich()) == []


@pytest.mark.parametrize(
    "name",
    [
        "samples/gib-ubltr-1.2.1/TicariFaturaOrnegi.xml",
        "samples/gib-ubltr-1.2.1/SARJ.xml",
        "samples/gib-ubltr-1.2.1/YTB_Istisna_Efatura.xml",
        "samples/gib-ubltr-1.2.1/HKS-Ornek1.xml",
        "samples/gib-ubltr-1.2.1/IHRACAT.xml",
        "samples/made-here/temelfatura_signed.xml",
        "samples/thirdparty/j2u_kamu-komisyoncu-baseline.xml",
        "samples/thirdparty/j2u_temelfatura-iade-baseline.xml",
    ],
)
def test_a_wrong_amount_in_a_sample_is_found_wherever_it_stands(name: str) -> None:
    assert wrong_amounts(etree.parse(str(shared() / name)).getroot()) == []


def test_a_finding_names_place_and_both_amounts() -> None:
    root = parsed()
    total = root.find(".//cbc:PayableAmount", NAMESPACES)
    total.text = "360.00"

    [finding] = findings(root)

    assert (finding.code, finding.severity) == ("arithmetic_payable", "error")
    assert finding.path == "/inv:Invoice/cac:LegalMonetaryTotal/cbc:PayableAmount"
    assert dict(finding.params) == {"expected": "359.96", "actual": "360.00"}
    assert "359.96" in text_of(finding.code, **finding.params)


def test_a_kurus_is_let_pass_and_two_are_not() -> None:
    root = parsed()
    total = root.find(".//cbc:PayableAmount", NAMESPACES)

    total.text = "359.97"
    assert found(root) == set()
    total.text = "359.98"
    assert found(root) == {"arithmetic_payable"}


def test_lines_are_named_by_their_place() -> None:
    root = parsed(lines=[line(), line()])
    root.findall("cac:InvoiceLine/cbc:LineExtensionAmount", NAMESPACES)[1].text = "1.00"

    assert "/inv:Invoice/cac:InvoiceLine[2]/cbc:LineExtensionAmount" in {one.path for one in findings(root)}


@pytest.mark.parametrize("text", ["", "12,50", "abc", "1e3", "NaN", "1 000"])
def test_what_is_no_number_is_said_so_and_does_not_stop_the_check(text: str) -> None:
    root = parsed()
    root.find(".//cbc:PayableAmount", NAMESPACES).text = text

    assert found(root) == {"arithmetic_not_a_number"}


def test_an_amount_in_another_currency_is_found() -> None:
    root = parsed()
    root.find(".//cbc:PayableAmount", NAMESPACES).set("currencyID", "USD")

    assert found(root) == {"arithmetic_currency"}


def test_a_number_of_lines_that_is_not_theirs_is_found() -> None:
    root = parsed()
    root.find("cbc:LineCountNumeric", NAMESPACES).text = "2"

    assert found(root) == {"arithmetic_line_count"}


def test_makers_may_count_the_discounts_of_lines_among_those_of_the_document() -> None:
    root = parsed(lines=[line(discounts=[{"amount": "99.97"}])])
    root.find("cac:LegalMonetaryTotal/cbc:LineExtensionAmount", NAMESPACES).text = "299.97"
    assert found(root) == {"arithmetic_allowance_total"}

    root.find("cac:LegalMonetaryTotal/cbc:AllowanceTotalAmount", NAMESPACES).text = "99.97"
    assert found(root) == set()


def test_amounts_of_any_length_are_compared() -> None:
    root = parsed()
    root.find(".//cbc:InvoicedQuantity", NAMESPACES).text = "3." + "0" * 20 + "1"
    root.find(".//cbc:PriceAmount", NAMESPACES).text = "99.99" + "0" * 20

    assert found(root) == set()


def test_other_documents_have_no_sums_to_check() -> None:
    assert findings(etree.fromstring("<a/>")) == []
