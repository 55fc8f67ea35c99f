"""Reads the details of every payment that moved in a window."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.contract import Page, Row, Window
from connectors.failure import ProviderFailure
from connectors.iyzico.readers import transactions
from connectors.iyzico.settings import DETAILS_UNKNOWN_AT_FIRST
from connectors.iyzico.streams.payments import CANCEL, CONVERTED, ITEM, PAYMENT, REFUND
from connectors.iyzico.streams.transactions import RECORD as MOVEMENT
from connectors.nested import flatten, record_in, records_in, take_records

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.iyzico.client import IyzicoClient

PATH = "/v2/reporting/payment/details"
PAYMENTS_A_PAGE = 50
"""iyzico tells one payment per request; so many make a page of ours."""


@dataclass
class _Gathered:
    payments: list[Row] = field(default_factory=list[Row])
    items: list[Row] = field(default_factory=list[Row])
    refunds: list[Row] = field(default_factory=list[Row])
    cancels: list[Row] = field(default_factory=list[Row])

    def page(self) -> Page:
        children = {"payment_items": self.items, "refunds": self.refunds, "cancels": self.cancels}
        return Page(self.payments, children)


async def pages(client: IyzicoClient, window: Window, *, now: datetime) -> AsyncIterator[Page]:
    """The payments of a window, each asked for once however often it moved.

    Raises `ProviderFailure`; provider_error when iyzico tells nothing of any of them.
    """
    seen: set[str] = set()
    gathered = _Gathered()
    known = unknown = 0
    async for records in transactions.record_pages(client, window, now=now):
        for payment_id in _payment_ids(records, seen):
            document = await client.get(PATH, {"paymentId": payment_id})
            # A payment that the daily list knows and the details do not (yet) is read again with the trailing days.
            told = records_in(document, "payments")
            known, unknown = known + bool(told), unknown + (not told)
            if not known and unknown >= DETAILS_UNKNOWN_AT_FIRST:
                raise ProviderFailure("transient", "provider_error")
            for payment in told:
                _take_apart(record_in(payment), gathered)
            if len(gathered.payments) >= PAYMENTS_A_PAGE:
                yield gathered.page()
                gathered = _Gathered()
    if gathered.payments:
        yield gathered.page()


def _payment_ids(records: list[Any], seen: set[str]) -> list[str]:
    """Ids in order of appearance, without those seen before; `seen` grows."""
    ids: list[str] = []
    for record in records:
        payment_id = MOVEMENT.value(record_in(record), "paymentId")
        if payment_id is not None and payment_id not in seen:
            seen.add(payment_id)
            ids.append(payment_id)
    return ids


def _take_apart(payment: dict[str, Any], gathered: _Gathered) -> None:
    items = take_records(payment, "itemTransactions")
    cancels = take_records(payment, "cancels")
    row = PAYMENT.row(payment)
    gathered.payments.append(row)
    ours = {"payment_id": row["payment_id"]}
    for each in items:
        item = record_in(each)
        refunds = take_records(item, "refunds")
        flatten(item, CONVERTED)
        item_row = ITEM.row(item, ours)
        gathered.items.append(item_row)
        of_item = ours | {"payment_transaction_id": item_row["payment_transaction_id"]}
        gathered.refunds += [REFUND.row(refund, of_item) for refund in refunds]
    gathered.cancels += [CANCEL.row(cancel, ours) for cancel in cancels]
