from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from connectors.actions import CannotTell, Found, Refused, Taken, Unclear
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide, lease
from hub.outbox.at_once import at_once
from hub.outbox.drain import Pace, drain
from hub.outbox.enqueue import NewAction, enqueue_all
from hub.outbox.listing import get
from hub.sync.fetch import http_client
from hub.validation import InvalidInput
from tests.hub.outbox.conftest import AT_ONCE, Bench
from tests.hub.outbox.far_end import LIMITED, LOST, PERMANENT, TRANSIENT, FarEnd, kind


class TestAsking:
    def test_the_same_request_under_the_same_key_is_the_same_action(self, bench: Bench) -> None:
        first, second = bench.ask("siparis-1"), bench.ask("siparis-1")
        assert (first.repeated, second.repeated) == (False, True)
        assert first.action_id == second.action_id
        bench.drain()
        assert bench.far.ledger.total() == 1
        assert bench.ask("siparis-1").state == "accepted"

    def test_another_request_under_the_same_key_is_refused(self, bench: Bench) -> None:
        bench.ask("siparis-1")
        with pytest.raises(HubError, match="idempotency_key_reused"):
            bench.ask("siparis-1", payload={"to": "+905320000001", "text": "Başka"})

    def test_keys_are_a_tenants_own(self, bench: Bench) -> None:
        other = bench.make_tenant()
        assert bench.ask("siparis-1").action_id != bench.ask("siparis-1", tenant=other).action_id

    def test_of_a_batch_with_a_wrong_part_nothing_is_queued(self, bench: Bench) -> None:
        keys = bench.keyring.tenant(bench.tenant)
        news = [NewAction("deneme.sms", f"k{at}", {"to": "+905320000001"} if at else {}) for at in range(3)]
        with pytest.raises(InvalidInput) as caught, bench.database.tenant(bench.tenant, "app") as connection:
            enqueue_all(connection, keys, news, created_by="test")
        assert [(each.field, each.code) for each in caught.value.problems] == [
            ("actions[0].payload.to", "field_missing")
        ]
        assert bench.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", bench.tenant) == [(0,)]

    def test_neither_payload_nor_recipient_stands_in_the_row(self, bench: Bench) -> None:
        bench.ask()
        [(row,)] = bench.execute("SELECT a::text FROM hub.actions a WHERE tenant_id = %s", bench.tenant)
        assert "5320000001" not in row
        assert "Merhaba" not in row
        assert "phone_" in row

    def test_an_unknown_kind_names_the_ones_there_are(self, bench: Bench) -> None:
        with pytest.raises(HubError, match=r"action_kind_unknown .*known=deneme\.sms"):
            bench.ask(kind="deneme.yok")


