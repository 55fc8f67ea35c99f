"""Takes one call in: who it is for, whether it proves where it comes from, and its events into the inbox, committed.

Whoever calls learns nothing about addresses: every reason why one leads nowhere is the same answer.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from connectors.webhooks import CallMalformed
from hub.errors import HubError
from hub.inbox.doors import FRESH_SECONDS, Doors
from hub.inbox.events import Arrival
from hub.inbox.turns import Turns
from hub.inbox.writing import Writing
from hub.limits.bucket import Limiter
from hub.limits.store import MemoryStore
from hub.observe import counters

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.webhooks import Call
    from hub.db.database import Database
    from hub.inbox.doors import Door
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring

LIMIT = "webhooks"
"""The bucket of a tenant's events, all providers together."""
UNCOUNTED = 100
"""This part of a tenant's limit a process lets through without asking the bucket that all share: the bucket of a large
plan fills up so fast that every call would have to ask. So a limit is exceeded by 1 % a process at most."""
PUT_OFF_LOOKS_SECONDS = 1.0
"""How old a look-up may be by which calls are refused whose network is put off."""
_AT_ONCE_BYTES = 32 * 1024
"""Bodies up to here are judged at once: a thread would cost more. Larger ones keep nobody else waiting."""
_TELL_AGAIN_SECONDS = 60.0
_TENANTS_TOLD_OF = 1_024

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Stored:
    """What is durable now: how many events the call held, and how many of them were new."""

    events: int
    new: int


class DoorChangingError(Exception):
    """The address, or its account, changed twice while a call came in: the next attempt will find it settled."""


class Receiver:
    """Takes calls in. Without a limiter nobody's events are counted."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        daily_keys: DailyKeys,
        *,
        limiter: Limiter | None = None,
        fresh_seconds: float = FRESH_SECONDS,
    ) -> None:
        self._doors = Doors(database, keyring, fresh_seconds=fresh_seconds)
        self._turns = Turns()
        self._writing = Writing(database, keyring, daily_keys)
        self._limiter = limiter
        self._few = Limiter(MemoryStore(_microseconds), clock=_microseconds)
        self._told_of: OrderedDict[str, float] = OrderedDict()

    async def door(self, provider: str, secret: str, *, put_off: bool = False) -> Door | None:
        """Where an address leads, or led a moment ago; None for one that leads nowhere, whatever the reason.

        `put_off`: from where this comes there was too much that was wrong, so only addresses of ours are looked up.
        """
        known = self._doors.known(provider, secret)
        if known is not None:
            return known
        if put_off:
            if self._doors.leads_nowhere(secret) is None:
                await run_in_threadpool(self._doors.read_all)
            if self._doors.leads_nowhere(secret) is not False:
                return None
        return await run_in_threadpool(self._doors.opened, provider, secret)

    async def take(self, door: Door, call: Call, *, traceparent: str | None = None, put_off: bool = False) -> Stored:
        """Store a call's events; what is answered after this has happened for good.

        HubError `webhook_closed` when the address leads nowhere any more, `webhook_unproved` and
        `webhook_signature_wrong` for a call that is not from there, `webhook_malformed` for one that says nothing,
        `too_many_calls` beyond what the plan allows.
        """
        async with self._turns.of(door.tenant_id):
            return await self._taken(door, call, traceparent, put_off=put_off)

    async def _taken(self, door: Door, call: Call, traceparent: str | None, *, put_off: bool) -> Stored:
        # Twice: what was remembered of the door refuses nobody, and lets nobody in.
        for last in (False, True):
            arrival = await _judged(door, call, traceparent)
            if isinstance(arrival, str):
                if last or arrival == "webhook_malformed":
                    raise HubError(arrival)
            else:
                if not last:
                    await self._count(door, len(arrival.events))
                new = await self._writing.add(door, arrival)
                if new is not None:
                    return Stored(len(arrival.events), new)
            if not last:
                door = await self._opened_again(door, put_off=put_off and isinstance(arrival, str))
        raise DoorChangingError

    async def challenged(self, door: Door, query: Mapping[str, str], *, put_off: bool = False) -> str | None:
        """The answer to whether an address is ours; None when the question is not rightly put. HubError as above."""
        door = await self._opened_again(door, put_off=put_off)
        return door.source.challenge(query, door.account)

    async def _opened_again(self, door: Door, *, put_off: bool = False) -> Door:
        found = self._doors.of_late(door, PUT_OFF_LOOKS_SECONDS) if put_off else None
        if found is not None:
            return found
        found = await run_in_threadpool(self._doors.again, door)
        if found is None:
            raise HubError("webhook_closed")
        return found

    async def _count(self, door: Door, events: int) -> None:
        """HubError `too_many_calls`. Only calls that proved themselves count: a stranger uses nobody's limit up."""
        if self._limiter is None or not events:
            return
        burst = door.events_per_minute
        few = max(burst // UNCOUNTED, 1)
        if events <= few:
            own = self._few.take(door.tenant_id, LIMIT, rate_per_minute=few, burst=few, cost=events)
            if own.allowed:
                return
        how = {"rate_per_minute": burst, "burst": burst, "cost": min(events, burst)}
        verdict = self._limiter.take_held(door.tenant_id, LIMIT, **how)
        if verdict is None:
            verdict = await run_in_threadpool(partial(self._limiter.take, door.tenant_id, LIMIT, **how))
        if not verdict.allowed:
            counters.limit_refused(LIMIT)
            self._tell_of(door)
            raise HubError("too_many_calls", retry_seconds=verdict.retry_after_seconds)

    def _tell_of(self, door: Door) -> None:
        """In the log, once a minute and tenant."""
        now = time.monotonic()
        if now - self._told_of.get(door.tenant_id, float("-inf")) < _TELL_AGAIN_SECONDS:
            return
        self._told_of[door.tenant_id] = now
        if len(self._told_of) > _TENANTS_TOLD_OF:
            self._told_of.popitem(last=False)
        logger.warning(
            "tenant %s: events of %s are put off, %d a minute are allowed by its plan",
            door.tenant_id,
            door.source.provider,
            door.events_per_minute,
        )


def _microseconds() -> int:
    return time.monotonic_ns() // 1_000


async def _judged(door: Door, call: Call, traceparent: str | None) -> Arrival | str:
    if len(call.body) <= _AT_ONCE_BYTES:
        return judged(door, call, traceparent)
    return await run_in_threadpool(judged, door, call, traceparent)


def judged(door: Door, call: Call, traceparent: str | None = None) -> Arrival | str:
    """What a call brings if it is from where it says, or the code of what is wrong with it."""
    verdict = door.source.verify(call, door.account)
    if verdict == "missing":
        return "webhook_unproved"
    if verdict == "wrong":
        return "webhook_signature_wrong"
    try:
        found = door.source.events(call)
    except CallMalformed:
        return "webhook_malformed"
    return Arrival(found, "verified" if verdict == "verified" else "unsigned", traceparent)
