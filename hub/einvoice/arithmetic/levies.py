"""Taxes and withheld VAT of a line or a document, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from hub.einvoice import names
from hub.einvoice.arithmetic.amounts import Document, Read
from hub.einvoice.finding import Finding
from hub.einvoice.xml import Element

CAC, CBC = f"{{{names.CAC}}}", f"{{{names.CBC}}}"
_CODE = f"{CAC}TaxCategory/{CAC}TaxScheme/{CBC}TaxTypeCode"
_EXEMPTION = f"{CAC}TaxCategory/{CBC}TaxExemptionReasonCode"
_VAT = "0015"
_NOT_CHARGED = Decimal(-1)
_SPECIAL_BASES = frozenset(str(code) for code in range(801, 813))


@dataclass(frozen=True)
class Levies:
    """Their sums. `charged`: taxes that count; `special_base`: those of them that prices may hold already.

    `bases`: the taxable amounts by tax code, summed, at the first one's element; `unbased`: codes of which one subtotal
    names no base.
    """

    charged: Decimal
    special_base: Decimal
    withheld: Decimal
    bases: dict[str, Read]
    unbased: frozenset[str]
    wrong: tuple[Finding, ...]


@dataclass
class _Sums:
    charged: Decimal = Decimal(0)
    special: Decimal = Decimal(0)
    vat: Decimal = Decimal(0)


def levies_of(document: Document, parent: Element) -> Levies:
    """The TaxTotal and WithholdingTaxTotal directly under a line or under the invoice."""
    wrong: list[Finding] = []
    bases: dict[str, Read] = {}
    unbased: set[str] = set()
    sums = _Sums()
    totals: list[tuple[Element, _Sums]] = []
    for element in parent.findall(f"{CAC}TaxTotal"):
        own = _Sums()
        for subtotal in element.findall(f"{CAC}TaxSubtotal"):
            wrong += _subtotal(document, subtotal, own)
            _gather(document, subtotal, bases, unbased)
        totals.append((element, own))
        sums = _Sums(sums.charged + own.charged, sums.special + own.special, sums.vat + own.vat)
    withheld = Decimal(0)
    for element in parent.findall(f"{CAC}WithholdingTaxTotal"):
        amount, found = _withheld(document, element, sums.vat)
        withheld += amount
        wrong += found
    for element, own in totals:
        total = document.number(element, f"{CBC}TaxAmount")
        accepted = [own.charged, own.charged - withheld, own.charged - own.special]
        wrong += document.differs("arithmetic_tax_total", total, accepted)
    return Levies(sums.charged, sums.special, withheld, bases, frozenset(unbased), tuple(wrong))


def _subtotal(document: Document, element: Element, sums: _Sums) -> Iterator[Finding]:
    amount = document.number(element, f"{CBC}TaxAmount")
    if amount is None:
        return
    sequence = document.number(element, f"{CBC}CalculationSequenceNumeric")
    if sequence is None or sequence.value != _NOT_CHARGED:
        sums.charged += amount.value
        if (element.findtext(_EXEMPTION) or "").strip() in _SPECIAL_BASES:
            sums.special += amount.value
    if (element.findtext(_CODE) or "").strip() == _VAT:
        sums.vat += amount.value
    base = document.number(element, f"{CBC}TaxableAmount")
    percent = document.number(element, f"{CBC}Percent")
    if base is not None and percent is not None:
        yield from document.differs("arithmetic_tax", amount, [base.value * percent.value / 100])


def _gather(document: Document, element: Element, bases: dict[str, Read], unbased: set[str]) -> None:
    code = (element.findtext(_CODE) or "").strip()
    base = document.number(element, f"{CBC}TaxableAmount")
    if base is None:
        unbased.add(code)
        return
    before = bases.get(code)
    bases[code] = base if before is None else Read(before.element, before.value + base.value)


def _withheld(document: Document, element: Element, vat: Decimal) -> tuple[Decimal, list[Finding]]:
    """What is withheld. GİB's samples name the VAT as its base, or no base; others name the base of the VAT."""
    wrong: list[Finding] = []
    summed = Decimal(0)
    subtotals = element.findall(f"{CAC}TaxSubtotal")
    for subtotal in subtotals:
        amount = document.number(subtotal, f"{CBC}TaxAmount")
        if amount is None:
            continue
        summed += amount.value
        base = document.number(subtotal, f"{CBC}TaxableAmount")
        percent = document.number(subtotal, f"{CBC}Percent")
        if percent is not None and (base is not None or len(subtotals) == 1):
            of = [base.value] if base is not None else []
            of += [vat] if len(subtotals) == 1 else []
            wrong += document.differs("arithmetic_withholding", amount, [each * percent.value / 100 for each in of])
    total = document.number(element, f"{CBC}TaxAmount")
    wrong += document.differs("arithmetic_withholding_total", total, [summed])
    return summed, wrong
