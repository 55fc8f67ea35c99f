"""Sessions with the sandbox's Arvento, and reading of whole streams."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import httpx

from connectors.arvento import PROVIDER
from connectors.arvento.session import ArventoSession, open_session
from connectors.contract import ConnectionSpec, Row, Window
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import StandStill, days, spec_at

T = TypeVar("T")
FLEET = "fleet-1"
SOAP_PATH = "/v1/report.asmx"


def spec(sandbox: Sandbox, company: str = FLEET, **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company, "arvento"), **settings)


@asynccontextmanager
async def session(connection: ConnectionSpec, time: StandStill | None = None) -> AsyncIterator[ArventoSession]:
    clock = (time or StandStill()).clock()
    async with httpx.AsyncClient(trust_env=False) as client, open_session(connection, client, clock=clock) as opened:
        yield opened


def in_session(
    connection: ConnectionSpec, work: Callable[[ArventoSession], Awaitable[T]], time: StandStill | None = None
) -> T:
    async def run() -> T:
        async with session(connection, time) as opened:
            return await work(opened)

    return asyncio.run(run())


def read(
    connection: ConnectionSpec, stream: str, window: Window | None = None, time: StandStill | None = None
) -> list[Row]:
    """Every row of a stream."""

    async def work(opened: ArventoSession) -> list[Row]:
        return [row async for page in opened.pages(stream, window or days(2)) for row in page.rows]

    return in_session(connection, work, time)


def keyed(stream: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by their key; a key that comes twice is an error."""
    key = PROVIDER.stream(stream).key
    by_key = {tuple(row[name] for name in key): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


def withhold(sandbox: Sandbox, *operations: str) -> None:
    """Take operations out of the fleet's contract."""
    sandbox.world.withheld.update(("arvento", FLEET, operation) for operation in operations)