class TestDoing:
    def test_what_is_taken_is_accepted_and_what_needs_no_more_is_delivered(self, bench: Bench) -> None:
        taken, done = bench.ask(), bench.ask()
        bench.far.answers = [Taken("j1", facts={"parts": 1}), Taken("j2", delivered=True)]
        bench.drain()
        states = {bench.state(taken.action_id), bench.state(done.action_id)}
        assert states == {("accepted", None), ("delivered", None)}

    def test_most_pressing_first_and_nothing_before_its_time(self, bench: Bench) -> None:
        late = bench.ask(not_before=datetime.now(UTC) + timedelta(hours=1))
        ordinary, pressing = bench.ask(), bench.ask(priority=0)
        bench.drain()
        assert [act.action_id for act in bench.far.seen] == [str(pressing.action_id), str(ordinary.action_id)]
        assert bench.state(late.action_id)[0] == "pending"

    def test_one_call_does_as_many_as_the_kind_allows(self, bench: Bench) -> None:
        for _ in range(25):
            bench.ask()
        bench.drain()
        assert (bench.far.calls, bench.far.ledger.total()) == (3, 25)

    def test_a_transient_refusal_waits_longer_each_time_and_ends_dead(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, attempts=3)
        asked = bench.ask()
        bench.far.answers = [Refused(TRANSIENT)] * 3
        for _ in range(2):
            bench.drain()
            assert bench.state(asked.action_id) == ("pending", "provider_error")
            bench.age(3600)
        bench.drain()
        assert bench.state(asked.action_id) == ("dead", "attempts_used_up")
        bench.age(3600)
        bench.drain()
        assert bench.far.calls == 3
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert [each.outcome for each in get(bench.database, bench.tenant, asked.action_id)[1]] == [
            *["refused"] * 3,
            "taken",
        ]

    def test_a_permanent_refusal_is_final_and_says_why(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [Refused(PERMANENT)]
        bench.drain()
        found = bench.read(asked.action_id)
        assert (found.state, found.reason, found.failure_provider_code) == ("failed", "request_refused", "70")

    def test_a_provider_that_is_asked_too_often_is_left_alone_and_no_attempt_is_used_up(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, attempts=1)
        asked, other = bench.ask(priority=0), bench.make_tenant()
        bench.far.answers = [Refused(LIMITED)]
        bench.drain()
        later = bench.ask()
        elsewhere = bench.ask(tenant=other)
        bench.drain()
        assert [bench.state(each.action_id) for each in (asked, later)] == [
            ("pending", "rate_limited"),
            ("pending", None),
        ]
        assert bench.read(elsewhere.action_id, other).state == "accepted"
        bench.age(60)
        bench.drain()
        assert [bench.state(each.action_id)[0] for each in (asked, later)] == ["accepted", "accepted"]

    def test_a_missing_account_puts_off_and_says_so(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", bench.tenant)
        bench.drain()
        assert bench.state(asked.action_id) == ("pending", "account_missing")

    def test_a_suspended_tenants_actions_wait(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.execute("UPDATE hub.tenants SET active = false WHERE tenant_id = %s", bench.tenant)
        bench.drain()
        assert bench.state(asked.action_id) == ("pending", "tenant_suspended")
        assert bench.far.calls == 0

    def test_what_is_too_late_is_not_done(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, expires_after=timedelta(seconds=180))
        asked = bench.ask()
        bench.age(181)
        bench.drain()
        assert bench.state(asked.action_id) == ("failed", "expired")
        assert bench.far.calls == 0

    def test_a_performers_own_mistake_leaves_it_unclear(self, bench: Bench) -> None:
        def broken(_act: object) -> Taken:
            raise ZeroDivisionError

        asked = bench.ask()
        bench.far.answers = [broken]
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "provider_error")

    def test_a_tenant_with_much_waiting_delays_nobody(self, bench: Bench) -> None:
        others = [bench.make_tenant() for _ in range(3)]
        for _ in range(30):
            bench.ask()
        for other in others:
            bench.ask(tenant=other)
        taken = lease.lease(bench.database, most=20, share=5)
        shares = {
            tenant: [each.tenant_id for each in taken.actions].count(tenant) for tenant in (bench.tenant, *others)
        }
        assert shares == {bench.tenant: 5, **dict.fromkeys(others, 1)}

    def test_two_leases_never_share_an_action(self, bench: Bench) -> None:
        for _ in range(10):
            bench.ask()
        first = lease.lease(bench.database, most=100, share=6)
        second = lease.lease(bench.database, most=100, share=6)
        ids = [each.action_id for taken in (first, second) for each in taken.actions]
        assert (len(ids), len(set(ids))) == (10, 10)

    def test_an_urgent_action_is_done_by_whoever_asks(self, bench: Bench) -> None:
        asked = bench.ask()

        async def now() -> object:
            async with http_client() as client:
                return await at_once(bench.outbox, bench.tenant, asked.action_id, client)

        assert asyncio.run(now()) == {"accepted": 1}
        assert asyncio.run(now()) is None

    def test_a_lingering_drain_hears_of_a_new_action(self, bench: Bench) -> None:
        async def run() -> int:
            draining = asyncio.create_task(
                drain(bench.outbox, pace=Pace(lingers=timedelta(seconds=30), lasts=timedelta(seconds=30)),
                      on_counts=lambda counts: done.set() if counts["accepted"] else None)
            )  # fmt: skip
            await asyncio.sleep(0)
            await asyncio.to_thread(bench.ask)
            await asyncio.wait_for(done.wait(), 20)
            draining.cancel()
            await asyncio.gather(draining, return_exceptions=True)
            return bench.far.calls

        done = asyncio.Event()
        assert asyncio.run(run()) == 1


class TestNotKnowing:
    def test_a_lost_answer_is_asked_after_and_not_sent_again(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [bench.far.lost_after]
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "provider_timeout")
        bench.age(60)
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert bench.far.ledger.total() == 1

    def test_absence_counts_only_once_a_late_request_must_have_arrived(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(60)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "absent_at_provider")
        assert bench.far.calls == 1
        bench.age(600)
        bench.drain()
        bench.drain()
        assert bench.state(asked.action_id)[0] == "accepted"
        assert bench.far.ledger.total() == 1

    def test_what_nobody_can_tell_waits_for_a_person(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, asking="never")
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(10**7)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "needs_decision")
        assert (bench.far.calls, bench.far.asked) == (1, [])
        decide.settle(bench.database, bench.tenant, asked.action_id, "delivered", SYSTEM)
        assert bench.state(asked.action_id) == ("delivered", "settled_by_person")

    def test_what_a_webhook_would_tell_waits_for_it_until_a_person_must_decide(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, asking="by_webhook", gives_up_after=timedelta(hours=1))
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(3000)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "provider_timeout")
        bench.age(1000)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "needs_decision")
        assert bench.far.calls == 1

    def test_what_is_harmless_to_do_twice_is_done_again(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, asking="idempotent")
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(60)
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert len({act.reference for act in bench.far.seen}) == 1

    def test_an_expired_one_of_unknown_fate_needs_nobody(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, asking="never", expires_after=timedelta(seconds=180))
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(200)
        bench.drain()
        assert bench.state(asked.action_id) == ("failed", "expired")

    def test_after_its_deadline_it_is_a_persons_whatever_the_provider_lacks(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, gives_up_after=timedelta(hours=1))
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.far.findings = [CannotTell()]
        bench.drain()
        bench.age(60)
        bench.drain()
        assert bench.state(asked.action_id)[0] == "unknown"
        bench.age(7200)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "needs_decision")
        assert bench.far.ledger.total() == 0

    def test_accepted_ones_are_asked_after_until_they_have_arrived(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, polls_after=timedelta(seconds=30))
        asked = bench.ask()
        bench.drain()
        bench.far.findings = [Found("accepted"), Found("delivered", facts={"operator": 30}, cost=None)]
        for seconds in (31, 120):
            bench.age(seconds)
            bench.drain()
        found = bench.read(asked.action_id)
        assert (found.state, found.facts) == ("delivered", {"operator": 30})


