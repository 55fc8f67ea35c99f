"""Tells one subscription its leased deliveries, over few connections of its own, and writes down each answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.subscriptions import queue, record
from hub.subscriptions.sending import Answer, Event, send
from hub.subscriptions.target import Target, target

if TYPE_CHECKING:
    import httpcore

    from connectors.secret import Secret
    from hub.db.database import Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.subscriptions.queue import Leased
    from hub.subscriptions.reach import Reach

AT_ONCE = 4
"""Requests at one subscription's receiver, and of one tenant, at a time."""


@dataclass(frozen=True)
class Outgoing:
    """What sending takes."""

    database: Database
    keyring: Keyring
    reach: Reach


@dataclass(frozen=True)
class _Errand:
    """Deliveries, opened. Without a target the address is not allowed any more, and `refusal` says why."""

    events: Sequence[Event]
    tried: dict[str, int]
    keys: Sequence[Secret]
    target: Target | None
    refusal: str | None
    failing: bool


async def tell(outgoing: Outgoing, leased: Leased, places: Sequence[asyncio.Semaphore]) -> Counter[str]:
    """Counts by what became of the deliveries. `places` bound how many requests go on at once."""
    tenant_keys = outgoing.keyring.tenant(leased.tenant_id)
    errand = await asyncio.to_thread(_prepare, outgoing, tenant_keys, leased)
    if errand is None:
        return Counter({"held": len(leased.event_ids)})
    counts: Counter[str] = Counter()
    left = list(errand.events)
    # One at a time as long as it is not known whether anybody answers; the first who does not ends the turn.
    at_once = 1 if errand.failing else AT_ONCE
    resting = False

    async def work(pool: httpcore.AsyncConnectionPool | None) -> None:
        nonlocal resting
        while left and not resting:
            event = left.pop(0)
            answer = await _attempt(outgoing, errand, leased.tenant_id, event, pool, places)
            resting = resting or queue.rest(answer) is not None or answer.fate == "gone"
            counts[await asyncio.to_thread(_settle, outgoing.database, tenant_keys, leased, errand, event, answer)] += 1

    if errand.target is None:
        await work(None)
    else:
        async with outgoing.reach.pool(errand.target, at_once) as pool:
            await asyncio.gather(*(work(pool) for _ in range(at_once)))
    if left:
        await asyncio.to_thread(queue.give_back, outgoing.database, leased, [each.event_id for each in left])
        counts["given back"] += len(left)
    return counts


async def _attempt(
    outgoing: Outgoing,
    errand: _Errand,
    tenant_id: str,
    event: Event,
    pool: httpcore.AsyncConnectionPool | None,
    places: Sequence[asyncio.Semaphore],
) -> Answer:
    if pool is None or errand.target is None:
        return Answer("unheard", code=errand.refusal)
    for place in places:
        await place.acquire()
    try:
        return await send(pool, errand.target, event, tenant_id, errand.keys)
    finally:
        for place in places:
            place.release()


def _prepare(outgoing: Outgoing, keys: TenantKeys, leased: Leased) -> _Errand | None:
    """What is to be told, or None if the subscription was paused, disabled or removed since it was leased."""
    with outgoing.database.tenant(leased.tenant_id, "app") as connection:
        try:
            subscription, private = record.read(connection, keys, leased.subscription_id)
        except HubError as error:
            if error.code != "webhook_unknown":
                raise
            queue.drop(connection, leased, leased.event_ids)
            return None
        if subscription.state != "active":
            queue.hold(connection, leased)
            return None
        found, gone = queue.events(connection, leased)
        if gone:
            queue.drop(connection, leased, gone)
        tried = queue.attempts(connection, leased)
    return _Errand(
        found,
        tried,
        private.secrets,
        *_where(private.address, outgoing.reach.ports),
        subscription.failing_since is not None,
    )


def _where(address: str, ports: Collection[int]) -> tuple[Target | None, str | None]:
    try:
        return target(address, ports), None
    except HubError as error:  # the operator closed its port since
        return None, error.code


def _settle(database: Database, keys: TenantKeys, leased: Leased, errand: _Errand, event: Event, answer: Answer) -> str:
    with database.tenant(leased.tenant_id, "app") as connection:
        return queue.settle(connection, keys, leased, event.event_id, errand.tried.get(event.event_id, 0), answer)
