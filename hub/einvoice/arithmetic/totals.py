"""All sums of an invoice that the hub issues, made once, in decimals, before anything is written.

Section 5 of the e-Fatura sheet: every amount is rounded half up by itself; VAT is computed for each rate on the summed
base, and its lines are brought to that sum. Discounts and surcharges of the document are divided among the lines, so
that line and document tax bases agree.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.einvoice.arithmetic.money import HUNDRED, ZERO, divided, product, settled, share, total
from hub.einvoice.codes import exemptions
from hub.einvoice.codes.taxes import TAXES, VAT, VAT_NAME
from hub.einvoice.invoice.pairs import NET_OF_WITHHOLDING, is_incentive_exemption

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.line import Adjustment, Line, OtherTax, Withholding


@dataclass(frozen=True, slots=True)
class Kind:
    """What one TaxSubtotal is about. `charged` is false where VAT is written but not collected (incentive)."""

    code: str
    name: str
    rate: Decimal | None
    exemption: str | None = None
    reason: str | None = None
    charged: bool = True
    in_price: bool = False


@dataclass(frozen=True, slots=True)
class Subtotal:
    """A tax on a base."""

    kind: Kind
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Withheld:
    """The VAT that a buyer keeps back: `base` is the VAT it is a part of."""

    code: str
    percent: int
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineSums:
    """The sums of one line. `discounts` and `surcharges` are in the order of the line's own."""

    gross: Decimal
    discounts: tuple[Decimal, ...]
    surcharges: tuple[Decimal, ...]
    net: Decimal
    taxes: tuple[Subtotal, ...]
    tax_total: Decimal
    withheld: Withheld | None


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of an invoice, every one with two decimals."""

    lines: tuple[LineSums, ...]
    discounts: tuple[Decimal, ...]
    surcharges: tuple[Decimal, ...]
    taxes: tuple[Subtotal, ...]
    tax_total: Decimal
    withheld: tuple[Withheld, ...]
    withheld_total: Decimal
    line_extension: Decimal
    discount_total: Decimal
    surcharge_total: Decimal
    tax_exclusive: Decimal
    tax_inclusive: Decimal
    rounding: Decimal
    payable: Decimal


def sums(invoice: Invoice) -> Sums:
    """The sums of an invoice whose fields are right. That they are possible ones, `rules.amounts` sees to."""
    lines = [_net(line) for line in invoice.lines]
    extension = total([line.net for line in lines])
    discounts = _amounts(invoice.discounts, extension)
    surcharges = _amounts(invoice.surcharges, extension)
    lines, taxes = _taxed(invoice, lines, total(surcharges) - total(discounts))
    lines, withheld = _with_withholding(invoice, lines)
    kept = total([one.amount for one in withheld])
    exclusive = extension - total(discounts) + total(surcharges)
    inclusive = exclusive + total([tax.amount for tax in taxes if tax.kind.charged and not tax.kind.in_price])
    rounding = invoice.rounding or ZERO
    return Sums(
        lines=tuple(lines),
        discounts=discounts,
        surcharges=surcharges,
        taxes=tuple(taxes),
        tax_total=_tax_total(taxes, kept, net=invoice.tax_total_net),
        withheld=tuple(withheld),
        withheld_total=kept,
        line_extension=extension,
        discount_total=total(discounts),
        surcharge_total=total(surcharges) + total([expense.amount for expense in invoice.expenses]),
        tax_exclusive=exclusive,
        tax_inclusive=inclusive,
        rounding=rounding,
        payable=inclusive - kept - total([expense.amount for expense in invoice.expenses]) + rounding,
    )


def _net(line: Line) -> LineSums:
    gross = product(line.quantity, line.price)
    discounts = _amounts(line.discounts, gross)
    surcharges = _amounts(line.surcharges, gross)
    net = gross - total(discounts) + total(surcharges)
    return LineSums(gross, discounts, surcharges, net, taxes=(), tax_total=ZERO, withheld=None)


def _amounts(adjustments: Sequence[Adjustment], whole: Decimal) -> tuple[Decimal, ...]:
    """Every percentage is of the same whole: a second discount is not taken from what the first left."""
    return tuple(
        share(whole, one.percent) if one.percent is not None else (one.amount or ZERO).quantize(ZERO)
        for one in adjustments
    )


def _taxed(invoice: Invoice, lines: list[LineSums], change: Decimal) -> tuple[list[LineSums], list[Subtotal]]:
    """The lines with their taxes, and the document's: the same kinds, summed."""
    shares = divided(abs(change), [line.net for line in lines]) if change else [ZERO] * len(lines)
    sign = 1 if change >= 0 else -1
    bases = [one.net + sign * part for one, part in zip(lines, shares, strict=True)]
    others = _other_taxes(invoice, bases)
    vat_bases = [
        _vat_base(invoice, line, base, other) for line, base, other in zip(invoice.lines, bases, others, strict=True)
    ]
    kinds = [_vat_kind(invoice, line) for line in invoice.lines]
    vat = _rated(list(zip(kinds, vat_bases, strict=True)))
    result: list[LineSums] = []
    for one, other, tax in zip(lines, others, vat, strict=True):
        taxes = (*other, tax)
        result.append(dataclasses.replace(one, taxes=taxes, tax_total=_tax_total(taxes, ZERO, net=False)))
    return result, _summed([tax for line in result for tax in line.taxes])


