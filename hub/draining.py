"""Empties a queue for as long as anything comes, and then ends: whichever queue it is.

Starting a run takes seconds, so whoever empties a queue lingers. Between two looks it waits for the first of three:
Postgres tells of something new (LISTEN/NOTIFY), something in hand is done, or the next thing is due. What is told may
be lost (a pooler, a firewall, a server that ends the connection), so there is a longest wait in any case.
"""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator
    from datetime import timedelta

    from hub.db.database import Database

_log = logging.getLogger(__name__)

Errand = TypeVar("Errand")


class Bounds(Protocol):
    """For how long a queue is emptied, and how long it is waited for at a time."""

    @property
    def lingers(self) -> timedelta:
        """Until it ends when nothing comes."""
        ...

    @property
    def lasts(self) -> timedelta:
        """Until it ends when everything comes."""
        ...

    @property
    def least_wait(self) -> float:
        """Seconds between two looks at a queue in which something is due that cannot be leased."""
        ...

    @property
    def most_wait(self) -> float:
        """Seconds between two looks in any case."""
        ...


class Draining(Generic[Errand]):
    """What is under way of a queue, and the looks at it until it is quiet. `channel` is where Postgres tells of it."""

    def __init__(self, database: Database, channel: str, bounds: Bounds) -> None:
        self._database = database
        self._channel = channel
        self._bounds = bounds
        self.under_way: dict[asyncio.Task[None], Errand] = {}

    def start(self, doing: Coroutine[Any, Any, None], errand: Errand) -> asyncio.Task[None]:
        """Have an errand done; its end leads to the next look."""
        task = asyncio.create_task(doing)
        self.under_way[task] = errand
        return task

    async def until_quiet(
        self, look: Callable[[], Awaitable[bool]], next_due_in: Callable[[Database], timedelta | None]
    ) -> None:
        """Look and look again, until there was nothing for as long as it lingers. What is under way then stays so.

        `look` takes what there is room for, and says whether there was anything. `next_due_in` is asked in a thread:
        until the next thing is due, None if there is none. Raises what they raise, and HubError 'database_down'.
        """
        with self._hearing() as news:
            ends = time.monotonic() + self._bounds.lasts.total_seconds()
            quiet_since = time.monotonic()
            while time.monotonic() < ends:
                news.clear()
                self._reap()
                if await look():
                    quiet_since = time.monotonic()
                    continue
                left = quiet_since + self._bounds.lingers.total_seconds() - time.monotonic()
                if self.under_way:
                    left = max(left, self._bounds.least_wait)
                elif left <= 0:
                    return
                due = await asyncio.to_thread(next_due_in, self._database)
                wait = left if due is None else min(left, max(due.total_seconds(), self._bounds.least_wait))
                await self._something(news, min(wait, self._bounds.most_wait))

    @contextmanager
    def _hearing(self) -> Generator[asyncio.Event]:
        news = asyncio.Event()
        with self._database.listening(self._channel) as listener:
            loop, ears = asyncio.get_running_loop(), listener.fileno()

            def hear() -> None:
                try:
                    listener.heard()
                except HubError:
                    # Its end would be told again and again. Looking now and then is slower, and as safe.
                    loop.remove_reader(ears)
                    _log.warning("the connection that hears of %s is gone", self._channel)
                news.set()

            loop.add_reader(ears, hear)
            try:
                yield news
            finally:
                loop.remove_reader(ears)

    def _reap(self) -> None:
        for task in [task for task in self.under_way if task.done()]:
            del self.under_way[task]

    async def _something(self, news: asyncio.Event, wait: float) -> None:
        told = asyncio.create_task(news.wait())
        try:
            await asyncio.wait({told, *self.under_way}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()
