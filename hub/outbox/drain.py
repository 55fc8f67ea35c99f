"""Empties the outbox: what is due is leased, done and settled, many groups at once, for as long as there is something.

A drain lingers (hub/draining.py): while it waits, Postgres tells it of every new action.
No group waits for another: a provider that does not answer keeps its own groups busy, and at most half of the places; a
tenant, at most half of its provider's. What cannot be done soon is not kept in hand (`perform.place`).

One tenant's misfortune (keys that are gone, a row that breaks our own code) is counted and left to its lease; it ends
nothing. Only when the queue itself cannot be read does the drain end with an error.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from hub.draining import Draining
from hub.errors import HubError
from hub.outbox import lease as leases
from hub.outbox import perform
from hub.outbox.enqueue import CHANNEL
from hub.outbox.perform import Errand, Outbox
from hub.outbox.traced import traced
from hub.outbox.vocabulary import KIND_UNKNOWN, LEASE

if TYPE_CHECKING:
    import httpx

    from hub.outbox.lease import Lease

_log = logging.getLogger(__name__)

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
    most_wait: float = 10.0
    """Seconds between two looks in any case: a pooler or a firewall may swallow what Postgres tells."""


@dataclass
class _Few:
    """A tenant's places at a provider, and how many groups use or wait for them."""

    places: asyncio.Semaphore
    users: int = 0


def no_news(_counts: Counter[str]) -> None:
    """For those who wait for the end."""


async def drain(outbox: Outbox, *, pace: Pace | None = None, on_counts: OnCounts = no_news) -> Counter[str]:
    """Do and ask until nothing has come for as long as it lingers. Counts by what became of the actions."""
    return await _Drain(outbox, pace or Pace(), on_counts).run()


