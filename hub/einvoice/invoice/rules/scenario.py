"""What a scenario asks of the whole document: references, certificates, periods, accounts, exchange rates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from hub.einvoice.invoice.pairs import CHARGING, RETURNS, is_incentive
from hub.validation import Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

REPORT = "ESURaporID"
"""The scheme of a charging network's report number."""
_PUBLIC_IBAN = re.compile(r"TR\d{7}[A-Z0-9]{17}")


def problems(invoice: Invoice) -> Iterator[Problem]:
    """What the document lacks or has too much of."""
    yield from _currency(invoice)
    yield from _returns(invoice)
    yield from _charging(invoice)
    if is_incentive(invoice.profile, invoice.type) and invoice.certificate is None:
        yield Problem("certificate", "field_missing")
    if not is_incentive(invoice.profile, invoice.type) and invoice.certificate is not None:
        yield Problem("certificate", "einvoice_out_of_place", {"profile": invoice.profile, "type": invoice.type})
    if invoice.type == "SGK" and invoice.accounting_cost is None:
        yield Problem("accounting_cost", "field_missing")
    if invoice.expenses and invoice.type != "HKSKOMISYONCU":
        yield Problem("expenses", "einvoice_out_of_place", {"profile": invoice.profile, "type": invoice.type})
    yield from _public_account(invoice)


def _currency(invoice: Invoice) -> Iterator[Problem]:
    if invoice.currency != "TRY" and invoice.exchange_rate is None:
        yield Problem("exchange_rate", "field_missing")
    if invoice.currency == "TRY" and invoice.exchange_rate is not None:
        yield Problem("exchange_rate", "einvoice_rate_of_lira")


def _returns(invoice: Invoice) -> Iterator[Problem]:
    if invoice.type in RETURNS and not invoice.returned:
        yield Problem("returned", "field_missing")
    if invoice.type not in RETURNS and invoice.returned:
        yield Problem("returned", "einvoice_out_of_place", {"profile": invoice.profile, "type": invoice.type})


def _charging(invoice: Invoice) -> Iterator[Problem]:
    if invoice.type not in CHARGING:
        return
    period = invoice.period
    if period is None:
        yield Problem("period", "field_missing")
    else:
        for name in ("start_time", "end_time"):
            if getattr(period, name) is None:
                yield Problem(f"period.{name}", "field_missing")
    if invoice.type == "SARJ" and not any(
        document.scheme == REPORT and _is_uuid(document.number) for document in invoice.documents
    ):
        yield Problem("documents", "einvoice_without_charging_report", {"scheme": REPORT})


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _public_account(invoice: Invoice) -> Iterator[Problem]:
    if invoice.profile != "KAMU":
        return
    ibans = [(index, one.iban) for index, one in enumerate(invoice.payments) if one.iban is not None]
    if not ibans:
        yield Problem("payments[0].iban", "field_missing")
    for index, iban in ibans:
        if not _PUBLIC_IBAN.fullmatch(iban):
            yield Problem(f"payments[{index}].iban", "einvoice_not_a_turkish_iban")
    for index, _ in ibans[1:]:
        # The rule compares the whole set of accounts with one pattern and cannot be evaluated on two.
        yield Problem(f"payments[{index}].iban", "einvoice_one_account")
