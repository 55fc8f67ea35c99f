"""The invoice as whoever issues it knows it: no sums, no number, no XML. Those are made from it."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from hub.einvoice.invoice.delivery import Delivery
from hub.einvoice.invoice.fields import AccountingCost, Amount, Currency, ExchangeRate, Part, Percent, Rounding, Text
from hub.einvoice.invoice.line import Adjustment, Line
from hub.einvoice.invoice.pairs import InvoiceType, Profile
from hub.einvoice.invoice.party import Buyer, Party, Representative
from hub.einvoice.invoice.references import (
    Certificate,
    Document,
    Payment,
    Period,
    Reference,
    ReturnedInvoice,
    Terms,
)

MAXIMUM_LINES = 10_000
"""Beyond this no integrator takes a document, and ours would hold all of it in memory."""


def _some(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    # A length among the field's own limits would be said too whenever a line is wrong.
    if not lines:
        raise PydanticCustomError("field_empty", "")
    if len(lines) > MAXIMUM_LINES:
        raise PydanticCustomError("einvoice_too_many_lines", "", {"limit": MAXIMUM_LINES})
    return lines


class Expense(Part):
    """What a commission agent of the wholesale market takes off the seller's money (HKSKOMISYON, HKSNAVLUN …)."""

    kind: Literal[
        "HKSKOMISYON",
        "HKSKOMISYONKDV",
        "HKSNAVLUN",
        "HKSNAVLUNKDV",
        "HKSHAMMALIYE",
        "HKSHAMMALIYEKDV",
        "HKSNAKLIYE",
        "HKSNAKLIYEKDV",
        "HKSGVTEVKIFAT",
        "HKSBAGKURTEVKIFAT",
        "HKSRUSUM",
        "HKSRUSUMKDV",
        "HKSTICBORSASI",
        "HKSTICBORSASIKDV",
        "HKSMILLISAVUNMAFON",
        "HKSMSFONKDV",
        "HKSDIGERMASRAFLAR",
        "HKSDIGERKDV",
    ]
    percent: Percent | None = None
    amount: Amount


class Invoice(Part):
    """An invoice. Read one with `hub.einvoice.invoice.reading`, which names every wrong field.

    `exchange_rate` is how many lira one unit of `currency` is. `discounts` and `surcharges` are of the whole document.
    `tax_total_net`: whether TaxTotal/TaxAmount is written without the VAT that is withheld, as GİB's sample does.
    `special_base_in_price`: whether prices of lines with a special base hold their VAT already, as in GİB's sample.
    """

    profile: Profile
    type: InvoiceType
    issue_date: date
    issue_time: time | None = None
    currency: Currency = "TRY"
    exchange_rate: ExchangeRate | None = None
    exchange_rate_date: date | None = None
    supplier: Party
    customer: Party
    buyer: Buyer | None = None
    representative: Representative | None = None
    lines: Annotated[tuple[Line, ...], AfterValidator(_some)]
    discounts: tuple[Adjustment, ...] = ()
    surcharges: tuple[Adjustment, ...] = ()
    expenses: tuple[Expense, ...] = ()
    rounding: Rounding | None = None
    notes: tuple[Text, ...] = ()
    amount_in_words: bool = True
    accounting_cost: AccountingCost | None = None
    period: Period | None = None
    order: Reference | None = None
    returned: tuple[ReturnedInvoice, ...] = ()
    despatches: tuple[Reference, ...] = ()
    receipts: tuple[Reference, ...] = ()
    certificate: Certificate | None = None
    documents: tuple[Document, ...] = ()
    delivery: Delivery | None = None
    payments: tuple[Payment, ...] = ()
    payment_terms: Terms | None = None
    tax_total_net: bool = True
    special_base_in_price: bool = True
