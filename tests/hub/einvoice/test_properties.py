"""What our validation lets pass, the tax office takes; and whatever the lines, the sums agree to the kuruş."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from lxml import etree

from hub.einvoice.arithmetic.check import findings
from hub.einvoice.invoice.invoice import Invoice
from hub.einvoice.invoice.reading import read
from hub.einvoice.names import NAMESPACES
from hub.validation import InvalidInput
from tests.hub.einvoice.judges import package, second_run
from tests.hub.einvoice.samples import built
from tests.hub.einvoice.strategies import invoices, tampered

ordinary = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
large = settings(max_examples=2_000, deadline=None, suppress_health_check=list(HealthCheck))


def accepted(found: dict[str, Any]) -> Invoice:
    try:
        return read(found)
    except InvalidInput:
        assume(False)
        raise


def agrees_to_the_kurus(root: Any) -> None:
    """Every identity between the document's own amounts, without any tolerance."""

    def amount(path: str, place: Any = root) -> Decimal:
        text = place.findtext(path, "0", NAMESPACES)
        return Decimal(text)

    def each(path: str, place: Any = root) -> Decimal:
        return sum((Decimal(one.text) for one in place.iterfind(path, NAMESPACES)), Decimal(0))

    total = root.find("cac:LegalMonetaryTotal", NAMESPACES)
    changes = [Decimal(0), Decimal(0)]
    expenses = Decimal(0)
    for one in root.iterfind("cac:AllowanceCharge", NAMESPACES):
        if one.findtext("cbc:AllowanceChargeReason", "", NAMESPACES).startswith("HKS"):
            expenses += amount("cbc:Amount", one)
        else:
            changes[one.findtext("cbc:ChargeIndicator", "", NAMESPACES) == "true"] += amount("cbc:Amount", one)
    assert amount("cbc:LineExtensionAmount", total) == each("cac:InvoiceLine/cbc:LineExtensionAmount")
    assert amount("cbc:AllowanceTotalAmount", total) == changes[0]
    assert amount("cbc:ChargeTotalAmount", total) == changes[1] + expenses
    exclusive = amount("cbc:TaxExclusiveAmount", total)
    assert exclusive == amount("cbc:LineExtensionAmount", total) - changes[0] + changes[1]
    withheld = each("cac:WithholdingTaxTotal/cbc:TaxAmount")
    payable = amount("cbc:TaxInclusiveAmount", total) - withheld - expenses
    assert amount("cbc:PayableAmount", total) == payable + amount("cbc:PayableRoundingAmount", total)
    for path in ("TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", "TaxTotal/cac:TaxSubtotal/cbc:TaxableAmount"):
        assert each(f"cac:{path}") == each(f"cac:InvoiceLine/cac:{path}")
        assert each(f"cac:Withholding{path}") == each(f"cac:InvoiceLine/cac:Withholding{path}")
    for tax in root.iterfind("cac:TaxTotal/cac:TaxSubtotal", NAMESPACES):
        percent = tax.findtext("cbc:Percent", None, NAMESPACES)
        if percent is not None:
            exact = amount("cbc:TaxableAmount", tax) * Decimal(percent) / 100
            assert amount("cbc:TaxAmount", tax) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def judged(invoice: Invoice) -> None:
    draft = built(invoice)
    root = etree.fromstring(draft)
    assert findings(root) == []
    agrees_to_the_kurus(root)
    assert package().errors(draft) == []
    assert second_run().errors(draft) == []


@ordinary
@given(invoices())
def test_invoices_of_any_lines_are_valid_and_their_sums_agree(found: dict[str, Any]) -> None:
    judged(accepted(found))


@ordinary
@given(tampered())
def test_what_passes_our_validation_is_taken(found: dict[str, Any]) -> None:
    judged(accepted(found))


@pytest.mark.prove
@large
@given(invoices())
def test_thousands_of_invoices_are_valid_and_their_sums_agree(found: dict[str, Any]) -> None:
    judged(accepted(found))


@pytest.mark.prove
@large
@given(tampered())
def test_thousands_that_pass_our_validation_are_taken(found: dict[str, Any]) -> None:
    judged(accepted(found))
