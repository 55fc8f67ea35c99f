"""What is allowed and most likely a mistake: nobody refuses such an invoice, and somebody has to explain it later.

An invoice from a company to itself, and a rate of VAT that no law names on the day of issue, pass GİB's schema and
schematron and the receiver's eyes, and come up at the audit.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from hub.einvoice.arithmetic.amounts import CAC, CBC, decimal_in
from hub.einvoice.finding import Finding
from hub.einvoice.identity import is_filler
from hub.einvoice.names import path_of
from hub.einvoice.seal.places import identities

if TYPE_CHECKING:
    from hub.einvoice.xml import Element

SINCE = date(2023, 7, 10)
"""Presidential decree 7346 (Official Gazette 32241 of 7 July 2023) made 8 % into 10 % and 18 % into 20 %."""
_BEFORE = tuple(map(Decimal, (0, 1, 8, 18)))
_IN_FORCE = tuple(map(Decimal, (0, 1, 10, 20)))
_RETURNS = frozenset({"IADE", "TEVKIFATIADE", "YTBIADE", "YTBTEVKIFATIADE"})
"""What is given back has the rate at which it was sold."""
_VAT = "0015"
_CODE = f"{CAC}TaxCategory/{CAC}TaxScheme/{CBC}TaxTypeCode"
_SUBTOTALS = (f"{CAC}InvoiceLine/{CAC}TaxTotal/{CAC}TaxSubtotal", f"{CAC}TaxTotal/{CAC}TaxSubtotal")


def notices(invoice: Element) -> Iterator[Finding]:
    """Warnings about an `inv:Invoice`: `einvoice_same_party`, `einvoice_vat_rate` (once a rate, at a line)."""
    yield from _to_itself(invoice)
    yield from _rates(invoice)


def _to_itself(invoice: Element) -> Iterator[Finding]:
    supplier = invoice.find(f"{CAC}AccountingSupplierParty/{CAC}Party")
    customer = invoice.find(f"{CAC}AccountingCustomerParty/{CAC}Party")
    if supplier is None or customer is None:
        return
    both = set(identities(supplier)) & set(identities(customer))
    if any(number and not is_filler(number) for number in both):
        yield _warning("einvoice_same_party", customer)


def _rates(invoice: Element) -> Iterator[Finding]:
    known = rates_in_force((invoice.findtext(f"{CBC}IssueDate") or "").strip())
    if (invoice.findtext(f"{CBC}InvoiceTypeCode") or "").strip() in _RETURNS:
        known = tuple(sorted({*_BEFORE, *_IN_FORCE}))
    told: set[Decimal] = set()
    for place in _SUBTOTALS:
        for subtotal in invoice.iterfind(place):
            percent = subtotal.find(f"{CBC}Percent")
            rate = None if percent is None else decimal_in(percent)
            if percent is None or rate is None or (subtotal.findtext(_CODE) or "").strip() != _VAT:
                continue
            if rate not in known and rate not in told:
                told.add(rate)
                shown = ", ".join(f"{each:f}" for each in known)
                yield _warning("einvoice_vat_rate", percent, rate=f"{rate.normalize():f}", known=shown)


def rates_in_force(day: str) -> tuple[Decimal, ...]:
    """The rates of VAT, in percent, on a day (ISO 8601); today's where it is no day."""
    try:
        return _BEFORE if date.fromisoformat(day) < SINCE else _IN_FORCE
    except ValueError:
        return _IN_FORCE


def _warning(code: str, element: Element, **params: str) -> Finding:
    line = {"line": str(element.sourceline)} if element.sourceline else {}
    return Finding(code, path_of(element), "warning", {**params, **line})
