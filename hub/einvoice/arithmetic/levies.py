"""Taxes and withheld VAT of a line or a document, read and checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from hub.einvoice.arithmetic.amounts import CAC, CBC, Children, Document, Read, children_of, number
from hub.einvoice.finding import Finding
from hub.einvoice.xml import Element

_CODE = f"{CAC}TaxCategory/{CAC}TaxScheme/{CBC}TaxTypeCode"
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
    vat_rates: frozenset[Decimal] = frozenset()


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
            parts = children_of(subtotal)
            code = (subtotal.findtext(_CODE) or "").strip()
            wrong += _subtotal(document, parts, code, own)
            _gather(parts, code, bases, unbased)
        totals.append((element, own))
        sums = _Sums(
            sums.charged + own.charged,
            sums.special + own.special,
            sums.vat + own.vat,
            sums.vat_rates | own.vat_rates,
        )
    withheld = Decimal(0)
    for element in parent.findall(f"{CAC}WithholdingTaxTotal"):
        amount, found = _withheld(document, element, sums)
        withheld += amount
        wrong += found
    for element, own in totals:
        total = number(children_of(element), f"{CBC}TaxAmount")
        accepted = [own.charged, own.charged - withheld, own.charged - own.special]
        wrong += document.differs("arithmetic_tax_total", total, accepted)
    return Levies(sums.charged, sums.special, withheld, bases, frozenset(unbased), tuple(wrong))


def _subtotal(document: Document, parts: Children, code: str, sums: _Sums) -> Iterator[Finding]:
    amount = number(parts, f"{CBC}TaxAmount")
    base = number(parts, f"{CBC}TaxableAmount")
    percent = number(parts, f"{CBC}Percent")
    if amount is None:
        return
    sequence = number(parts, f"{CBC}CalculationSequenceNumeric")
    if sequence is None or sequence.value != _NOT_CHARGED:
        sums.charged += amount.value
        if _exemption(parts) in _SPECIAL_BASES:
            sums.special += amount.value
    if code == _VAT:
        sums.vat += amount.value
        sums.vat_rates |= {percent.value} if percent is not None else frozenset()
    if base is not None and percent is not None:
        yield from document.differs("arithmetic_tax", amount, [base.value * percent.value / 100])


def _exemption(parts: Children) -> str:
    category = parts.get(f"{CAC}TaxCategory")
    return "" if category is None else (category.findtext(f"{CBC}TaxExemptionReasonCode") or "").strip()


def _gather(parts: Children, code: str, bases: dict[str, Read], unbased: set[str]) -> None:
    base = number(parts, f"{CBC}TaxableAmount")
    if base is None:
        unbased.add(code)
        return
    before = bases.get(code)
    bases[code] = base if before is None else Read(before.element, before.value + base.value)


def _withheld(document: Document, element: Element, taxes: _Sums) -> tuple[Decimal, list[Finding]]:
    """What is withheld. GİB's samples name the VAT as its base, or no base; others name the base of the VAT."""
    wrong: list[Finding] = []
    summed = Decimal(0)
    subtotals = element.findall(f"{CAC}TaxSubtotal")
    for subtotal in subtotals:
        parts = children_of(subtotal)
        amount = number(parts, f"{CBC}TaxAmount")
        if amount is None:
            continue
        summed += amount.value
        base = number(parts, f"{CBC}TaxableAmount")
        percent = number(parts, f"{CBC}Percent")
        if percent is None:
            continue
        if base is not None:
            vat = [base.value, *(base.value * rate / 100 for rate in sorted(taxes.vat_rates))]
        else:
            vat = [taxes.vat] if len(subtotals) == 1 else []
        wrong += document.differs("arithmetic_withholding", amount, [each * percent.value / 100 for each in vat])
    total = number(children_of(element), f"{CBC}TaxAmount")
    wrong += document.differs("arithmetic_withholding_total", total, [summed])
    return summed, wrong
