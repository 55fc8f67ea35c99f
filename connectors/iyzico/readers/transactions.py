"""Reads the daily list, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.contract import Page, Window
from connectors.failure import ProviderFailure
from connectors.fields import to_int
from connectors.istanbul import day_of, days_in
from connectors.iyzico.settings import HISTORY
from connectors.iyzico.streams.transactions import RECORD
from connectors.nested import records_in

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.iyzico.client import IyzicoClient

PATH = "/v2/reporting/payment/transactions"


async def pages(client: IyzicoClient, window: Window, *, now: datetime) -> AsyncIterator[Page]:
    """One page of rows per page of the provider; days without movements give none."""
    async for records in record_pages(client, window, now=now):
        yield Page([RECORD.row(record) for record in records])


async def record_pages(client: IyzicoClient, window: Window, *, now: datetime) -> AsyncIterator[list[Any]]:
    """The records as iyzico gives them, page by page. Raises `ProviderFailure` window_too_old."""
    days = days_in(window)
    if days[0] < day_of(now - HISTORY):
        raise ProviderFailure("permanent", "window_too_old")
    for day in days:
        async for records in _day(client, day):
            yield records


async def _day(client: IyzicoClient, day: date) -> AsyncIterator[list[Any]]:
    page = 1
    while True:
        document = await client.get(PATH, {"transactionDate": day.isoformat(), "page": page})
        records = records_in(document, "transactions")
        if records:
            yield records
        # Both counters may be absent on a day without movements.
        if not records or page >= counter(document, "totalPageCount", default=page):
            return
        page += 1


def counter(document: dict[str, Any], name: str, *, default: int) -> int:
    """A page counter; `default` when absent. Raises `ProviderFailure` wrong_type."""
    value = document.get(name)
    if value is None:
        return default
    count: int | None = None
    try:
        count = to_int(value)
    except (ValueError, TypeError):
        count = None
    if count is None:
        raise ProviderFailure("transient", "wrong_type", field=name)
    return count