class _Drain:
    def __init__(self, outbox: Outbox, pace: Pace, on_counts: OnCounts) -> None:
        self._outbox = outbox
        self._pace = pace
        self._on_counts = on_counts
        self._counts: Counter[str] = Counter()
        self._draining: Draining[Errand] = Draining(outbox.database, CHANNEL, pace)
        self._under_way = self._draining.under_way
        self._in_line: set[asyncio.Task[None]] = set()
        self._resting: dict[tuple[str, str], float] = {}
        self._places = asyncio.Semaphore(pace.places)
        self._of_tenant: dict[tuple[str, str], _Few] = {}
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
            await self._draining.until_quiet(self._round, leases.next_due_in)
        finally:
            # What is at its provider is waited for: its answer is worth more than a lease that runs out. What only
            # stands in line is somebody else's from now on.
            given_back = [self._under_way[task] for task in self._in_line]
            for task in self._in_line:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            with suppress(HubError):
                for errand in given_back:
                    await self._give_back(errand.lease, errand.tenant_id, errand.action_ids)
            for client in clients:
                await client.aclose()
        return self._counts

    async def _round(self) -> bool:
        """Take back, lease, and send on their way. Whether there was anything."""
        database = self._outbox.database
        back = await asyncio.to_thread(leases.take_back, database)
        self._count(Counter({f"taken back: {state}": count for state, count in back.items()}))
        # Doing and asking have their own room: however much there is to ask after, what is due is done.
        to_do = await self._leased(leases.lease, perform.do)
        to_ask = await self._leased(leases.lease_looks, perform.ask)
        return bool(to_do or to_ask or back)

    async def _leased(self, take: Callable[..., Lease], act: Act) -> int:
        """Take what there is room for, and start it. How many actions are on their way."""
        in_hand: Counter[str] = Counter()
        for errand in self._under_way.values():
            if errand.asks == (act is perform.ask):
                in_hand[errand.tenant_id] += len(errand.action_ids)
        room = self._pace.most - in_hand.total()
        if room <= 0:
            return 0
        now = time.monotonic()
        self._resting = {pair: until for pair, until in self._resting.items() if until > now}
        leased = await asyncio.to_thread(
            take,
            self._outbox.database,
            most=room,
            share=self._pace.share,
            busy={tenant for tenant, count in in_hand.items() if count >= self._pace.share},
            resting=self._resting.keys(),
        )
        return await self._start(leased, act)

    async def _start(self, leased: Lease, act: Act) -> int:
        started = 0
        by_group: defaultdict[tuple[str, str], list[UUID]] = defaultdict(list)
        for each in leased.actions:
            by_group[each.tenant_id, each.kind].append(each.action_id)
        for (tenant_id, kind), ids in by_group.items():
            # As many as one call does: what is committed as attempted is then at the provider, or about to be.
            started_of_group = 0
            for part in self._parts(kind, ids, act):
                errand = Errand(tenant_id, kind, leased.token, part, asks=act is perform.ask)
                wait = perform.place(self._outbox, errand)
                if wait > perform.LONGEST_IN_LINE:
                    self._rest(errand, wait)
                    await self._give_back(leased.token, tenant_id, ids[started_of_group:])
                    break
                started_of_group += len(part)
                task = self._draining.start(self._errand(errand, act, wait), errand)
                self._in_line.add(task)
                task.add_done_callback(self._in_line.discard)
            started += started_of_group
        return started

    def _rest(self, errand: Errand, wait: float) -> None:
        """Nothing more is leased of a tenant with a long line at a provider until it has become short."""
        until = time.monotonic() + wait - perform.LONGEST_IN_LINE / 2
        self._resting[errand.tenant_id, self._outbox.kinds[errand.kind].provider] = until

    async def _give_back(self, token: UUID, tenant_id: str, ids: Sequence[UUID]) -> None:
        await asyncio.to_thread(leases.give_back, self._outbox.database, token, tenant_id, ids)

    def _parts(self, kind: str, ids: list[UUID], act: Act) -> list[list[UUID]]:
        declared = self._outbox.kinds.get(kind)
        size = len(ids) if declared is None else declared.together if act is perform.do else declared.asked_together
        return [ids[at : at + size] for at in range(0, len(ids), size)]

    async def _errand(self, errand: Errand, act: Act, wait: float) -> None:
        try:
            await self._run(errand, act, wait)
        except Exception as error:
            # No text of it: a database quotes rows. Its lease runs out by itself, which is pause enough.
            code = error.code if isinstance(error, HubError) else type(error).__name__
            _log.error("%d actions (%s) were left to their lease: %s", len(errand.action_ids), errand.kind, code)
            self._count(Counter({f"left: {code}": len(errand.action_ids)}))

    async def _run(self, errand: Errand, act: Act, wait: float) -> None:
        if errand.kind not in self._outbox.kinds:
            # Of another version of the hub: it stays leased until the lease ends, and so nobody spins on it.
            self._count(Counter({KIND_UNKNOWN: len(errand.action_ids)}))
            return
        await asyncio.sleep(wait)
        provider = self._outbox.kinds[errand.kind].provider
        async with self._few(errand.tenant_id, provider), self._of_provider[provider], self._places:
            task = asyncio.current_task()
            if task is not None:
                self._in_line.discard(task)
            client = await self._clients.get()
            try:
                self._count(await traced(act, self._outbox, errand, client))
            finally:
                self._clients.put_nowait(client)

    @asynccontextmanager
    async def _few(self, tenant_id: str, provider: str) -> AsyncGenerator[None]:
        """A place among the few that one tenant may have at a provider."""
        key = tenant_id, provider
        few = self._of_tenant.setdefault(key, _Few(asyncio.Semaphore(max(1, self._pace.places // 4))))
        few.users += 1
        try:
            async with few.places:
                yield
        finally:
            few.users -= 1
            if not few.users:
                self._of_tenant.pop(key, None)

    def _count(self, counts: Counter[str]) -> None:
        if counts:
            self._counts += counts
            self._on_counts(counts)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(_RENEWED_EVERY)
            tokens = list({errand.lease for errand in self._under_way.values()})
            try:
                await asyncio.to_thread(leases.renew, self._outbox.database, tokens)
            except Exception as error:  # the next time may be in time still
                _log.warning("leases were not renewed: %s", type(error).__name__)
