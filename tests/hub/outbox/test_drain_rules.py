"""Bounds of a drain: how much it takes, how long it lasts, whom it leaves alone, what it hears."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.actions import Act, Outcome
from connectors.contract import RateLimit
from hub.outbox import lease
from hub.outbox.drain import Pace, drain
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import PROVIDER, kind

_A_WHILE = timedelta(seconds=60)


@dataclass
class Watched:
    """A drain whose calls hang, and whose pauses can be waited for: in each it has taken all that it will take."""

    bench: Bench
    monkeypatch: pytest.MonkeyPatch
    calling: int = 0
    most_calling: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)
    _paused: asyncio.Event = field(default_factory=asyncio.Event)

    async def during(self, pace: Pace, test: Callable[[], Awaitable[None]]) -> None:
        loop, next_due_in, perform = asyncio.get_running_loop(), lease.next_due_in, self.bench.far.perform

        def paused(*arguments: Any) -> timedelta | None:
            loop.call_soon_threadsafe(self._paused.set)
            return next_due_in(*arguments)

        async def hangs(acts: Sequence[Act]) -> Sequence[Outcome]:
            self.calling += 1
            self.most_calling = max(self.most_calling, self.calling)
            await self.open.wait()
            self.calling -= 1
            return await perform(acts)

        self.monkeypatch.setattr(lease, "next_due_in", paused)
        self.monkeypatch.setattr(self.bench.far, "perform", hangs)
        draining = asyncio.create_task(drain(self.bench.outbox, pace=pace))
        try:
            await self.pause()
            await test()
        finally:
            self.open.set()
            draining.cancel()
            await asyncio.gather(draining, return_exceptions=True)

    async def pause(self) -> None:
        """Until it has nothing to take any more."""
        self._paused.clear()
        await asyncio.wait_for(self._paused.wait(), 20)

    async def leased(self) -> int:
        """How many of the tenants' actions somebody has in hand."""
        [(count,)] = await asyncio.to_thread(
            self.bench.execute,
            "SELECT count(*) FROM hub.actions WHERE tenant_id = %s AND state = 'leased'",
            self.bench.tenant,
        )
        return int(count)


def watched(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Watched:
    bench.kinds["deneme.sms"] = kind(bench.far, together=1)
    return Watched(bench, monkeypatch)


def test_a_drain_hears_of_what_is_asked_for_while_it_waits(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        watch = watched(bench, monkeypatch)

        async def test() -> None:
            await asyncio.to_thread(bench.ask)
            await watch.pause()
            assert await watch.leased() == 1

        await watch.during(Pace(lingers=_A_WHILE, most_wait=60), test)

    asyncio.run(run())


def test_of_a_tenant_no_more_than_its_share_is_in_hand(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        bench.ask()

    async def run() -> None:
        watch = watched(bench, monkeypatch)

        async def test() -> None:
            for _ in range(2):  # whatever else there is to do meanwhile
                await asyncio.to_thread(bench.ask)
                await watch.pause()
            assert await watch.leased() == 3

        await watch.during(Pace(lingers=_A_WHILE, share=3, least_wait=0.05), test)

    asyncio.run(run())


def test_no_more_is_in_hand_than_there_is_room_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(7):
        bench.ask()

    async def run() -> None:
        watch = watched(bench, monkeypatch)

        async def test() -> None:
            for _ in range(2):
                await asyncio.to_thread(bench.ask)
                await watch.pause()
            assert await watch.leased() == 3

        await watch.during(Pace(lingers=_A_WHILE, most=3, least_wait=0.05), test)

    asyncio.run(run())


def test_a_provider_gets_half_of_the_places(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    tenants = [bench.tenant, *(bench.make_tenant() for _ in range(3))]
    for tenant in tenants * 2:
        bench.ask(tenant=tenant)

    async def run() -> int:
        watch = watched(bench, monkeypatch)

        async def test() -> None:
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    while watch.most_calling < 5:
                        await watch.pause()

        await watch.during(Pace(lingers=_A_WHILE, places=8, least_wait=0.05, most_wait=0.05), test)
        return watch.most_calling

    assert asyncio.run(run()) == 4


def test_a_drain_ends_however_much_there_is_to_wait_for(bench: Bench) -> None:
    async def run() -> None:
        pace = Pace(lingers=_A_WHILE, lasts=timedelta(seconds=0.2), most_wait=0.05)
        await asyncio.wait_for(drain(bench.outbox, pace=pace), 20)

    asyncio.run(run())


def test_a_long_line_is_not_joined_again_and_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.kinds["deneme.sms"] = kind(bench.far, together=1)
    for _ in range(4):
        bench.ask()
    given_back, give_back = [], lease.give_back

    def counted(*arguments: Any) -> int:
        given_back.append(arguments)
        return give_back(*arguments)

    monkeypatch.setattr(lease, "give_back", counted)
    slow = replace(PROVIDER, rate=RateLimit(requests=1, per=timedelta(hours=1)))
    outbox = replace(bench.outbox, providers={"deneme": slow})
    asyncio.run(drain(outbox, pace=Pace(lingers=timedelta(seconds=0.3), least_wait=0.01)))
    assert bench.far.calls == 1
    assert len(given_back) == 1


def test_what_another_version_has_put_there_is_counted_and_left(bench: Bench) -> None:
    bench.kinds["yeni.sms"] = kind(bench.far, "yeni.sms")
    asked = bench.ask(kind="yeni.sms")
    del bench.kinds["yeni.sms"]
    assert bench.drain() == {"kind_unknown": 1}
    assert bench.state(asked.action_id)[0] == "leased"
