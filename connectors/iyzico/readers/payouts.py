"""Reads completed payouts, a day a request; the endpoint has no pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from connectors.contract import Page, Window
from connectors.istanbul import days_in
from connectors.iyzico.settings import PAYOUT_DATE_FORMAT
from connectors.iyzico.streams.payouts import RECORD
from connectors.nested import records_in

if TYPE_CHECKING:
    from connectors.iyzico.client import IyzicoClient

PATH = "/reporting/settlement/payoutcompleted"


async def pages(client: IyzicoClient, window: Window) -> AsyncIterator[Page]:
    """One page a day on which something was paid out."""
    for day in days_in(window):
        document = await client.post(PATH, {"date": day.strftime(PAYOUT_DATE_FORMAT)})
        records = records_in(document, "payoutCompletedTransactions")
        if records:
            yield Page([RECORD.row(record, {"payout_date": day}) for record in records])
