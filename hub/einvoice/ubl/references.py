"""Orders, despatch advices, returned invoices, certificates, payments: what the document points at."""

from __future__ import annotations

import base64
from datetime import date
from typing import TYPE_CHECKING

from hub.einvoice.ubl.xml import group, leaf, moment, plain
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice
    from hub.einvoice.invoice.references import Payment, Period, Reference, Terms

RETURN = "IADE"
"""DocumentTypeCode that the rules ask for behind the number of a returned invoice."""


def add_references(parent: Element, invoice: Invoice) -> None:
    """All of them, in the order of the schema, from InvoicePeriod to AdditionalDocumentReference."""
    if invoice.period is not None:
        _period(parent, invoice.period)
    if invoice.order is not None:
        _reference(parent, "OrderReference", invoice.order)
    for returned in invoice.returned:
        element = group(group(parent, "BillingReference"), "InvoiceDocumentReference")
        leaf(element, "ID", returned.number)
        leaf(element, "IssueDate", moment(returned.issue_date))
        leaf(element, "DocumentTypeCode", RETURN)
    for paper in invoice.despatches:
        _reference(parent, "DespatchDocumentReference", paper)
    for paper in invoice.receipts:
        _reference(parent, "ReceiptDocumentReference", paper)
    if invoice.certificate is not None:
        element = group(parent, "ContractDocumentReference")
        leaf(element, "ID", invoice.certificate.number, schemeID="YTBNO")
        leaf(element, "IssueDate", moment(invoice.certificate.issue_date))
    for document in invoice.documents:
        element = group(parent, "AdditionalDocumentReference")
        scheme = {} if document.scheme is None else {"schemeID": document.scheme}
        leaf(element, "ID", document.number, **scheme)
        leaf(element, "IssueDate", moment(document.issue_date))
        leaf(element, "DocumentTypeCode", document.type_code)
        leaf(element, "DocumentType", document.type)
        leaf(element, "DocumentDescription", document.description)


def add_stylesheet(parent: Element, stylesheet: bytes, number: str, day: date) -> None:
    """The XSLT that shows the invoice, carried inside it."""
    element = group(parent, "AdditionalDocumentReference")
    leaf(element, "ID", number)
    leaf(element, "IssueDate", moment(day))
    leaf(element, "DocumentType", "XSLT")
    leaf(
        group(element, "Attachment"),
        "EmbeddedDocumentBinaryObject",
        base64.b64encode(stylesheet).decode("ascii"),
        mimeCode="application/xml",
        encodingCode="Base64",
        characterSetCode="UTF-8",
        filename=f"{number}.xslt",
    )


def add_payments(parent: Element, invoice: Invoice) -> None:
    """PaymentMeans and PaymentTerms."""
    for payment in invoice.payments:
        _payment(parent, payment)
    if invoice.payment_terms is not None:
        _terms(parent, invoice.payment_terms)


def add_exchange_rate(parent: Element, invoice: Invoice) -> None:
    """PricingExchangeRate from the document's currency to lira; nothing for an invoice in lira."""
    if invoice.exchange_rate is None:
        return
    element = group(parent, "PricingExchangeRate")
    leaf(element, "SourceCurrencyCode", invoice.currency)
    leaf(element, "TargetCurrencyCode", "TRY")
    leaf(element, "CalculationRate", plain(invoice.exchange_rate))
    leaf(element, "Date", moment(invoice.exchange_rate_date or invoice.issue_date))


def _period(parent: Element, period: Period) -> None:
    element = group(parent, "InvoicePeriod")
    for name in ("start_date", "start_time", "end_date", "end_time"):
        leaf(element, name.title().replace("_", ""), moment(getattr(period, name)))


def _reference(parent: Element, name: str, paper: Reference) -> None:
    element = group(parent, name)
    leaf(element, "ID", paper.number)
    leaf(element, "IssueDate", moment(paper.issue_date))


def _payment(parent: Element, payment: Payment) -> None:
    element = group(parent, "PaymentMeans")
    leaf(element, "PaymentMeansCode", payment.code)
    leaf(element, "PaymentDueDate", moment(payment.due_date))
    leaf(element, "PaymentChannelCode", payment.channel)
    leaf(element, "InstructionNote", payment.note)
    if payment.iban is None:
        return
    account = group(element, "PayeeFinancialAccount")
    leaf(account, "ID", payment.iban)
    leaf(account, "CurrencyCode", payment.account_currency)
    leaf(account, "PaymentNote", payment.account_note)
    if payment.branch is not None or payment.bank is not None:
        branch = group(account, "FinancialInstitutionBranch")
        leaf(branch, "Name", payment.branch)
        if payment.bank is not None:
            leaf(group(branch, "FinancialInstitution"), "Name", payment.bank)


def _terms(parent: Element, terms: Terms) -> None:
    element = group(parent, "PaymentTerms")
    leaf(element, "Note", terms.note)
    if terms.penalty_percent is not None:
        leaf(element, "PenaltySurchargePercent", plain(terms.penalty_percent))
    leaf(element, "PaymentDueDate", moment(terms.due_date))
