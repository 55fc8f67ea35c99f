"""The account itself: whether Netgsm accepts its credentials, and what people sent to its numbers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import Page
from connectors.netgsm.account import headers
from connectors.netgsm.client import NetgsmClient
from connectors.netgsm.inbox import messages
from connectors.netgsm.settings import NetgsmSettings
from connectors.netgsm.streams import INCOMING, row_of
from connectors.settings import invalid

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec, Window


class NetgsmSession:
    """One account. Its `repr` shows no secret."""

    def __init__(self, client: NetgsmClient) -> None:
        self.client = client

    async def test(self) -> None:
        """List the sender names: it costs nothing, and the account's own must be among them.

        Raises `ProviderFailure`; settings_invalid for a `msgheader` that Netgsm has not approved.
        """
        approved = await headers(self.client)
        mine = self.client.settings.msgheader
        if mine is not None and mine.casefold() not in {each.casefold() for each in approved}:
            raise invalid("msgheader")

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """The inbox between two times, which changes nothing there. Raises `ProviderFailure`."""
        if stream != INCOMING.name:
            raise KeyError(stream)
        found = await messages(self.client, window.start, window.end)
        yield Page([row for each in found if (row := row_of(each)) is not None])


@asynccontextmanager
async def open_session(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[NetgsmSession]:
    """Open a session on the shared client. No request is made yet."""
    yield NetgsmSession(NetgsmClient(spec, client, settings=NetgsmSettings.of(spec.settings), clock=clock))
