"""Sessions with the sandbox's Bulutfon in either generation, and what its own book says of a company's calls."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.bulutfon import PROVIDER
from connectors.bulutfon.session import open_session
from connectors.contract import ConnectionSpec, Row, Window
from connectors.sandbox.bulutfon.calls import Call, book, told_calls
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import START, StandStill, keyed_by, opened, rows_of, spec_at, work_in

GENERATIONS = ("v1", "v2")
DOCUMENTED_V2 = {
    "uuid": "b75d34a7-0000-4801-8530-406c6aea0e02",
    "direction": "IN",
    "caller": "905550000002",
    "callee": "908500000001",
    "caller_extension": None,
    "duration": 151,
    "call_time": "2026-11-18T10:01:00+03:00",
    "call_record": "https://api.bulutfon.com/v2/secret-path",
}
"""All that is seen of the second generation in public."""


def spec(sandbox: Sandbox, company: str, version: str = "v2", **settings: Any) -> ConnectionSpec:
    return spec_at(sandbox.url, sandbox.credentials(company, "bulutfon"), api_version=version, **settings)


session = partial(opened, open_session)
in_session = partial(work_in, open_session)


def read(
    connection: ConnectionSpec, stream: str, window: Window | None = None, time: StandStill | None = None
) -> dict[str, list[Row]]:
    """Every row of a stream and its children, by stream."""
    return rows_of(open_session, connection, stream, window or days(7), time)


def days(count: float, end: datetime = START) -> Window:
    return Window(end - timedelta(days=count), end)


def keyed(stream: str, rows: list[Row]) -> dict[Any, Row]:
    """Rows by their key, without its parentheses where it is one column; a key that comes twice is an error."""
    by_key = keyed_by(PROVIDER.stream(stream), rows)
    return {key if len(key) > 1 else key[0]: row for key, row in by_key.items()}


def booked(sandbox: Sandbox, company: str, window: Window) -> dict[str, Call]:
    """The calls of a window by their ids, from the stand-in's book and not from its endpoints."""
    calls = told_calls(sandbox.world, book(sandbox.world), company)
    return {call.uuid: call for call in calls if window.start <= call.at < window.end}


def requests(sandbox: Sandbox, path: str = "", company: str | None = None) -> int:
    """Requests to paths that begin so."""
    return sum(
        count
        for (provider, asked, where), count in sandbox.world.requests.items()
        if provider == "bulutfon" and where.startswith(path) and company in (None, asked)
    )


def advance_into_a_call(sandbox: Sandbox, company: str) -> str:
    """Move time into the middle of the next call that is told while it lasts; its id."""
    now = sandbox.world.clock.now()
    coming = (now.date() + timedelta(days=passed) for passed in range(3))
    calls = (call for day in coming for call in book(sandbox.world)(company, day))
    call = next(call for call in calls if call.at > now and call.told_at == call.at and call.answered_at is not None)
    assert call.answered_at is not None
    sandbox.world.clock.advance(call.answered_at + (call.ended_at - call.answered_at) / 2 - now)
    return call.uuid
