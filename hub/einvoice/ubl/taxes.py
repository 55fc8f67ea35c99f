"""Discounts, surcharges, taxes and withheld VAT, of a line and of the document alike."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.einvoice.arithmetic.money import HUNDRED
from hub.einvoice.codes.withholding import name_of
from hub.einvoice.ubl.xml import amount, group, leaf, plain
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.arithmetic.totals import Subtotal, Withheld
    from hub.einvoice.invoice.invoice import Expense
    from hub.einvoice.invoice.line import Adjustment

_NOT_CHARGED = "-1"
"""CalculationSequenceNumeric of a tax that is shown and does not count (GİB's incentive samples)."""


def add_adjustments(
    parent: Element,
    adjustments: Sequence[Adjustment],
    amounts: Sequence[Decimal],
    whole: Decimal,
    currency: str,
    *,
    surcharge: bool,
) -> None:
    """AllowanceCharge elements. `whole` is what a percentage is taken of."""
    for one, value in zip(adjustments, amounts, strict=True):
        element = group(parent, "AllowanceCharge")
        leaf(element, "ChargeIndicator", "true" if surcharge else "false")
        leaf(element, "AllowanceChargeReason", one.reason)
        if one.percent is not None:
            leaf(element, "MultiplierFactorNumeric", plain(one.percent / HUNDRED))
        amount(element, "Amount", value, currency)
        if one.percent is not None:
            amount(element, "BaseAmount", whole, currency)


def add_expenses(parent: Element, expenses: Sequence[Expense], currency: str) -> None:
    """What a commission agent keeps: written like discounts, told apart by their reason (GİB's HKS sample)."""
    for one in expenses:
        element = group(parent, "AllowanceCharge")
        leaf(element, "ChargeIndicator", "false")
        leaf(element, "AllowanceChargeReason", one.kind)
        leaf(element, "MultiplierFactorNumeric", plain(one.percent) if one.percent is not None else None)
        amount(element, "Amount", one.amount, currency)


def add_tax_total(parent: Element, total: Decimal, taxes: Sequence[Subtotal], currency: str) -> None:
    """TaxTotal with one TaxSubtotal a kind."""
    element = group(parent, "TaxTotal")
    amount(element, "TaxAmount", total, currency)
    for tax in taxes:
        kind = tax.kind
        subtotal = group(element, "TaxSubtotal")
        amount(subtotal, "TaxableAmount", tax.base, currency)
        amount(subtotal, "TaxAmount", tax.amount, currency)
        leaf(subtotal, "CalculationSequenceNumeric", None if kind.charged else _NOT_CHARGED)
        leaf(subtotal, "Percent", plain(kind.rate) if kind.rate is not None else None)
        category = group(subtotal, "TaxCategory")
        leaf(category, "TaxExemptionReasonCode", kind.exemption)
        leaf(category, "TaxExemptionReason", kind.reason)
        scheme = group(category, "TaxScheme")
        leaf(scheme, "Name", kind.name)
        leaf(scheme, "TaxTypeCode", kind.code)


def add_withholding(parent: Element, withheld: Sequence[Withheld], total: Decimal, currency: str) -> None:
    """WithholdingTaxTotal; nothing when nothing is withheld."""
    if not withheld:
        return
    element = group(parent, "WithholdingTaxTotal")
    amount(element, "TaxAmount", total, currency)
    for one in withheld:
        subtotal = group(element, "TaxSubtotal")
        amount(subtotal, "TaxableAmount", one.base, currency)
        amount(subtotal, "TaxAmount", one.amount, currency)
        leaf(subtotal, "Percent", str(one.percent))
        scheme = group(group(subtotal, "TaxCategory"), "TaxScheme")
        leaf(scheme, "Name", name_of(one.code))
        leaf(scheme, "TaxTypeCode", one.code)
