"""One tenant's conversation with iyzico."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.istanbul import day_of
from connectors.iyzico.client import IyzicoClient
from connectors.iyzico.readers import payments, payouts, settlement, subscriptions, transactions
from connectors.iyzico.settings import IyzicoSettings

if TYPE_CHECKING:
    import httpx


class IyzicoSession:
    """The streams of one merchant. Its `repr` shows no secret."""

    def __init__(self, client: IyzicoClient, *, settings: IyzicoSettings, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._readers: dict[str, Callable[[Window], AsyncIterator[Page]]] = {
            "transactions": lambda window: transactions.pages(client, window, now=clock.now()),
            "payment_details": lambda window: payments.pages(client, window, now=clock.now()),
            "payouts": lambda window: payouts.pages(client, window),
            "settlement_files": lambda window: settlement.pages(settings.settlement_directory, window),
            "subscriptions": lambda _window: subscriptions.subscription_pages(client),
            "subscription_customers": lambda _window: subscriptions.customer_pages(client),
        }

    async def test(self) -> None:
        """Ask for one page of yesterday's list: what a sync needs, and nothing that leaves a trace."""
        yesterday = day_of(self._clock.now() - timedelta(days=1))
        await self._client.get(transactions.PATH, {"transactionDate": yesterday.isoformat(), "page": 1})

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """A stream's pages in a window. KeyError for a stream that has no requests of its own."""
        return self._readers[stream](window)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[IyzicoSession]:
    """Open a session on the shared client. No request is made yet."""
    settings = IyzicoSettings.of(spec.settings)
    yield IyzicoSession(IyzicoClient(spec, client, settings=settings, clock=clock), settings=settings, clock=clock)
