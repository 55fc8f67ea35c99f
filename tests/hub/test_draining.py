"""How long a drain waits between two looks, and what ends it: by a clock of the test's own, whichever queue it is."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

import hub.draining
from hub.draining import Draining
from hub.errors import HubError

LEAST, MOST = 0.5, 10.0


@dataclass(frozen=True)
class Bounds:
    lingers: timedelta = timedelta(seconds=25)
    lasts: timedelta = timedelta(seconds=600)
    least_wait: float = LEAST
    most_wait: float = MOST


@dataclass
class Ears:
    """A connection that hears, without a database behind it."""

    mine: socket.socket
    broken: bool = False
    heard_of: int = 0

    def fileno(self) -> int:
        return self.mine.fileno()

    def heard(self) -> None:
        self.heard_of += 1
        if self.broken:
            raise HubError("database_down", role="app")
        self.mine.recv(1)


@dataclass
class Queue:
    """What a drain finds, and every wait it asks for, which is over at once."""

    found: Callable[[], bool] = lambda: False
    due: timedelta | None = None
    now: float = 1_000.0
    waits: list[float] = field(default_factory=list[float])
    told_before: list[bool] = field(default_factory=list[bool])
    looks: int = 0

    def __post_init__(self) -> None:
        mine, self.far = socket.socketpair()
        self.ears = Ears(mine)

    @contextmanager
    def listening(self, _channel: str) -> Iterator[Ears]:
        yield self.ears

    def monotonic(self) -> float:
        return self.now

    async def look(self) -> bool:
        self.looks += 1
        return self.found()

    async def drained(self, monkeypatch: pytest.MonkeyPatch, bounds: Bounds, *, busy: bool = False) -> list[float]:
        draining: Draining[str] = Draining(self, "hub_test", bounds)  # type: ignore[arg-type]

        async def something(_self: object, news: asyncio.Event, wait: float) -> None:
            self.told_before.append(news.is_set())
            news.set()
            self.waits.append(round(wait, 3))
            self.now += wait

        monkeypatch.setattr(hub.draining, "time", self)
        monkeypatch.setattr(Draining, "_something", something)
        hanging = draining.start(asyncio.Event().wait(), "hanging") if busy else None  # type: ignore[arg-type]
        await draining.until_quiet(self.look, lambda _database: self.due)
        if hanging is not None:
            hanging.cancel()
        return self.waits

    def close(self) -> None:
        self.far.close()
        self.ears.mine.close()


@pytest.fixture
def queue() -> Iterator[Queue]:
    queue = Queue()
    yield queue
    queue.close()


@pytest.mark.parametrize(
    ("due", "waits"),
    [
        (None, [10, 10, 5]),
        (timedelta(hours=1), [10, 10, 5]),
        (timedelta(seconds=8), [8, 8, 8, 1]),
        (timedelta(seconds=-3), [0.5] * 50),
    ],
)
def test_with_nothing_to_do_it_waits_for_what_is_due_next_and_ends_when_it_has_lingered(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, due: timedelta | None, waits: list[float]
) -> None:
    queue.due = due

    assert asyncio.run(queue.drained(monkeypatch, Bounds())) == waits
    assert queue.now == 1_025


def test_what_it_finds_has_it_linger_anew(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    finds = iter([False, True])
    queue.found = lambda: next(finds, False)

    assert asyncio.run(queue.drained(monkeypatch, Bounds())) == [10, 10, 10, 5]


def test_it_ends_in_time_when_there_is_always_something(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    def found() -> bool:
        queue.now += 1
        return True

    queue.found = found

    assert asyncio.run(queue.drained(monkeypatch, Bounds(lasts=timedelta(seconds=7)))) == []
    assert queue.looks == 7


@pytest.mark.parametrize(("lingers", "waits"), [(0, [0.5] * 4), (60, [2])])
def test_what_is_under_way_keeps_it_from_ending_and_it_looks_now_and_then(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, lingers: int, waits: list[float]
) -> None:
    bounds = Bounds(lingers=timedelta(seconds=lingers), lasts=timedelta(seconds=2), most_wait=2)

    assert asyncio.run(queue.drained(monkeypatch, bounds, busy=True)) == waits


def test_news_from_before_a_look_does_not_cut_the_next_wait_short(
    queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(queue.drained(monkeypatch, Bounds()))

    assert queue.told_before == [False] * 3


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_told_once_is_heard_once(queue: Queue, broken: bool) -> None:
    """A connection that is gone would tell of its end for ever."""
    queue.ears.broken = broken

    async def run() -> None:
        draining: Draining[Any] = Draining(queue, "hub_test", Bounds())  # type: ignore[arg-type]
        with draining._hearing() as news:
            queue.far.send(b"!")
            await news.wait()
            for _ in range(5):
                await asyncio.sleep(0)

    asyncio.run(run())
    assert queue.ears.heard_of == 1
