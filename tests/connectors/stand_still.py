"""A clock whose sleeps take no time but are remembered, and a session over the sandbox or any other address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import httpx

from connectors.clock import Clock
from connectors.contract import ConnectionSpec, Row, Session, Stream, Window
from connectors.iyzico import PROVIDER
from connectors.iyzico.session import open_session
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret

T = TypeVar("T")
S = TypeVar("S", bound=Session)
Open = Callable[..., AbstractAsyncContextManager[S]]
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
async def opened(
    open_session: Open[S], connection: ConnectionSpec, time: StandStill | None = None
) -> AsyncGenerator[S]:
    """A provider's session, whose time passes by sleeping only."""
    clock = (time or StandStill()).clock()
    async with httpx.AsyncClient(trust_env=False) as client, open_session(connection, client, clock=clock) as session:
        yield session


def work_in(
    open_session: Open[S],
    connection: ConnectionSpec,
    work: Callable[[S], Awaitable[T]],
    time: StandStill | None = None,
) -> T:
    """What `work` makes of an open session."""

    async def run() -> T:
        async with opened(open_session, connection, time) as session:
            return await work(session)

    return asyncio.run(run())


def rows_of(
    open_session: Open[S], connection: ConnectionSpec, stream: str, window: Window, time: StandStill | None = None
) -> dict[str, list[Row]]:
    """Every row of a stream and its children, by stream."""

    async def work(session: S) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        async for page in session.pages(stream, window):
            for name, rows in {stream: page.rows, **page.children}.items():
                found.setdefault(name, []).extend(rows)
        return found

    return work_in(open_session, connection, work, time)


def keyed_by(stream: Stream, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows by their key; a key that comes twice is an error."""
    by_key = {tuple(row[name] for name in stream.key): row for row in rows}
    assert len(by_key) == len(rows)
    return by_key


session = partial(opened, open_session)
in_session = partial(work_in, open_session)


def read(
    connection: ConnectionSpec, stream: str, window: Window | None = None, time: StandStill | None = None
) -> dict[str, list[Row]]:
    """Every row of a stream of iyzico and its children, by stream."""
    return rows_of(open_session, connection, stream, window or days(7), time)


def keyed(stream: str, rows: list[Row]) -> dict[tuple[Any, ...], Row]:
    """Rows of a stream of iyzico by their key."""
    return keyed_by(PROVIDER.stream(stream), rows)


def days(count: int, end: datetime = START) -> Window:
    return Window(end - timedelta(days=count), end)
