"""Sums of any maker's invoice, checked: the tax office's own rules compare no amount with another.

Written apart from `totals`, which makes our sums, so that one mistake cannot hide in both. Where makers follow
different customs and GİB's samples show both (TaxTotal with or without the withheld VAT, LineExtensionAmount before or
after the discounts of lines, prices that hold the VAT of a special base), each of them is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

from hub.einvoice import names
from hub.einvoice.arithmetic.adjustments import Adjustments, adjustments_of
from hub.einvoice.arithmetic.amounts import (
    CAC,
    CBC,
    TOLERANCE,
    Children,
    Document,
    Read,
    children_of,
    decimal_in,
    number,
    to_kurus,
)
from hub.einvoice.arithmetic.levies import Levies, levies_of
from hub.einvoice.finding import Finding
from hub.einvoice.xml import Element

INVOICE = f"{{{names.INVOICE}}}Invoice"
_NUMERIC = frozenset(
    f"{CBC}{name}"
    for name in (
        "Amount",
        "BaseAmount",
        "TaxAmount",
        "TaxableAmount",
        "LineExtensionAmount",
        "TaxExclusiveAmount",
        "TaxInclusiveAmount",
        "AllowanceTotalAmount",
        "ChargeTotalAmount",
        "PayableRoundingAmount",
        "PayableAmount",
        "PriceAmount",
        "InvoicedQuantity",
        "Percent",
        "MultiplierFactorNumeric",
        "LineCountNumeric",
    )
)
_CARRIAGE = ("InsuranceValueAmount", "DeclaredForCarriageValueAmount")
_VAT = "0015"
_ZERO = Decimal(0)


def findings(root: Element) -> list[Finding]:
    """What does not add up in an invoice (`inv:Invoice`); nothing for any other document.

    Codes begin with `arithmetic_`; params are `expected` and `actual`, plain decimal numbers, or `currency`.
    """
    if root.tag != INVOICE:
        return []
    # Quantities and prices of others may have any number of digits; 28 would round before we do.
    with localcontext(Context(prec=80)):
        return list(_findings(Document(root)))


def _findings(document: Document) -> Iterator[Finding]:
    root = document.root
    yield from _not_numbers(document)
    yield from _currencies(document)
    lines = root.findall(f"{CAC}InvoiceLine")
    count = number(children_of(root), f"{CBC}LineCountNumeric")
    if count is not None and count.value != len(lines):
        yield document.finding(
            "arithmetic_line_count", count.element, expected=str(len(lines)), actual=f"{count.value:f}"
        )
    made = [_line(document, line) for line in lines]
    for _, wrong in made:
        yield from wrong
    own = adjustments_of(document, root)
    yield from own.wrong
    levies = levies_of(document, root)
    yield from levies.wrong
    yield from _bases(document, levies, [line.levies for line, _ in made], own)
    yield from _total(document, [line for line, _ in made], own, levies)


class _Line:
    def __init__(self, net: Decimal | None, adjustments: Adjustments, levies: Levies) -> None:
        self.net = net
        self.adjustments = adjustments
        self.levies = levies


def _line(document: Document, element: Element) -> tuple[_Line, list[Finding]]:
    parts = children_of(element)
    net = number(parts, f"{CBC}LineExtensionAmount")
    quantity = number(parts, f"{CBC}InvoicedQuantity")
    priced = parts.get(f"{CAC}Price")
    price = None if priced is None else number(children_of(priced), f"{CBC}PriceAmount")
    own = adjustments_of(document, element)
    levies = levies_of(document, element)
    wrong = [*own.wrong, *levies.wrong]
    if quantity is not None and price is not None:
        right = quantity.value * price.value - own.discounts + own.surcharges
        wrong += document.differs("arithmetic_line", net, [right])
    return _Line(net.value if net is not None else None, own, levies), wrong


def _total(document: Document, lines: list[_Line], own: Adjustments, levies: Levies) -> Iterator[Finding]:
    total = document.root.find(f"{CAC}LegalMonetaryTotal")
    if total is None or any(line.net is None for line in lines):
        return
    read = children_of(total)
    net = sum((line.net or _ZERO for line in lines), _ZERO)
    line_discounts = sum((line.adjustments.discounts for line in lines), _ZERO)
    line_surcharges = sum((line.adjustments.surcharges for line in lines), _ZERO)
    before = net + line_discounts - line_surcharges
    extension = number(read, f"{CBC}LineExtensionAmount")
    # GİB's own sample sums lines before their discounts and counts these among those of the document.
    as_gross = _is(extension, before) and not _is(extension, net)
    yield from document.differs("arithmetic_lines_total", extension, [net, before])
    yield from document.differs(
        "arithmetic_allowance_total",
        number(read, f"{CBC}AllowanceTotalAmount"),
        [own.discounts + (line_discounts if as_gross else _ZERO)],
    )
    yield from document.differs(
        "arithmetic_charge_total",
        number(read, f"{CBC}ChargeTotalAmount"),
        [own.surcharges + own.expenses + (line_surcharges if as_gross else _ZERO)],
    )
    yield from _sums_after(document, read, net - own.discounts + own.surcharges, own, levies)


def _sums_after(
    document: Document, read: Children, goods: Decimal, own: Adjustments, levies: Levies
) -> Iterator[Finding]:
    """From the goods to what is paid. Where two customs exist, each sum must follow the one that the last one kept."""
    exclusive = [goods, goods + _carriage(document)]
    yield from document.differs("arithmetic_tax_exclusive", number(read, f"{CBC}TaxExclusiveAmount"), exclusive)
    base = _kept(number(read, f"{CBC}TaxExclusiveAmount"), exclusive)
    inclusive = [base + levies.charged, base + levies.charged - levies.special_base]
    yield from document.differs("arithmetic_tax_inclusive", number(read, f"{CBC}TaxInclusiveAmount"), inclusive)
    rounding = number(read, f"{CBC}PayableRoundingAmount")
    payable = _kept(number(read, f"{CBC}TaxInclusiveAmount"), inclusive) - levies.withheld - own.expenses
    payable += rounding.value if rounding is not None else _ZERO
    yield from document.differs("arithmetic_payable", number(read, f"{CBC}PayableAmount"), [payable])


def _kept(read: Read | None, accepted: list[Decimal]) -> Decimal:
    """Which of the right sums the document names; the first when it names none of them."""
    return next((value for value in accepted if _is(read, value)), accepted[0])


def _carriage(document: Document) -> Decimal:
    """Freight and insurance of the whole shipment, which GİB's export sample adds to its goods."""
    shipment = f"{CAC}Delivery/{CAC}Shipment/{CBC}"
    costs = [document.root.find(shipment + name) for name in _CARRIAGE]
    return sum((decimal_in(cost) or _ZERO for cost in costs if cost is not None), _ZERO)


