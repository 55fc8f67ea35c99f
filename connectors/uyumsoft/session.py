"""One company's conversation with Uyumsoft: the session every provider has, and the integrator behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.failure import ProviderFailure
from connectors.uyumsoft.client import UyumsoftClient
from connectors.uyumsoft.envelope import operation
from connectors.uyumsoft.integrator import Uyumsoft
from connectors.uyumsoft.settings import UyumsoftSettings

if TYPE_CHECKING:
    import httpx


class UyumsoftSession:
    """The account of one company; it has no streams. Its `repr` shows no secret."""

    def __init__(self, client: UyumsoftClient, clock: Clock) -> None:
        self._client = client
        self.integrator = Uyumsoft(client, clock)

    async def test(self) -> None:
        """Uyumsoft's own test of a connection: it needs user and password, and leaves no trace."""
        found = await self._client.call("TestConnection", operation("TestConnection"))
        if found.attrib.get("Value") != "true":
            raise ProviderFailure("permanent", "credentials_rejected")

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """KeyError: there are no streams."""
        del window
        raise KeyError(stream)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[UyumsoftSession]:
    """Open a session on the shared client. No request is made yet."""
    settings = UyumsoftSettings.of(spec.settings)
    yield UyumsoftSession(UyumsoftClient(spec, client, settings=settings, clock=clock), clock)


@asynccontextmanager
async def open_integrator(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[Uyumsoft]:
    """The integrator alone, for actions."""
    async with open_session(spec, client, clock=clock) as session:
        yield session.integrator
