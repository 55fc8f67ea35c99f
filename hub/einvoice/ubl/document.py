"""The whole document: a typed invoice and its number become the bytes that are signed.

UBL-TR is a restricted UBL 2.1: order, obligatory parts and single occurrences are GİB's, not OASIS's, so the document
is written element by element in GİB's order instead of through a general UBL library.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from hub.einvoice.arithmetic.totals import Sums
from hub.einvoice.invoice.rules.all import summed
from hub.einvoice.ubl import deliveries, parties, references, signatory, taxes, xml
from hub.einvoice.ubl.lines import add_line
from hub.einvoice.ubl.signatory import Signatory
from hub.einvoice.ubl.xml import amount, leaf
from hub.einvoice.words import in_words
from hub.einvoice.xml import Element
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

CUSTOMIZATION = "TR1.2"
_NUMBER = re.compile(r"[A-Z0-9]{3}(20[0-9]{2})[0-9]{9}")


def build(
    invoice: Invoice,
    *,
    number: str,
    ettn: UUID,
    sealed_by: Signatory | None = None,
    stylesheet: bytes | None = None,
    today: date | None = None,
) -> bytes:
    """An unsigned invoice, complete but for the signature in its empty ext:ExtensionContent.

    `number` is series, year of issue and counter; `ettn` the document's UUID, the same for every attempt. `sealed_by`
    is the integrator when it signs in the supplier's place. `stylesheet` is carried along for display. `today` is the
    day in Istanbul. InvalidInput when the tax office would refuse the invoice; HubError `einvoice_number_wrong`.
    """
    made = summed(invoice, today=today)
    shape = _NUMBER.fullmatch(number)
    if shape is None or int(shape[1]) != invoice.issue_date.year:
        raise HubError("einvoice_number_wrong", number=number, year=invoice.issue_date.year)
    root = xml.root()
    signatory.add_place(root)
    _head(root, invoice, made, number, ettn)
    references.add_references(root, invoice)
    if stylesheet is not None:
        references.add_stylesheet(root, stylesheet, number, invoice.issue_date)
    sealer = sealed_by or Signatory(invoice.supplier.identity, invoice.supplier.address)
    signatory.add_signatory(root, sealer, number)
    _parties(root, invoice)
    references.add_payments(root, invoice)
    _amounts(root, invoice, made)
    for index, (line, line_sums) in enumerate(zip(invoice.lines, made.lines, strict=True), start=1):
        add_line(root, index, line, line_sums, invoice)
    return xml.serialised(root)


def _head(root: Element, invoice: Invoice, made: Sums, number: str, ettn: UUID) -> None:
    leaf(root, "UBLVersionID", "2.1")
    leaf(root, "CustomizationID", CUSTOMIZATION)
    leaf(root, "ProfileID", invoice.profile)
    leaf(root, "ID", number)
    leaf(root, "CopyIndicator", "false")
    leaf(root, "UUID", str(ettn).upper())
    leaf(root, "IssueDate", xml.moment(invoice.issue_date))
    leaf(root, "IssueTime", xml.moment(invoice.issue_time))
    leaf(root, "InvoiceTypeCode", invoice.type)
    if invoice.amount_in_words:
        leaf(root, "Note", in_words(made.payable, invoice.currency))
    for note in invoice.notes:
        leaf(root, "Note", note)
    leaf(root, "DocumentCurrencyCode", invoice.currency)
    leaf(root, "AccountingCost", invoice.accounting_cost)
    leaf(root, "LineCountNumeric", str(len(invoice.lines)))


def _parties(root: Element, invoice: Invoice) -> None:
    parties.add_party(root, "AccountingSupplierParty", invoice.supplier)
    parties.add_party(root, "AccountingCustomerParty", invoice.customer)
    if invoice.buyer is not None:
        parties.add_buyer(root, invoice.buyer, invoice.profile)
    if invoice.representative is not None:
        parties.add_representative(root, invoice.representative)
    if invoice.delivery is not None:
        deliveries.add_document_delivery(root, invoice.delivery)


def _amounts(root: Element, invoice: Invoice, made: Sums) -> None:
    currency = invoice.currency
    whole = made.line_extension
    taxes.add_adjustments(root, invoice.discounts, made.discounts, whole, currency, surcharge=False)
    taxes.add_adjustments(root, invoice.surcharges, made.surcharges, whole, currency, surcharge=True)
    taxes.add_expenses(root, invoice.expenses, currency)
    references.add_exchange_rate(root, invoice)
    taxes.add_tax_total(root, made.tax_total, made.taxes, currency)
    taxes.add_withholding(root, made.withheld, made.withheld_total, currency)
    total = xml.group(root, "LegalMonetaryTotal")
    amount(total, "LineExtensionAmount", made.line_extension, currency)
    amount(total, "TaxExclusiveAmount", made.tax_exclusive, currency)
    amount(total, "TaxInclusiveAmount", made.tax_inclusive, currency)
    amount(total, "AllowanceTotalAmount", made.discount_total, currency)
    if invoice.surcharges or invoice.expenses:
        amount(total, "ChargeTotalAmount", made.surcharge_total, currency)
    if made.rounding:
        amount(total, "PayableRoundingAmount", made.rounding, currency)
    amount(total, "PayableAmount", made.payable, currency)
