"""One tenant's flood is worked on a few calls at a time, and nobody else waits for the rest of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from connectors.webhooks import Call
from hub.errors import HubError
from hub.inbox import endpoints
from hub.inbox.receive import Stored
from hub.inbox.turns import AT_ONCE, Turns
from tests.hub.inbox.conftest import ACTOR, KEY, Desk, account, payment

if TYPE_CHECKING:
    from hub.inbox.doors import Door
    from hub.inbox.events import Arrival
    from tests.conftest import MakeTenant


class SlowWriters:
    """Stand in for `Writing`: what comes stays until the test lets it go."""

    def __init__(self, awaited: str) -> None:
        self.at_work: Counter[str] = Counter()
        self.awaited, self.came = awaited, asyncio.Event()
        self.done = asyncio.Event()

    async def add(self, door: Door, arrival: Arrival) -> int:
        self.at_work[door.tenant_id] += 1
        if door.tenant_id == self.awaited:
            self.came.set()
        await self.done.wait()
        return len(arrival.events)


def test_of_a_flood_a_few_are_worked_on_and_another_tenants_call_at_once(desk: Desk, make_tenant: MakeTenant) -> None:
    other = make_tenant()
    account((desk.database, desk.keyring), other, "iyzico", api_key="k", secret_key=KEY.reveal())
    theirs = endpoints.issue(desk.database, other, "iyzico", actor=ACTOR)

    async def flood() -> list[int]:
        receiver, writers = desk.receiver, SlowWriters(other)
        receiver._writing = writers  # pyright: ignore[reportAttributeAccessIssue, reportPrivateUsage]
        doors = [await receiver.door("iyzico", each.secret) for each in (desk.address, theirs)]
        calls = [(doors[0], number) for number in range(3 * AT_ONCE)] + [(doors[1], 0)]
        tasks = list[asyncio.Task[Stored]]()
        for at, number in calls:
            assert at is not None
            body, headers = payment(number)
            tasks.append(asyncio.create_task(receiver.take(at, Call(body, headers))))
        await writers.came.wait()
        assert writers.at_work == {desk.tenant: AT_ONCE, other: 1}
        writers.done.set()
        return [stored.new for stored in await asyncio.gather(*tasks)]

    assert asyncio.run(flood()) == [1] * (3 * AT_ONCE + 1)


def test_turns_come_in_order_and_end_with_a_call_that_fails_or_is_given_up() -> None:
    async def tried() -> list[int]:
        turns, order = Turns(at_once=1), list[int]()

        async def call(number: int) -> None:
            async with turns.of("a"):
                order.append(number)
                await asyncio.sleep(0)
                if number == 1:
                    raise ValueError

        tasks = [asyncio.create_task(call(number)) for number in range(5)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert turns._tenants == {}  # pyright: ignore[reportPrivateUsage]
        return order

    assert asyncio.run(tried()) == [0, 1, 2, 4]


def test_whoever_waits_too_long_is_told_to_come_again() -> None:
    async def tried() -> None:
        turns = Turns(at_once=1, within=0)
        async with turns.of("a"), turns.of("b"):
            with pytest.raises(HubError, match="database_busy"):
                async with turns.of("a"):
                    pass

    asyncio.run(tried())