def _bases(document: Document, levies: Levies, lines: list[Levies], own: Adjustments) -> Iterator[Finding]:
    """Tax bases of the document against those of its lines, where every line names its own."""
    for code, base in levies.bases.items():
        if not lines or not all(code in line.bases for line in lines) or code in levies.unbased:
            continue
        if levies.special_base and code == _VAT:
            continue  # some makers write a base for the price too, some for the special base alone
        summed = sum((line.bases[code].value for line in lines), _ZERO)
        changed = summed - own.discounts + own.surcharges
        yield from document.differs("arithmetic_tax_base", base, [summed, changed])


def _is(read: Read | None, value: Decimal) -> bool:
    return read is not None and abs(read.value - to_kurus(value)) <= TOLERANCE


def _not_numbers(document: Document) -> Iterator[Finding]:
    for element in document.root.iter(*_NUMERIC):
        if decimal_in(element) is None:
            yield document.finding("arithmetic_not_a_number", element)


def _currencies(document: Document) -> Iterator[Finding]:
    currency = (document.root.findtext(f"{CBC}DocumentCurrencyCode") or "").strip()
    for element in document.root.iter(f"{CBC}*"):
        given = element.get("currencyID")
        if currency and given is not None and given != currency:
            yield document.finding("arithmetic_currency", element, expected=currency, actual=given)
