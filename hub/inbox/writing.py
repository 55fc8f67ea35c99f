"""Commits what calls brought, for many calls at once: who comes while a commit is under way shares the next one.

A transaction still sees one tenant: what is shared is a thread and a connection between tenants, and the transaction
between the calls to one address. A call is answered only after the transaction with its events is committed. Nothing
waits to make a group larger; groups grow by themselves while the database is the slower one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.inbox import events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hub.db.database import Database
    from hub.inbox.doors import Door
    from hub.inbox.events import Arrival
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring

WRITERS = 4
"""Threads, each with a connection: while one waits for the disk, the others do not, and Postgres flushes for all."""
MOST_AT_ONCE = 64
"""Calls that one writer takes in a turn."""

Result = int | Exception | None
"""How many events were new; what went wrong; None for a door that is not as it was."""


@dataclass
class _Waiting:
    door: Door
    arrival: Arrival
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Result] = field(repr=False)


class Writing:
    """One a process. Calls come from event loops; writers are threads that end when nothing is left to write."""

    def __init__(self, database: Database, keyring: Keyring, daily_keys: DailyKeys) -> None:
        self._database = database
        self._keyring = keyring
        self._daily_keys = daily_keys
        self._waiting: deque[_Waiting] = deque()
        self._writers = 0
        self._lock = Lock()

    async def add(self, door: Door, arrival: Arrival) -> int | None:
        """How many of the events were new, once they are durable; None where the door is not as it was."""
        loop = asyncio.get_running_loop()
        mine = _Waiting(door, arrival, loop, loop.create_future())
        with self._lock:
            self._waiting.append(mine)
            wanted = self._writers < WRITERS
            self._writers += wanted
        if wanted:
            loop.run_in_executor(None, self._write_all)
        result = await mine.answer
        if isinstance(result, Exception):
            raise result
        return result

    def _write_all(self) -> None:
        while batch := self._taken():
            self._write(batch)

    def _taken(self) -> list[_Waiting]:
        """A fair share of what waits. Empty when nothing does: then the caller is a writer no more."""
        with self._lock:
            count = min(MOST_AT_ONCE, -(-len(self._waiting) // self._writers))
            taken = [self._waiting.popleft() for _ in range(count)]
            if not taken:
                self._writers -= 1
        return taken

    def _write(self, batch: Sequence[_Waiting]) -> None:
        groups: dict[tuple[object, ...], list[_Waiting]] = {}
        for each in batch:
            groups.setdefault(tuple(each.door.named.values()), []).append(each)
        failed: Exception | None = None
        with self._database.holding():
            for group in groups.values():
                results: Sequence[Result] = [failed] * len(group)
                if failed is None:
                    try:
                        results = self._stored(group)
                    except Exception as error:
                        results = [error] * len(group)
                        failed = error if _is_outage(error) else None
                _tell(group, results)

    def _stored(self, group: Sequence[_Waiting]) -> Sequence[Result]:
        door = group[0].door
        # Before the transaction on the data: they may ask the key store, which answers in a transaction of its own.
        keys, day_key = self._keyring.tenant(door.tenant_id), self._daily_keys.today(door.tenant_id)
        with self._database.tenant(door.tenant_id, "app") as connection:
            new = events.store(connection, keys, day_key, door, [each.arrival for each in group])
        return [None] * len(group) if new is None else new


def _is_outage(error: Exception) -> bool:
    """Whether the next tenant would meet the same: then nobody is kept waiting to find that out."""
    if isinstance(error, HubError):
        return error.code in {"database_down", "database_busy"}
    import psycopg

    return isinstance(error, psycopg.OperationalError)


def _tell(group: Sequence[_Waiting], results: Sequence[Result]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Result]]] = {}
    for each, result in zip(group, results, strict=True):
        by_loop.setdefault(each.loop, []).append((each, result))
    for loop, told in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_settle, told)


def _settle(told: Sequence[tuple[_Waiting, Result]]) -> None:
    for each, result in told:
        if not each.answer.done():
            each.answer.set_result(result)
