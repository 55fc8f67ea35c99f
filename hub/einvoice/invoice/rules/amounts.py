"""Sums that no document may carry: negative ones, ones too long, and VAT of zero that nobody explains."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.einvoice.codes import exemptions
from hub.einvoice.codes.taxes import VAT
from hub.einvoice.invoice.pairs import RETURNS, ZERO_VAT_WITHOUT_REASON, is_incentive
from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.arithmetic.totals import Sums
    from hub.einvoice.invoice.invoice import Invoice

LIMIT = Decimal(10) ** 15
"""The rules take fifteen digits before the point."""


def problems(invoice: Invoice, made: Sums) -> Iterator[Problem]:
    """What the sums of an invoice show, whose fields are right."""
    for index, line in enumerate(made.lines):
        if line.net < 0:
            yield Problem(f"lines[{index}].discounts", "einvoice_discount_too_large")
    if (invoice.discounts or invoice.surcharges) and any(line.special_base is not None for line in invoice.lines):
        yield Problem("discounts" if invoice.discounts else "surcharges", "einvoice_special_base_document_change")
    if made.tax_exclusive < 0 or sum(made.discounts) > made.line_extension:
        yield Problem("discounts", "einvoice_discount_too_large")
    if made.payable < 0:
        yield Problem("expenses" if invoice.expenses else "rounding", "einvoice_payable_negative")
    if max(made.line_extension, made.tax_inclusive, made.discount_total, made.surcharge_total) >= LIMIT:
        yield Problem("lines", "field_too_large", {"limit": f"{LIMIT - 1}"})
    yield from _zero_vat(invoice, made)


def _zero_vat(invoice: Invoice, made: Sums) -> Iterator[Problem]:
    """VAT that comes to zero, be it by its rate or by rounding, needs a reason on most types, and is no VAT on some."""
    zero = {tax.kind for tax in made.taxes if tax.kind.code == VAT and not tax.amount}
    fixtures = any(line.exemption == exemptions.FIXTURES for line in invoice.lines)
    for index, line in enumerate(made.lines):
        vat = line.taxes[-1]
        if vat.kind in zero and vat.kind.exemption is None and invoice.type not in ZERO_VAT_WITHOUT_REASON:
            yield Problem(f"lines[{index}].exemption", "einvoice_zero_vat_without_reason")
        if not vat.amount and fixtures:
            yield Problem(f"lines[{index}].vat_rate", "einvoice_fixtures_zero_vat")
        if not vat.amount and _wants_vat(invoice, index):
            yield Problem(f"lines[{index}].vat_rate", "einvoice_incentive_without_vat")


def _wants_vat(invoice: Invoice, index: int) -> bool:
    if not is_incentive(invoice.profile, invoice.type):
        return False
    return invoice.type not in RETURNS or invoice.lines[index].spending in {"03", "04"}
