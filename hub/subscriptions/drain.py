"""Empties the queue of webhooks: what is due is leased, told and settled, many receivers at once.

A drain lingers (hub/draining.py): while it waits, Postgres tells it of every new event.
Nobody waits for anybody's slow receiver: a tenant has few of the places, and few of its deliveries are in hand at once.

One tenant's misfortune (keys that are gone, a row that breaks our own code) is counted and left to its lease.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from hub.draining import Draining
from hub.subscriptions import queue
from hub.subscriptions.telling import AT_ONCE, Outgoing, tell
from hub.subscriptions.vocabulary import CHANNEL

if TYPE_CHECKING:
    from hub.subscriptions.queue import Leased

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Bounds of a drain. `lingers` is how long it stays when nothing comes; `lasts` when everything comes."""

    lingers: timedelta = timedelta(seconds=60)
    lasts: timedelta = timedelta(minutes=10)
    most: int = 512
    """Deliveries in hand."""
    share: int = 32
    """Of them, a tenant's."""
    places: int = 64
    """Requests at once; one tenant has `telling.AT_ONCE` of them."""
    least_wait: float = 0.5
    """Seconds between two looks while something is due that cannot be leased."""
    most_wait: float = 10.0
    """Seconds between two looks in any case: a pooler or a firewall may swallow what Postgres tells."""


async def drain(outgoing: Outgoing, *, pace: Pace | None = None) -> Counter[str]:
    """Tell until nothing has come for as long as it lingers. Counts by what became of the deliveries."""
    return await _Drain(outgoing, pace or Pace()).run()


class _Drain:
    def __init__(self, outgoing: Outgoing, pace: Pace) -> None:
        self._outgoing = outgoing
        self._pace = pace
        self._counts: Counter[str] = Counter()
        self._draining: Draining[Leased] = Draining(outgoing.database, CHANNEL, pace)
        self._under_way = self._draining.under_way
        self._places = asyncio.Semaphore(pace.places)
        self._of_tenant: dict[str, asyncio.Semaphore] = {}

    async def run(self) -> Counter[str]:
        try:
            await self._draining.until_quiet(self._round, queue.next_due_in)
        finally:
            # Whoever is being told is waited for: every attempt ends in time by itself.
            await asyncio.gather(*self._under_way, return_exceptions=True)
        return self._counts

    async def _round(self) -> bool:
        """Lease what there is room for, and send it on its way. Whether there was anything."""
        in_hand: Counter[str] = Counter()
        for leased in self._under_way.values():
            in_hand[leased.tenant_id] += len(leased.event_ids)
        self._of_tenant = {tenant: few for tenant, few in self._of_tenant.items() if tenant in in_hand}
        room = self._pace.most - in_hand.total()
        if room <= 0:
            return False
        taken = await asyncio.to_thread(
            queue.lease,
            self._outgoing.database,
            most=room,
            share=self._pace.share,
            busy={tenant for tenant, count in in_hand.items() if count >= self._pace.share},
        )
        for leased in taken:
            self._draining.start(self._errand(leased), leased)
        return bool(taken)

    async def _errand(self, leased: Leased) -> None:
        few = self._of_tenant.setdefault(leased.tenant_id, asyncio.Semaphore(AT_ONCE))
        try:
            self._counts += await tell(self._outgoing, leased, (few, self._places))
        except Exception as error:
            # The type and no text: what a database or a library says may quote a row.
            _log.warning("%s: %s", leased.tenant_id, getattr(error, "code", type(error).__name__))
            self._counts["left to its lease"] += len(leased.event_ids)
