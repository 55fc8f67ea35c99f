"""A clock whose sleeps take no time but are remembered, and a session over the sandbox or any other address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx

from connectors.clock import Clock
from connectors.contract import ConnectionSpec, Row, Window
from connectors.iyzico import PROVIDER
from connectors.iyzico.session import IyzicoSession, open_session
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret

T = TypeVar("T")
UNHURRIED = {"requests_per_minute": 100_000}
START = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
"""A Wednesday noon in Istanbul: the sandbox's start in these tests."""


@dataclass
class StandStill:
    """Time passes by sleeping only. `chance` is what jitter draws."""

    moment: datetime = START
    chance: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(
            now=lambda: self.moment + timedelta(seconds=sum(self.slept)),
            monotonic=lambda: sum(self.slept),
            sleep=self._sleep,
            chance=lambda: self.chance,
        )

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def spec(sandbox: Sandbox, company: str, **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company), **settings)


def spec_at(url: str, credentials: dict[str, str], **settings: Any) -> ConnectionSpec:
    secrets = {name: Secret(value) for name, value in credentials.items()}
    return ConnectionSpec("taaaaaaaaaaa", url, secrets, {**UNHURRIED, **settings})


@asynccontextmanager
async def session(connection: ConnectionSpec, time: StandStill | None = None) -> AsyncIterator[IyzicoSession]:
    async with httpx.AsyncClient(trust_env=False) as client:
        clock = (time or StandStill()).clock()
        async with open_session(connection, client, clock=clock) as opened:
            yield opened


def in_session(
    connection: ConnectionSpec, work: Callable[[IyzicoSession], Awaitable[T]], time: StandStill | None = None
) -> T:
    async def run() -> T:
        async with session(connection, time) as opened:
            return await work(opened)

    return asyncio.run(run())


def read(
    connection: ConnectionSpec, stream: str, window: Window | None = None, time: StandStill | None = None
) -> dict[str, list[Row]]:
    """Every row of a stream and its children, by stream."""

    async def work(opened: IyzicoSession) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        async for page in opened.pages(stream, window or days(7)):
            for name, rows in {stream: page.rows, **page.children}.items():
                found.setdefault(name, []).extend(rows)
        return found

    return in_session(connection, work, time)


def days(count: int, end: datetime = START) -> Window:
    return Window(end - timedelta(days=count), end)


def keyed(stream: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by their key; a key that comes twice is an error."""
    key = PROVIDER.stream(stream).key
    by_key = {tuple(row[name] for name in key): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key
