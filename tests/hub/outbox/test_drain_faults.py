"""A drain on a bad day: a database that hiccups, a tenant whose rows break us, providers that hang or throttle."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.actions import Act, Finding, Found, Outcome, Problem, Unclear
from connectors.contract import RateLimit
from hub.draining import Draining
from hub.errors import HubError
from hub.migrations.connections import outside_transaction
from hub.outbox import drain as drains
from hub.outbox import lease, perform
from hub.outbox.drain import Pace, drain
from hub.outbox.gate import Candidate, Go, Later, Verdict
from hub.settings import Settings
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LOST, PROVIDER, kind

MARKER = "Gizli Metin 05321112233"


class Rule:
    """A rule of a test's own."""

    def __init__(self, judge: Any) -> None:
        self._judge, self.asked = judge, 0

    def judge(self, _connection: object, tenant: str, candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
        self.asked += 1
        return [self._judge(tenant, now) for _ in candidates]

    def undone(self, *_: object) -> None: ...

    def opted_out(self, *_: object) -> None: ...


class TestOneTenantsMisfortune:
    def test_ends_nothing_and_is_told_without_a_word_of_its_data(
        self, bench: Bench, caplog: pytest.LogCaptureFixture
    ) -> None:
        def judge(tenant: str, _now: datetime) -> Verdict:
            if tenant == bench.tenant:
                raise ValueError(MARKER)
            return Go()

        bench.gates = (Rule(judge),)  # type: ignore[assignment]
        other = bench.make_tenant()
        broken, fine = bench.ask(), bench.ask(tenant=other)
        with caplog.at_level(logging.DEBUG):
            counts = bench.drain()
        assert counts["left: ValueError"] == 1
        assert bench.state(broken.action_id)[0] == "leased"
        assert bench.read(fine.action_id, other).state == "accepted"
        assert MARKER not in caplog.text

    def test_a_look_at_what_was_destroyed_leaves_it_to_a_person(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.execute("UPDATE hub.actions SET payload_cipher = '' WHERE tenant_id = %s", bench.tenant)
        bench.age(60)
        assert bench.drain() == {"unknown": 1}
        assert bench.state(asked.action_id) == ("unknown", "payload_unreadable")

    def test_what_would_not_be_queued_any_more_is_not_sent(self, bench: Bench) -> None:
        def broken(_payload: object) -> list[Problem]:
            raise KeyError(MARKER)

        for check in (lambda _: [Problem("to", "field_wrong")], broken):
            bench.kinds["deneme.sms"] = kind(bench.far)
            asked = bench.ask()
            bench.kinds["deneme.sms"] = kind(bench.far, check=check)
            bench.drain()
            assert bench.state(asked.action_id) == ("failed", "payload_outdated")
        assert bench.far.calls == 0

    def test_a_document_that_cannot_be_had_holds_back_no_other(self, bench: Bench) -> None:
        def attach(_connection: object, _keys: object, payload: Any) -> Any:
            if payload["text"] == "void":
                raise HubError("einvoice_document_cannot", document="A", state="void")
            return payload

        bench.kinds["deneme.sms"] = kind(bench.far, with_document=True)
        void, fine = bench.ask(payload={"to": "+905320000001", "text": "void"}), bench.ask()
        asyncio.run(drain(replace(bench.outbox, attach=attach), pace=Pace(lingers=timedelta(0))))
        assert bench.state(void.action_id) == ("failed", "payload_outdated")
        assert bench.state(fine.action_id) == ("accepted", None)

    def test_a_rule_whose_time_is_over_does_not_keep_us_spinning(self, bench: Bench) -> None:
        rule = Rule(lambda _tenant, now: Later(now, "quiet_hours"))
        bench.gates = (rule,)  # type: ignore[assignment]
        bench.ask()
        bench.drain()
        assert rule.asked == 1


class TestDatabase:
    def test_an_answer_is_offered_until_the_database_takes_it(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(perform, "SETTLE_PAUSES", (0, 0, 0))
        asked = bench.ask()
        opened, refusals = bench.database.tenant, iter([True] * 3)

        @contextmanager
        def down(*arguments: Any) -> Any:
            if bench.far.calls and next(refusals, False):
                raise HubError("database_busy", role="app")
            with opened(*arguments) as connection:
                yield connection

        bench.database = _Shown(bench.database, down)  # type: ignore[assignment]
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert bench.far.ledger.total() == 1

    def test_a_drain_that_cannot_hear_looks_and_does_not_spin(
        self, bench: Bench, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def run() -> None:
            done = asyncio.Event()
            pace = Pace(lingers=timedelta(seconds=20), most_wait=0.05, least_wait=0.05)
            draining = asyncio.create_task(
                drain(bench.outbox, pace=pace, on_counts=lambda counts: done.set() if counts["accepted"] else None)
            )
            while not await asyncio.to_thread(_deafen, settings):  # noqa: ASYNC110 - Postgres tells nobody who listens
                await asyncio.sleep(0.01)
            await asyncio.to_thread(bench.ask)
            await asyncio.wait_for(done.wait(), 20)
            draining.cancel()
            await asyncio.gather(draining, return_exceptions=True)

        with caplog.at_level(logging.WARNING):
            asyncio.run(run())
        assert [each.message for each in caplog.records if each.name in {"asyncio", Draining.__module__}] == [
            "the connection that hears of hub_actions is gone"
        ]

    def test_a_drain_leaves_no_ear_behind(self, bench: Bench) -> None:
        """The next connection that gets the same number would be listened to in its place."""
        bench.ask()

        async def run() -> list[bool]:
            loop, ears = asyncio.get_running_loop(), list[Any]()
            add = loop.add_reader

            def noted(ear: Any, *heard: Any) -> None:
                ears.append(ear)
                add(ear, *heard)

            loop.add_reader = noted  # type: ignore[method-assign,assignment]
            await drain(bench.outbox, pace=Pace(lingers=timedelta(0)))
            return [loop.remove_reader(ear) for ear in ears]

        assert asyncio.run(run()) == [False]

    def test_leases_are_renewed_on_though_once_they_were_not(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[object] = []

        def renew(*_: object) -> int:
            calls.append(None)
            if len(calls) > 2:
                bench.far.gate.set() if bench.far.gate else None
            raise HubError("database_down", role="app")

        async def run() -> None:
            bench.far.gate = _AcrossThreads()  # type: ignore[assignment]
            await drain(bench.outbox, pace=Pace(lingers=timedelta(0)))

        monkeypatch.setattr(lease, "renew", renew)
        monkeypatch.setattr(drains, "_RENEWED_EVERY", 0.01)
        bench.ask()
        asyncio.run(run())
        assert len(calls) > 2


class TestInLine:
    def test_what_a_provider_does_not_allow_soon_waits_in_the_table(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, together=1)
        asked = [bench.ask() for _ in range(5)]
        outbox = replace(bench.outbox, providers={"deneme": _slow(2)})
        asyncio.run(drain(outbox, pace=Pace(lingers=timedelta(0), lasts=timedelta(seconds=10))))
        states = [bench.state(each.action_id)[0] for each in asked]
        assert sorted(states) == ["accepted"] * 2 + ["pending"] * 3
        pressing = bench.ask(priority=0)
        taken = lease.lease(bench.database, most=1, share=1)
        assert [each.action_id for each in taken.actions] == [pressing.action_id]

    def test_what_stands_in_line_at_the_end_is_given_back_and_what_is_under_way_is_waited_for(
        self, bench: Bench
    ) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, together=1)
        asked = [bench.ask() for _ in range(10)]

        async def run() -> None:
            bench.far.gate = asyncio.Event()
            draining = asyncio.create_task(drain(bench.outbox, pace=Pace(places=8)))
            while bench.far.calls < 2:  # noqa: ASYNC110 - the far end tells nobody
                await asyncio.sleep(0.01)
            draining.cancel()
            ended, _ = await asyncio.wait({draining}, timeout=0.5)
            assert not ended
            bench.far.gate.set()
            await asyncio.gather(draining, return_exceptions=True)

        asyncio.run(run())
        states = [bench.state(each.action_id)[0] for each in asked]
        assert sorted(states) == ["accepted"] * 2 + ["pending"] * 8
        assert bench.far.ledger.total() == 2

    def test_calls_are_made_in_order_of_priority(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, together=1)
        priorities = [at * 7 % 10 for at in range(20)]
        asked = {str(bench.ask(priority=each).action_id): each for each in priorities}
        bench.drain(Pace(lingers=timedelta(0), places=1))
        assert [asked[act.action_id] for act in bench.far.seen] == sorted(priorities)

    def test_one_tenants_hanging_calls_leave_places_to_others(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, together=1)
        other = bench.make_tenant()
        for _ in range(20):
            bench.ask(priority=0)
        bench.ask(tenant=other, payload={"to": "+905320000002", "text": "other"})
        perform_one = bench.far.perform

        async def run() -> bool:
            hanging, done = asyncio.Event(), asyncio.Event()

            async def hangs(acts: Sequence[Act]) -> Sequence[Outcome]:
                if acts[0].payload["text"] == "other":
                    done.set()
                else:
                    await hanging.wait()
                return await perform_one(acts)

            monkeypatch.setattr(bench.far, "perform", hangs)
            draining = asyncio.create_task(drain(bench.outbox, pace=Pace(lingers=timedelta(0))))
            await asyncio.wait_for(done.wait(), 20)
            hanging.set()
            await draining
            return True

        assert asyncio.run(run())

    def test_however_much_there_is_to_ask_after_what_is_due_is_done(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Looks that hang fill all the room there is, and then somebody asks for an action."""
        bench.kinds["deneme.sms"] = kind(bench.far, polls_after=timedelta(seconds=1), asked_together=1)
        other = bench.make_tenant()
        for _ in range(4):
            bench.ask()
        bench.drain()
        bench.age(10)

        async def run() -> bool:
            hanging, answered, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

            async def hangs(acts: Sequence[Act]) -> Sequence[Finding]:
                hanging.set()
                await answered.wait()
                return [Found("delivered") for _ in acts]

            monkeypatch.setattr(bench.far, "look_up", hangs)
            pace = Pace(lingers=timedelta(0), most=4, share=4, least_wait=0.01)
            draining = asyncio.create_task(
                drain(bench.outbox, pace=pace, on_counts=lambda counts: done.set() if counts["accepted"] else None)
            )
            await asyncio.wait_for(hanging.wait(), 20)
            await asyncio.to_thread(bench.ask, tenant=other)
            try:
                await asyncio.wait_for(done.wait(), 20)
            finally:
                answered.set()
                await draining
            return True

        assert asyncio.run(run())

    def test_what_is_asked_after_is_shared_between_tenants(self, bench: Bench) -> None:
        other = bench.make_tenant()
        for tenant in [bench.tenant] * 8 + [other]:
            bench.ask(tenant=tenant)
        bench.drain()
        for tenant in (bench.tenant, other):
            with bench.database.tenant(tenant, "app") as connection:
                connection.execute("UPDATE hub.actions SET next_look_at = now() WHERE tenant_id = %s", (tenant,))
        taken = [each.tenant_id for each in lease.lease_looks(bench.database, most=100, share=3).actions]
        assert (taken.count(bench.tenant), taken.count(other)) == (3, 1)
        rest = lease.lease_looks(bench.database, most=100, share=100, busy=[bench.tenant]).actions
        assert not [each for each in rest if each.tenant_id == bench.tenant]
        rest = lease.lease_looks(bench.database, most=100, share=100, resting=[(bench.tenant, "deneme")]).actions
        assert not [each for each in rest if each.tenant_id == bench.tenant]


class _Shown:
    """A database whose tenants' transactions are opened another way."""

    def __init__(self, database: Any, tenant: Any) -> None:
        self._database, self.tenant = database, tenant

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)


class _AcrossThreads:
    """An event that a thread sets."""

    def __init__(self) -> None:
        self._event, self._loop = asyncio.Event(), asyncio.get_running_loop()

    async def wait(self) -> None:
        await self._event.wait()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)


def _slow(requests: int) -> Any:
    return replace(PROVIDER, rate=RateLimit(requests=requests, per=timedelta(hours=1)))


def _deafen(settings: Settings) -> bool:
    """End the connection that listens; False while there is none."""
    with outside_transaction(settings, "data") as admin:
        rows = admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN %hub_actions%'"
        ).fetchall()
    return bool(rows)
