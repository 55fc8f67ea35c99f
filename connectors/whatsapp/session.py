"""One tenant's number at Meta: nothing is read from there but what tells whether it works."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.failure import ProviderFailure
from connectors.whatsapp.client import WhatsAppClient
from connectors.whatsapp.settings import Prices, WhatsAppSettings

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec, Page, Window


class WhatsAppSession:
    """Its `repr` shows no secret."""

    def __init__(self, client: WhatsAppClient, settings: WhatsAppSettings) -> None:
        self._client = client
        self._settings = settings

    async def test(self) -> None:
        """Ask for the number's own id: the token must reach exactly the number that messages will leave from."""
        found = await self._client.number("id")
        if found.get("id") != self._settings.phone_number_id:
            raise ProviderFailure("transient", "answer_malformed")

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """KeyError: nothing can be asked for here. What people write is told, and read from the inbox."""
        del window
        raise KeyError(stream)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[WhatsAppSession]:
    """Open a session on the shared client. Raises `ProviderFailure` settings_invalid; no request is made yet."""
    settings = WhatsAppSettings.of(spec.settings)
    Prices.of(spec.settings)  # a price that cannot be read would otherwise be found when a message is asked for
    yield WhatsAppSession(WhatsAppClient(spec, client, settings=settings, clock=clock), settings)