class TestCrashes:
    def test_a_lease_that_ends_before_an_attempt_goes_back(self, bench: Bench) -> None:
        asked = bench.ask()
        lease.lease(bench.database, most=10, share=10)
        bench.age(301)
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert bench.far.ledger.total() == 1

    def test_a_lease_that_ends_after_an_attempt_is_unknown_and_asked_after(self, bench: Bench) -> None:
        asked = bench.ask()
        _attempt_of_a_dead_process(bench)
        bench.far.ledger[asked.action_id.hex] = 1
        bench.age(301)
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert bench.far.calls == 0

    def test_the_answer_of_a_process_whose_lease_was_taken_back_still_counts(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.before_answer = lambda: (bench.age(301), lease.take_back(bench.database))  # type: ignore[assignment]
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        assert bench.far.ledger.total() == 1

    def test_a_living_process_keeps_its_leases(self, bench: Bench) -> None:
        bench.ask()
        taken = lease.lease(bench.database, most=10, share=10)
        bench.age(200)
        assert lease.renew(bench.database, [taken.token]) == 1
        bench.age(200)
        assert lease.take_back(bench.database) == {}
        bench.age(200)
        assert lease.take_back(bench.database) == {"pending": 1}


def _attempt_of_a_dead_process(bench: Bench) -> None:
    from hub.outbox.gate import Gates
    from hub.outbox.prepare import Group, prepare

    taken = lease.lease(bench.database, most=10, share=10)
    group = Group(bench.tenant, bench.kinds["deneme.sms"], taken.token)
    with bench.database.tenant(bench.tenant, "app") as connection:
        ids = [each.action_id for each in taken.actions]
        prepare(connection, bench.keyring.tenant(bench.tenant), group, ids, Gates(()))


class TestDeciding:
    def test_what_waits_can_be_withdrawn_and_what_is_sent_cannot(self, bench: Bench) -> None:
        waits, sent = bench.ask(not_before=datetime.now(UTC) + timedelta(hours=1)), bench.ask()
        bench.drain()
        assert decide.withdraw(bench.database, bench.tenant, waits.action_id, SYSTEM).reason == "withdrawn"
        with pytest.raises(HubError, match="action_not_waiting"):
            decide.withdraw(bench.database, bench.tenant, sent.action_id, SYSTEM)
        with pytest.raises(HubError, match="action_unknown"):
            decide.withdraw(bench.database, bench.tenant, uuid4(), SYSTEM)

    def test_only_what_is_stuck_is_retried(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.drain()
        with pytest.raises(HubError, match="action_not_stuck"):
            decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)

    def test_a_restored_database_sends_nothing_by_itself(self, bench: Bench) -> None:
        asked = bench.ask()
        assert decide.doubt(bench.database, bench.tenant) == 1
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "restored_from_backup")
        assert bench.far.calls == 0


def test_a_provider_that_hangs_does_not_stop_the_others(bench: Bench) -> None:
    hanging = FarEnd()
    bench.kinds["askida.sms"] = kind(hanging, "askida.sms")

    async def run() -> str:
        hanging.gate = asyncio.Event()
        done = asyncio.Event()
        stuck, asked = bench.ask(kind="askida.sms"), bench.ask()
        draining = asyncio.create_task(
            drain(bench.outbox, pace=AT_ONCE, on_counts=lambda counts: done.set() if counts["accepted"] else None)
        )
        await asyncio.wait_for(done.wait(), 20)
        states = bench.state(asked.action_id)[0], bench.state(stuck.action_id)[0]
        hanging.gate.set()
        await draining
        assert states == ("accepted", "leased")
        return bench.state(stuck.action_id)[0]

    assert asyncio.run(run()) == "accepted"
