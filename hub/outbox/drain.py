"""Empties the outbox: what is due is leased, done and settled, many groups at once, for as long as there is something.

Starting a run takes seconds, so a drain lingers: while it waits, Postgres tells it of every new action (LISTEN/NOTIFY).
No group waits for another: a provider that does not answer keeps its own groups busy, and at most half of the places.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hub.outbox import lease as leases
from hub.outbox import perform
from hub.outbox.enqueue import CHANNEL
from hub.outbox.perform import Errand, Outbox
from hub.outbox.vocabulary import KIND_UNKNOWN, LEASE

if TYPE_CHECKING:
    import httpx

    from hub.outbox.lease import Lease

_RENEWED_EVERY = LEASE.total_seconds() / 5

Act = Callable[[Outbox, Errand, "httpx.AsyncClient"], Awaitable[Counter[str]]]
OnCounts = Callable[[Counter[str]], None]


@dataclass(frozen=True)
class Pace:
    """Bounds of a drain. `lingers` is how long it stays when nothing comes; `lasts` when everything comes."""

    lingers: timedelta = timedelta(seconds=60)
    lasts: timedelta = timedelta(minutes=10)
    most: int = 4_000
    """Actions in hand."""
    share: int = 400
    """Of them, a tenant's."""
    places: int = 16
    """Groups at their provider or in the database at once."""
    least_wait: float = 1.0
    """Seconds between two looks at a queue in which something is due that cannot be leased."""


def no_news(_counts: Counter[str]) -> None:
    """For those who wait for the end."""


async def drain(outbox: Outbox, *, pace: Pace | None = None, on_counts: OnCounts = no_news) -> Counter[str]:
    """Do and ask until nothing has come for as long as it lingers. Counts by what became of the actions."""
    with ExitStack() as stack:
        listener = stack.enter_context(outbox.database.listening(CHANNEL))
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def hear() -> None:
            listener.heard()
            news.set()

        loop.add_reader(listener.fileno(), hear)
        stack.callback(loop.remove_reader, listener.fileno())
        return await _Drain(outbox, pace or Pace(), on_counts, news).run()


class _Drain:
    def __init__(self, outbox: Outbox, pace: Pace, on_counts: OnCounts, news: asyncio.Event) -> None:
        self._outbox = outbox
        self._pace = pace
        self._on_counts = on_counts
        self._news = news
        self._counts: Counter[str] = Counter()
        self._under_way: dict[asyncio.Task[None], Errand] = {}
        self._places = asyncio.Semaphore(pace.places)
        self._of_provider: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(max(1, pace.places // 2))
        )
        self._clients: asyncio.Queue[httpx.AsyncClient] = asyncio.Queue()

    async def run(self) -> Counter[str]:
        import ssl

        from hub.sync.fetch import http_client

        trust = ssl.create_default_context()
        clients = [http_client(trust) for _ in range(self._pace.places)]
        for client in clients:
            self._clients.put_nowait(client)
        keeper = asyncio.create_task(self._renew())
        try:
            await self._until_quiet()
        finally:
            # What is at its provider is waited for: its answer is worth more than a lease that runs out.
            await asyncio.gather(*self._under_way, return_exceptions=True)
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            for client in clients:
                await client.aclose()
        return self._counts

    async def _until_quiet(self) -> None:
        ends = time.monotonic() + self._pace.lasts.total_seconds()
        quiet_since = time.monotonic()
        while time.monotonic() < ends:
            self._news.clear()
            await self._reap()
            if await self._round():
                quiet_since = time.monotonic()
                continue
            left = quiet_since + self._pace.lingers.total_seconds() - time.monotonic()
            if self._under_way:
                left = max(left, self._pace.least_wait)
            elif left <= 0:
                return
            due = await asyncio.to_thread(leases.next_due_in, self._outbox.database)
            wait = left if due is None else min(left, max(due.total_seconds(), self._pace.least_wait))
            await self._something(wait)
        self._news.clear()

    async def _something(self, wait: float) -> None:
        """Until an action is queued, a group is done, or the time is over."""
        told = asyncio.create_task(self._news.wait())
        try:
            await asyncio.wait({told, *self._under_way}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        finally:
            told.cancel()

    async def _reap(self) -> None:
        """Errors of the database or of our own end the drain; every lease that was taken runs out by itself."""
        done = [task for task in self._under_way if task.done()]
        for task in done:
            del self._under_way[task]
        for task in done:
            await task

    async def _round(self) -> bool:
        """Take back, lease, and send on their way. Whether there was anything."""
        database = self._outbox.database
        back = await asyncio.to_thread(leases.take_back, database)
        self._count(Counter({f"taken back: {state}": count for state, count in back.items()}))
        in_hand: Counter[str] = Counter()
        for errand in self._under_way.values():
            in_hand[errand.tenant_id] += len(errand.action_ids)
        room = self._pace.most - in_hand.total()
        if room <= 0:
            return bool(back)
        busy = {tenant for tenant, count in in_hand.items() if count >= self._pace.share}
        to_do = await asyncio.to_thread(leases.lease, database, most=room, share=self._pace.share, busy=busy)
        to_ask = await asyncio.to_thread(leases.lease_looks, database, most=room)
        self._start(to_do, perform.do)
        self._start(to_ask, perform.ask)
        return bool(to_do.actions or to_ask.actions or back)

    def _start(self, leased: Lease, act: Act) -> None:
        by_group: defaultdict[tuple[str, str], list[UUID]] = defaultdict(list)
        for each in leased.actions:
            by_group[each.tenant_id, each.kind].append(each.action_id)
        for (tenant_id, kind), ids in by_group.items():
            # As many as one call does: what is committed as attempted is then at the provider, or about to be.
            for part in self._parts(kind, ids, act):
                errand = Errand(tenant_id, kind, leased.token, part)
                self._under_way[asyncio.create_task(self._errand(errand, act))] = errand

    def _parts(self, kind: str, ids: list[UUID], act: Act) -> list[list[UUID]]:
        declared = self._outbox.kinds.get(kind)
        size = len(ids) if declared is None else declared.together if act is perform.do else declared.asked_together
        return [ids[at : at + size] for at in range(0, len(ids), size)]

    async def _errand(self, errand: Errand, act: Act) -> None:
        if errand.kind not in self._outbox.kinds:
            # Of another version of the hub: it stays leased until the lease ends, and so nobody spins on it.
            self._count(Counter({KIND_UNKNOWN: len(errand.action_ids)}))
            return
        await perform.room(self._outbox, errand)
        async with self._of_provider[self._outbox.kinds[errand.kind].provider], self._places:
            client = await self._clients.get()
            try:
                self._count(await act(self._outbox, errand, client))
            finally:
                self._clients.put_nowait(client)

    def _count(self, counts: Counter[str]) -> None:
        if counts:
            self._counts += counts
            self._on_counts(counts)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY)
            tokens = list({errand.lease for errand in self._under_way.values()})
            await asyncio.to_thread(leases.renew, self._outbox.database, tokens)
