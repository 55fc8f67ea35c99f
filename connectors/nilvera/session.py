"""One company's conversation with Nilvera: the session every provider has, and the integrator behind it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import ConnectionSpec, Page, Window
from connectors.nilvera.books import Books
from connectors.nilvera.client import NilveraClient, record
from connectors.nilvera.integrator import Nilvera
from connectors.nilvera.settings import NilveraSettings

if TYPE_CHECKING:
    import httpx


class NilveraSession:
    """The account of one company; it has no streams. Its `repr` shows no secret."""

    def __init__(self, client: NilveraClient, settings: NilveraSettings) -> None:
        self._client = client
        self.integrator = Nilvera(client, settings)
        self.books = Books(client)

    async def test(self) -> None:
        """Read the company's own entry: it needs the key, and leaves no trace."""
        record(await self._client.get("/general/Company"))

    def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """KeyError: there are no streams."""
        del window
        raise KeyError(stream)


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[NilveraSession]:
    """Open a session on the shared client. No request is made yet."""
    settings = NilveraSettings.of(spec.settings)
    yield NilveraSession(NilveraClient(spec, client, settings=settings, clock=clock), settings)


@asynccontextmanager
async def open_integrator(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[Nilvera]:
    """The integrator alone, for actions."""
    async with open_session(spec, client, clock=clock) as session:
        yield session.integrator
