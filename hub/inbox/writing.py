"""Commits what calls brought, for many calls at once: who comes while a commit is under way shares the next one.

A transaction still sees one tenant. What tenants share is a thread, a connection and the wait for it; what is shared by
calls to one address is the transaction. A call is answered only after the transaction with its events is committed.
Nothing waits to make a group larger: groups grow by themselves while the database is the slower one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.inbox import events

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.inbox.doors import Door
    from hub.inbox.events import Arrival, Batch
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring

WRITERS = 3
"""Threads, each with a connection: while one waits for the disk the others do not, and Postgres flushes for all."""
MOST_AT_ONCE = 64
"""Calls that one writer takes in a turn."""
MANY_BYTES = 2**20
"""Of events, after which it takes no more of them: a turn is to be short for everybody who waits for the next."""
_ANSWERS_WITHIN_SECONDS = 30.0
"""A caller who waits longer is told to come again, and harms nothing by it; so nobody hangs on a writer that does."""
_HOLDS_SECONDS = 0.05
"""How long a writer with nothing to do keeps its connection."""
_STAYS_SECONDS = 5.0
"""And how long it lives after that."""

Result = int | Exception | None
"""How many events were new; what went wrong; None for a door that is not as it was."""


@dataclass
class _Waiting:
    door: Door
    arrival: Arrival
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Result] = field(repr=False)

    @property
    def size(self) -> int:
        return sum(len(event.body) for event in self.arrival.events)


_Group = list[_Waiting]
"""Calls to one door."""

logger = logging.getLogger(__name__)


class Writing:
    """One a process. Calls come from event loops; writers are threads that end when there is nothing to write."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        daily_keys: DailyKeys,
        *,
        answers_within: float = _ANSWERS_WITHIN_SECONDS,
    ) -> None:
        self._answers_within = answers_within
        self._database = database
        self._keyring = keyring
        self._daily_keys = daily_keys
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._writers = 0
        self._lock = Lock()

    async def add(self, door: Door, arrival: Arrival) -> int | None:
        """How many of the events were new, once they are durable; None where the door is not as it was.

        HubError `database_busy` when that takes too long; they may become durable all the same.
        """
        loop = asyncio.get_running_loop()
        mine = _Waiting(door, arrival, loop, loop.create_future())
        self._waiting.put(mine)
        self._have_written()
        try:
            result = await asyncio.wait_for(mine.answer, self._answers_within)
        except TimeoutError:
            raise HubError("database_busy") from None
        if isinstance(result, Exception):
            raise result
        return result

    def _have_written(self) -> None:
        with self._lock:
            wanted = self._writers == 0 or (self._writers < WRITERS and self._waiting.qsize() > self._writers)
            self._writers += wanted
        if wanted:
            Thread(target=self._write_all, name="inbox-writer", daemon=True).start()

    def _write_all(self) -> None:
        while (first := self._next()) is not None:
            try:
                self._write_for_a_while(first)
            except Exception as error:  # everybody has been told; the next one gets another connection
                _tell_the_log(error)

    def _next(self) -> _Waiting | None:
        """What came next; None when nothing did for a while, and then the thread is a writer no more."""
        while True:
            try:
                return self._waiting.get(timeout=_STAYS_SECONDS)
            except Empty:
                pass
            with self._lock:  # nobody can come in between and count on this thread
                if self._waiting.empty():
                    self._writers -= 1
                    return None

    def _write_for_a_while(self, first: _Waiting) -> None:
        with self._database.holding():
            while True:
                self._write(self._with_others(first))
                try:
                    first = self._waiting.get(timeout=_HOLDS_SECONDS)
                except Empty:
                    return

    def _with_others(self, first: _Waiting) -> Sequence[_Group]:
        """A fair share of what waits, by door."""
        groups: dict[int, _Group] = {id(first.door): [first]}
        size = first.size
        for _ in range(min(MOST_AT_ONCE, self._waiting.qsize() // self._writers)):
            if size >= MANY_BYTES:
                break
            try:
                another = self._waiting.get_nowait()
            except Empty:
                break
            size += another.size
            groups.setdefault(id(another.door), []).append(another)
        return list(groups.values())

    def _write(self, groups: Sequence[_Group]) -> None:
        """All in a row; then, one by one, those of which not everything was new, and everybody after an error."""
        told: set[int] = set()
        partly: dict[int, set[str]] = {}
        with suppress(Exception):  # what is wrong is found out below: storing again harms nothing
            batches = [self._sealed(group) for group in groups]
            statements = [(each.door.tenant_id, events.INSERT_WHILE_OPEN, each.given) for each in batches]
            with closing(self._database.each_tenant("app", statements)) as stored:
                for group, batch, rows in zip(groups, batches, stored, strict=False):
                    new = {event_id for (event_id,) in rows}
                    if batch.is_whole(new):
                        _tell(group, batch.counted(new))
                        told.add(id(group))
                    else:
                        partly[id(group)] = new
        outage: Exception | None = None
        for group in groups:
            if id(group) in told:
                continue
            results: Sequence[Result] = [outage] * len(group)
            if outage is None:
                try:
                    results = self._stored(group, partly.get(id(group), set()))
                except Exception as error:
                    results = [error] * len(group)
                    outage = error if _is_outage(error) else None
            _tell(group, results)

    def _sealed(self, group: _Group) -> Batch:
        door = group[0].door
        keys, day_key = self._keyring.tenant(door.tenant_id), self._daily_keys.today(door.tenant_id)
        return events.sealed(keys, day_key, door, [each.arrival for each in group])

    def _stored(self, group: _Group, already: set[str]) -> Sequence[Result]:
        batch = self._sealed(group)
        with self._database.tenant(batch.door.tenant_id, "app") as connection:
            counts = events.store(connection, batch, already)
        return [None] * len(group) if counts is None else counts


def _tell_the_log(error: Exception) -> None:
    logger.error("a writer gave its connection up: %s", type(error).__name__)


def _is_outage(error: Exception) -> bool:
    """Whether the next tenant would meet the same: then nobody is kept waiting to find that out."""
    if isinstance(error, HubError):
        return error.code in {"database_down", "database_busy"}
    import psycopg

    return isinstance(error, psycopg.OperationalError)


def _tell(group: _Group, results: Sequence[Result]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Result]]] = {}
    for each, result in zip(group, results, strict=True):
        by_loop.setdefault(each.loop, []).append((each, result))
    for loop, told in by_loop.items():
        with suppress(RuntimeError):  # closed: whoever called has gone with it
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: Sequence[tuple[_Waiting, Result]]) -> None:
    for each, result in told:
        if not each.answer.done():
            each.answer.set_result(result)
