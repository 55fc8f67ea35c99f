"""One tenant's account at Netasistan, as far as anybody can know it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.netasistan.client import NetasistanClient
from connectors.netasistan.settings import NetasistanSettings, price

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec, Page, Window


class NetasistanSession:
    """Its `repr` shows no secret."""

    def __init__(self, client: NetasistanClient, settings: NetasistanSettings) -> None:
        self._client = client
        self._settings = settings

    async def test(self) -> None:
        """Ask `test_path`, where the account names one. Without one only the settings are checked: no path is known."""
        if self._settings.test_path is not None:
            await self._client.probe(self._settings.test_path)

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """KeyError: there are no streams here."""
        del window
        raise KeyError(stream)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[NetasistanSession]:
    """Open a session. Raises `ProviderFailure` settings_invalid unless the unverified contract was accepted."""
    settings = NetasistanSettings.of(spec.settings)
    price(spec.settings)
    yield NetasistanSession(NetasistanClient(spec, client, settings=settings, clock=clock), settings)
