"""Dates: the tax office refuses any IssueDate after today or before 2005, those of papers referred to included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

EARLIEST = date(2005, 1, 1)


def problems(invoice: Invoice, today: date) -> Iterator[Problem]:
    """Dates that lie outside what is allowed, and a period that ends before it begins."""
    for field, day in _issue_dates(invoice):
        if day > today:
            yield Problem(field, "field_in_the_future")
        if day < EARLIEST:
            yield Problem(field, "field_too_early", {"earliest": EARLIEST.isoformat()})
    if invoice.period is not None:
        if invoice.period.start_date < EARLIEST:
            yield Problem("period.start_date", "field_too_early", {"earliest": EARLIEST.isoformat()})
        if invoice.period.end_date < invoice.period.start_date:
            yield Problem("period.end_date", "field_before_other", {"other": "period.start_date"})


def _issue_dates(invoice: Invoice) -> Iterator[tuple[str, date]]:
    yield "issue_date", invoice.issue_date
    if invoice.order is not None:
        yield "order.issue_date", invoice.order.issue_date
    if invoice.certificate is not None:
        yield "certificate.issue_date", invoice.certificate.issue_date
    if invoice.buyer is not None and invoice.buyer.passport is not None:
        yield "buyer.passport.issue_date", invoice.buyer.passport.issue_date
    for name in ("returned", "despatches", "receipts", "documents"):
        for index, paper in enumerate(getattr(invoice, name)):
            yield f"{name}[{index}].issue_date", paper.issue_date
