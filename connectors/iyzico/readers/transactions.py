"""Reads the daily list, page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import TYPE_CHECKING, Any

from connectors.contract import Page, Window
from connectors.failure import ProviderFailure
from connectors.istanbul import day_of, days_in
from connectors.iyzico.readers.paging import listed
from connectors.iyzico.settings import HISTORY
from connectors.iyzico.streams.transactions import RECORD

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
    async def ask(page: int) -> dict[str, Any]:
        return await client.get(PATH, {"transactionDate": day.isoformat(), "page": page})

    async for records in listed(ask, "transactions", last="totalPageCount"):
        yield records
