"""One tenant's conversation with Bulutfon."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.bulutfon.client import BulutfonClient
from connectors.bulutfon.listing import list_path, records_of
from connectors.bulutfon.readers import calls, directory
from connectors.bulutfon.readers.steps import StepReader
from connectors.bulutfon.settings import BulutfonSettings
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.failure import ProviderFailure
from connectors.nested import record_in

if TYPE_CHECKING:
    import httpx

_FROZEN = frozenset({"SUSPENDED", "TERMINATED", "CANCEL", "RECANTED"})
"""States of a switchboard in which nobody can telephone."""


class BulutfonSession:
    """The streams of one switchboard. Its `repr` shows no secret."""

    def __init__(self, client: BulutfonClient, *, settings: BulutfonSettings, clock: Clock) -> None:
        self._client = client
        steps = StepReader(client, most=settings.most_details)
        self._readers: dict[str, Callable[[Window], AsyncIterator[Page]]] = {
            "calls": lambda window: calls.pages(client, window, now=clock.now()),
            "call_steps": (
                (lambda window: steps.pages(window, now=clock.now())) if settings.call_steps else (lambda _: _nothing())
            ),
            "extensions": lambda _window: directory.extension_pages(client),
            "groups": lambda _window: directory.group_pages(client),
            "numbers": lambda _window: directory.number_pages(client),
        }

    async def test(self) -> None:
        """Ask for what a sync needs and nothing more: the account itself, or in the second generation one call."""
        if self._client.generation == "v2":
            records_of("v2", "calls", await self._client.get(list_path("v2", "calls"), {"limit": 1, "page": 1}))
            return
        account = await self._client.get("/me")
        if record_in(account.get("pbx")).get("state") in _FROZEN:
            raise ProviderFailure("permanent", "account_frozen")

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """A stream's pages in a window. KeyError for a stream that has no requests of its own."""
        return self._readers[stream](window)


async def _nothing() -> AsyncIterator[Page]:
    """The pages of a stream that the integration's settings turn off."""
    return
    yield


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[BulutfonSession]:
    """Open a session on the shared client. No request is made yet."""
    settings = BulutfonSettings.of(spec.settings)
    yield BulutfonSession(BulutfonClient(spec, client, settings=settings, clock=clock), settings=settings, clock=clock)