def _other_taxes(invoice: Invoice, bases: list[Decimal]) -> list[tuple[Subtotal, ...]]:
    """What stands beside VAT on each line. Those by rate are settled over the document, for VAT is charged on them."""
    places = [(index, tax) for index, line in enumerate(invoice.lines) for tax in line.taxes]
    kinds = [_kind(tax) for _, tax in places]
    rated = _rated([(kind, bases[index]) for kind, (index, _) in zip(kinds, places, strict=True)])
    found: list[list[Subtotal]] = [[] for _ in bases]
    for (index, tax), one in zip(places, rated, strict=True):
        fixed = (tax.amount or ZERO).quantize(ZERO)
        found[index].append(one if tax.rate is not None else Subtotal(one.kind, one.base, fixed))
    return [tuple(taxes) for taxes in found]


def _kind(tax: OtherTax) -> Kind:
    return Kind(tax.code, TAXES[tax.code].name, None if tax.rate is None else tax.rate.normalize())


def _vat_base(invoice: Invoice, line: Line, net: Decimal, others: tuple[Subtotal, ...]) -> Decimal:
    if line.special_base is not None:
        return line.special_base.quantize(ZERO)
    base = net + total([tax.amount for tax in others if TAXES[tax.kind.code].in_vat_base])
    if invoice.type in NET_OF_WITHHOLDING and line.withholding is not None:
        # The seller had received only this part of the VAT, so only this part is given back.
        return share(base, HUNDRED - line.withholding.percent)
    return base


def _rated(entries: list[tuple[Kind, Decimal]]) -> list[Subtotal]:
    """A tax on each base. What those of one kind come to is the rounded tax of their summed base."""
    members: dict[Kind, list[int]] = {}
    for index, (kind, _) in enumerate(entries):
        members.setdefault(kind, []).append(index)
    amounts = [ZERO] * len(entries)
    for kind, indexes in members.items():
        rate = kind.rate or ZERO
        bases = [entries[index][1] for index in indexes]
        parts = settled([share(base, rate) for base in bases], share(total(bases), rate))
        for index, part in zip(indexes, parts, strict=True):
            amounts[index] = part
    return [Subtotal(kind, base, amount) for (kind, base), amount in zip(entries, amounts, strict=True)]


def _vat_kind(invoice: Invoice, line: Line) -> Kind:
    code = line.exemption
    return Kind(
        VAT,
        VAT_NAME,
        line.vat_rate.normalize(),
        exemption=code,
        reason=(line.exemption_reason or exemptions.REASONS.get(code)) if code else None,
        charged=not is_incentive_exemption(invoice.profile, invoice.type),
        in_price=line.special_base is not None and invoice.special_base_in_price,
    )


def _summed(taxes: list[Subtotal]) -> list[Subtotal]:
    groups: dict[Kind, list[Subtotal]] = {}
    for tax in taxes:
        groups.setdefault(tax.kind, []).append(tax)
    return [
        Subtotal(kind, total([tax.base for tax in group]), total([tax.amount for tax in group]))
        for kind, group in groups.items()
    ]


def _tax_total(taxes: Sequence[Subtotal], kept: Decimal, *, net: bool) -> Decimal:
    charged = total([tax.amount for tax in taxes if tax.kind.charged])
    return charged - kept if net else charged


def _with_withholding(invoice: Invoice, lines: list[LineSums]) -> tuple[list[LineSums], list[Withheld]]:
    if invoice.type in NET_OF_WITHHOLDING:
        return lines, []
    members: dict[Withholding, list[int]] = {}
    for index, line in enumerate(invoice.lines):
        if line.withholding is not None:
            members.setdefault(line.withholding, []).append(index)
    result = list(lines)
    document: list[Withheld] = []
    for withholding, indexes in members.items():
        vat = [lines[index].taxes[-1].amount for index in indexes]
        percent = Decimal(withholding.percent)
        target = share(total(vat), percent)
        parts = settled([share(amount, percent) for amount in vat], target)
        document.append(Withheld(withholding.code, withholding.percent, total(vat), target))
        for index, base, part in zip(indexes, vat, parts, strict=True):
            line = lines[index]
            result[index] = dataclasses.replace(
                line,
                withheld=Withheld(withholding.code, withholding.percent, base, part),
                tax_total=_tax_total(line.taxes, part, net=invoice.tax_total_net),
            )
    return result, document
