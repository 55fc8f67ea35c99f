"""Discounts and surcharges of a line or a document, read and checked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from hub.einvoice.arithmetic.amounts import CAC, CBC, Document, children_of, number, text
from hub.einvoice.finding import Finding
from hub.einvoice.xml import Element

_EXPENSE = "HKS"
"""How the reasons begin with which a commission agent's expenses are told from discounts."""


@dataclass(frozen=True)
class Adjustments:
    """Their sums. `expenses` lower what is paid and not what is taxed (HKS)."""

    discounts: Decimal
    surcharges: Decimal
    expenses: Decimal
    wrong: tuple[Finding, ...]


def adjustments_of(document: Document, parent: Element) -> Adjustments:
    """Those that stand directly under a line or under the invoice."""
    discounts = surcharges = expenses = Decimal(0)
    wrong: list[Finding] = []
    for element in parent.findall(f"{CAC}AllowanceCharge"):
        parts = children_of(element)
        amount = number(parts, f"{CBC}Amount")
        if amount is None:
            continue
        if text(parts, f"{CBC}AllowanceChargeReason").startswith(_EXPENSE):
            # Their factor is a percentage of something that the document does not name.
            expenses += amount.value
            continue
        if text(parts, f"{CBC}ChargeIndicator").lower() in {"true", "1"}:
            surcharges += amount.value
        else:
            discounts += amount.value
        factor = number(parts, f"{CBC}MultiplierFactorNumeric")
        base = number(parts, f"{CBC}BaseAmount")
        if factor is not None and factor.value and base is not None:
            # A fraction by the guide; makers who write 10 for 10 % mean the same.
            right = base.value * factor.value
            wrong += document.differs("arithmetic_adjustment", amount, [right, right / 100])
    return Adjustments(discounts, surcharges, expenses, tuple(wrong))
