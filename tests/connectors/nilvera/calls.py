"""Nilvera over the sandbox, with every exchange judged by Nilvera's own description of its API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import httpx

from connectors.nilvera.session import NilveraSession, open_session
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY
from tests.connectors.nilvera import openapi
from tests.connectors.stand_still import StandStill, spec_at

T = TypeVar("T")


class Judged(httpx.AsyncBaseTransport):
    """Real requests, each held against the description with its answer."""

    def __init__(self) -> None:
        self._inner = httpx.AsyncHTTPTransport()
        self.problems: list[str] = []
        self.exchanges = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = await response.aread()
        self.exchanges += 1
        if openapi.here:
            kind, status = request.headers.get("content-type", ""), response.status_code
            self.problems += openapi.problems(request.method, str(request.url), kind, request.content, status, content)
        return httpx.Response(response.status_code, headers=response.headers, stream=_Whole(content))

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Whole(httpx.AsyncByteStream):
    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._content


def work(
    sandbox: Sandbox,
    what: Callable[[NilveraSession], Awaitable[T]],
    *,
    company: str = COMPANY,
    credentials: dict[str, str] | None = None,
    judged: bool = True,
    **settings: Any,
) -> T:
    """What `what` makes of an open session; nothing of it may be outside of the description."""

    async def run() -> T:
        transport = Judged()
        keys = credentials or sandbox.credentials(company, "nilvera")
        async with (
            httpx.AsyncClient(transport=transport) as client,
            open_session(spec_at(sandbox.url, keys, **settings), client, clock=StandStill().clock()) as session,
        ):
            done = await what(session)
        assert not judged or transport.problems == []
        return done

    return asyncio.run(run())
