"""Whoever comes late: stopped processes, events before answers, people who decide while a provider is asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from connectors.actions import Absent, Act, CannotTell, Finding, Found, Outcome, Refused, Taken, Unclear
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide, holds, lease
from hub.outbox.drain import Pace
from hub.outbox.gate import Gates, News
from hub.outbox.learn import Heard, heard
from hub.outbox.listing import get
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LIMITED, LOST, PERMANENT, TRANSIENT, kind


def event(bench: Bench, action_id: UUID, found: Found, *, at: datetime | None = None) -> bool:
    said = Heard("deneme", found, reference=action_id.hex, at=at)
    return heard(bench.database, bench.keyring, bench.tenant, said, Gates(bench.gates), bench.kinds)


def told(bench: Bench, found: Found) -> Any:
    """An event that is faster than the answer: it comes while the call is under way."""

    def answer(act: Act) -> Outcome:
        assert event(bench, UUID(act.action_id), found)
        return Taken("job-1")

    return answer


class TestLooksThatComeLate:
    def test_what_nobody_knew_of_then_is_not_sent_again_now(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One process asks, is stopped, and wakes up when another has sent it again and lost that answer as well."""
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST), bench.far.lost_after]
        bench.drain()
        bench.age(1_000)
        bench.far.findings = [Absent()]
        bench.drain()
        bench.age(100)
        look_up, slept = bench.far.look_up, []

        async def asleep(acts: Sequence[Act]) -> Sequence[Finding]:
            if slept:
                return await look_up(acts)
            slept.append(acts)
            found = [Absent() for _ in acts]
            bench.age(400)  # its lease ends, and another one does all of the rest
            await asyncio.to_thread(bench.drain)
            bench.age(10)
            return found

        monkeypatch.setattr(bench.far, "look_up", asleep)
        bench.drain()
        assert bench.far.calls == 2
        assert bench.far.ledger.total() == 1
        assert bench.state(asked.action_id) == ("unknown", "provider_timeout")

    def test_that_it_arrived_is_good_news_however_late(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(60)

        answers = [Found("delivered"), *[CannotTell()] * 9]

        async def asleep(_acts: Sequence[Act]) -> Sequence[Finding]:
            bench.age(400)
            lease.take_back(bench.database)
            return [answers.pop(0)]

        monkeypatch.setattr(bench.far, "look_up", asleep)
        bench.drain()
        assert bench.state(asked.action_id) == ("delivered", None)

    def test_one_absence_is_not_believed_however_much_time_passed_at_once(self, bench: Bench) -> None:
        """The database's clock jumps ahead while a request is under way: `settles_after` seems to be over."""
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(10**5)
        bench.drain()
        assert bench.state(asked.action_id) == ("unknown", "absent_at_provider")
        assert bench.far.calls == 1
        bench.age(60)
        bench.drain()
        assert bench.far.calls == 2

    def test_two_absences_count_no_sooner_than_a_late_request_must_have_arrived(self, bench: Bench) -> None:
        bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        for _ in range(3):
            bench.age(100)
            bench.execute("UPDATE hub.actions SET next_look_at = now() WHERE tenant_id = %s", bench.tenant)
            bench.drain()
        assert (len(bench.far.asked), bench.far.calls) == (3, 1)


class TestEvents:
    def test_an_event_before_our_own_commit_is_not_undone_by_the_answer(self, bench: Bench) -> None:
        for found, state in ((Found("failed", code="131026"), "failed"), (Found("delivered"), "delivered")):
            asked = bench.ask()
            bench.far.answers = [told(bench, found)]
            bench.drain()
            assert bench.state(asked.action_id)[0] == state

    def test_what_an_event_brought_is_kept_beside_what_the_answer_brings(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [told(bench, Found("accepted", private={"user": "u-1"}))]
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)
        [(cipher,)] = bench.execute("SELECT private_cipher FROM hub.actions WHERE tenant_id = %s", bench.tenant)
        clear = bench.keyring.tenant(bench.tenant).open("action-private", str(asked.action_id), bytes(cipher))
        assert b"u-1" in clear
        assert b"job-1" in clear

    def test_events_may_come_twice_and_in_any_order(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.drain()
        steps = [Found("delivered"), Found("accepted"), Found("failed"), Found("delivered")]
        assert [event(bench, asked.action_id, each) for each in steps] == [True, False, False, False]
        assert bench.state(asked.action_id) == ("delivered", None)

    def test_a_stranger_names_no_action(self, bench: Bench) -> None:
        asked, other = bench.ask(), bench.make_tenant()
        bench.drain()
        said = Heard("deneme", Found("failed"), reference=asked.action_id.hex)
        assert not heard(bench.database, bench.keyring, other, said, Gates(()), bench.kinds)
        assert not heard(
            bench.database, bench.keyring, bench.tenant, replace(said, provider="baska"), Gates(()), bench.kinds
        )
        for reference in ("x" * 32, "", "A" * 31, "' OR true --"):
            assert not heard(
                bench.database, bench.keyring, bench.tenant, replace(said, reference=reference), Gates(()), bench.kinds
            )
        assert bench.state(asked.action_id) == ("accepted", None)

    def test_an_older_attempts_failure_does_not_end_a_persons_retry(self, bench: Bench) -> None:
        """A "failed" that ended it once is replayed, or comes late: before the retry is sent, and after."""
        asked = bench.ask()
        bench.drain()
        failed = Found("failed", f"job-{asked.action_id.hex}")
        assert event(bench, asked.action_id, failed)
        then = bench.now()
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)

        assert not event(bench, asked.action_id, failed)
        assert not event(bench, asked.action_id, Found("accepted"))
        assert bench.state(asked.action_id) == ("pending", None)
        bench.far.answers = [Taken("job-2")]
        bench.drain()
        assert not event(bench, asked.action_id, failed), "it names another message"
        assert not event(bench, asked.action_id, Found("failed"), at=then), "it had happened before this one was sent"
        assert bench.state(asked.action_id) == ("accepted", None)
        assert event(bench, asked.action_id, Found("failed", "job-2"), at=then + timedelta(hours=1))
        assert bench.state(asked.action_id) == ("failed", "delivery_failed")

    def test_nor_is_it_believed_of_a_retry_whose_answer_was_lost(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.drain()
        then = bench.now()
        assert event(bench, asked.action_id, Found("failed"), at=then)
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        for stale in (Found("failed"), Found("accepted")):
            assert not event(bench, asked.action_id, stale, at=then)
        assert bench.state(asked.action_id) == ("unknown", "provider_timeout")

    def test_nor_by_a_look_until_the_retry_must_have_arrived(self, bench: Bench) -> None:
        """A provider that is asked by our reference knows both."""
        asked = bench.ask()
        bench.drain()
        assert event(bench, asked.action_id, Found("failed"))
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        for seconds, became in ((60, "unknown"), (bench.kinds["deneme.sms"].settles_after.total_seconds(), "failed")):
            bench.age(int(seconds))
            bench.far.findings = [Found("failed", code="3")]
            bench.drain()
            assert bench.far.findings == []
            assert bench.state(asked.action_id)[0] == became

    def test_that_an_older_attempt_was_taken_or_arrived_is_news_where_nobody_knew(self, bench: Bench) -> None:
        for state in ("accepted", "delivered"):
            asked = bench.ask()
            bench.far.answers = [Unclear(LOST)]
            bench.drain()
            then = bench.now()
            decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
            assert event(bench, asked.action_id, Found(state), at=then)
            assert bench.state(asked.action_id) == (state, None)

    def test_a_failure_of_the_only_attempt_counts_whatever_the_clock_of_the_provider_says(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.drain()
        long_ago = bench.now() - timedelta(days=1)
        assert event(bench, asked.action_id, Found("failed"), at=long_ago)

    def test_followers_find_written_what_they_are_told(self, bench: Bench) -> None:
        seen: list[tuple[str, str]] = []

        class Follower:
            def follow(self, connection: Any, tenant_id: str, _kind: object, news: Iterable[News]) -> None:
                for each in news:
                    row = connection.execute(
                        "SELECT state FROM hub.actions WHERE tenant_id = %s AND action_id = %s",
                        (tenant_id, each.action_id),
                    ).fetchone()
                    seen.append((each.state, row[0]))

        asked = bench.ask()
        bench.followers = (Follower(),)
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        said = Heard("deneme", Found("accepted"), reference=asked.action_id.hex)
        heard(bench.database, bench.keyring, bench.tenant, said, Gates((), bench.followers), bench.kinds)
        gone = bench.ask()
        bench.age(10)
        bench.execute("UPDATE hub.actions SET expires_at = now() WHERE action_id = %s AND tenant_id = %s",
                      gone.action_id, bench.tenant)  # fmt: skip
        bench.drain()
        assert seen == [("unknown", "unknown"), ("accepted", "accepted"), ("failed", "failed")]


class TestPeople:
    def test_nothing_can_have_become_of_what_was_never_tried(self, bench: Bench) -> None:
        """Said to have arrived, one that was withdrawn would stand in the books as sent."""
        asked = bench.ask()
        decide.withdraw(bench.database, bench.tenant, asked.action_id, SYSTEM)
        for state in ("delivered", "failed"):
            with pytest.raises(HubError, match="action_never_tried"):
                decide.settle(bench.database, bench.tenant, asked.action_id, state, SYSTEM)
        assert bench.state(asked.action_id) == ("failed", "withdrawn")

    def test_of_one_from_a_backup_a_person_says_what_became_and_may_correct_it(self, bench: Bench) -> None:
        asked = bench.ask()
        decide.doubt(bench.database, bench.tenant)
        for state in ("failed", "delivered"):
            if state == "delivered":
                assert bench.read(asked.action_id).attempts == 0
            decide.settle(bench.database, bench.tenant, asked.action_id, state, SYSTEM)
        assert bench.state(asked.action_id) == ("delivered", "settled_by_person")

    def test_the_limit_of_attempts_starts_anew_behind_a_retry(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, attempts=2)
        asked = bench.ask()
        bench.far.answers = [Refused(TRANSIENT)] * 4
        states = []
        for _ in range(2):
            for _ in range(2):
                bench.drain()
                states.append(bench.state(asked.action_id)[0])
                bench.age(3_600)
            decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        assert states == ["pending", "dead"] * 2

    def test_and_a_look_counts_those_that_ended_with_a_code_among_them(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, attempts=2)
        asked = bench.ask()
        bench.far.answers = [Refused(TRANSIENT), Unclear(LOST)]
        for _ in range(4):  # refused, lost, and twice absent
            bench.drain()
            bench.age(3_600)
        assert bench.state(asked.action_id) == ("dead", "attempts_used_up")
        assert bench.far.calls == 2

    def test_a_retry_is_not_asked_after_under_the_name_of_the_attempt_before(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.drain()
        event(bench, asked.action_id, Found("failed"))
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.age(60)
        bench.drain()
        assert [act.provider_reference for act in bench.far.asked] == [None]

    def test_a_person_who_gives_up_on_a_stopped_process_is_told_better_by_its_answer(self, bench: Bench) -> None:
        asked = bench.ask()

        def meanwhile() -> None:
            bench.age(301)
            lease.take_back(bench.database)
            decide.settle(bench.database, bench.tenant, asked.action_id, "failed", SYSTEM)

        bench.far.before_answer = meanwhile
        bench.attempt()
        assert bench.state(asked.action_id) == ("accepted", None)

    def test_what_a_person_has_tried_again_is_not_stopped_by_an_older_refusal(self, bench: Bench) -> None:
        asked = bench.ask()

        def meanwhile() -> None:
            bench.far.before_answer = lambda: None
            bench.age(301)
            lease.take_back(bench.database)
            decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)

        bench.far.before_answer = meanwhile
        bench.far.answers = [Refused(PERMANENT)]
        bench.attempt()
        bench.drain()
        assert bench.state(asked.action_id) == ("accepted", None)

    def test_nor_is_what_became_of_the_attempt_that_they_had_made(self, bench: Bench) -> None:
        asked = bench.ask()

        def meanwhile() -> None:
            bench.far.before_answer = lambda: None
            bench.age(301)
            lease.take_back(bench.database)
            decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
            bench.far.answers = [Unclear(LOST)]
            other = threading.Thread(target=bench.drain)
            other.start()
            other.join()

        bench.far.before_answer = meanwhile
        bench.far.answers = [Refused(PERMANENT)]
        bench.attempt()
        assert bench.state(asked.action_id) == ("unknown", "provider_timeout")


class TestTimeThatIsOver:
    """Its time may be over while nobody knows whether it was done: that makes nothing undone."""

    def unclear(self, bench: Bench, asking: Any, **values: Any) -> UUID:
        bench.kinds["deneme.sms"] = kind(bench.far, asking=asking, **values)
        asked = bench.ask()
        bench.far.answers = [bench.far.lost_after]
        bench.drain()
        bench.execute(
            "UPDATE hub.actions SET expires_at = now(), next_look_at = now(), not_before = now() WHERE tenant_id = %s",
            bench.tenant,
        )
        bench.drain()
        return asked.action_id

    def test_what_can_be_asked_after_is(self, bench: Bench) -> None:
        assert bench.state(self.unclear(bench, "by_reference")) == ("accepted", None)
        assert bench.state(self.unclear(bench, "idempotent")) == ("accepted", None)
        assert set(bench.far.ledger.values()) == {1}

    @pytest.mark.parametrize("asking", ["never", "by_webhook"])
    def test_what_cannot_is_a_persons_unless_its_kind_expires_by_nature(self, bench: Bench, asking: str) -> None:
        assert bench.state(self.unclear(bench, asking))[0] == "unknown"
        lives = timedelta(seconds=180)
        assert bench.state(self.unclear(bench, asking, expires_after=lives)) == ("failed", "expired")

    def test_what_the_provider_never_had_is_not_sent_after_its_time(self, bench: Bench) -> None:
        asked = bench.ask()
        bench.far.answers = [Unclear(LOST)]
        bench.drain()
        bench.execute("UPDATE hub.actions SET expires_at = now() WHERE tenant_id = %s", bench.tenant)
        for _ in range(2):
            bench.age(1_000)
            bench.drain()
        assert bench.state(asked.action_id) == ("failed", "expired")
        assert bench.far.calls == 1


class TestLostAttempts:
    def test_an_action_of_which_processes_die_is_not_tried_for_ever(self, bench: Bench) -> None:
        for asking, end in (
            ("by_reference", ("dead", "attempts_used_up")),
            ("idempotent", ("unknown", "needs_decision")),
        ):
            bench.kinds["deneme.sms"] = kind(bench.far, asking=asking, attempts=2)
            asked = bench.ask()
            for _ in range(2):
                bench.far.answers = [Unclear(LOST)]
                bench.drain()
                if asking == "idempotent":
                    bench.age(3_600)
                for _ in range(2 * (asking == "by_reference")):
                    bench.age(1_000)
                    bench.far.answers = [Unclear(LOST)]
                    bench.drain()
            assert bench.state(asked.action_id) == end
            bench.far.answers.clear()

    def test_its_attempt_is_closed_as_lost_until_its_process_tells(self, bench: Bench) -> None:
        asked = bench.ask()

        def meanwhile() -> None:
            bench.age(301)
            bench.far.findings = [Absent()]
            other = threading.Thread(target=bench.drain)
            other.start()
            other.join()
            assert [each.outcome for each in get(bench.database, bench.tenant, asked.action_id)[1]] == ["lost"]

        bench.far.before_answer = meanwhile
        bench.attempt()
        assert [each.outcome for each in get(bench.database, bench.tenant, asked.action_id)[1]] == ["taken"]


class TestHolds:
    def held_for(self, bench: Bench) -> timedelta:
        [(length,)] = bench.execute(
            "SELECT held_until - now() FROM hub.action_holds WHERE tenant_id = %s", bench.tenant
        )
        return length

    def test_many_refusals_at_once_are_one_time(self, bench: Bench) -> None:
        for _ in range(6):
            with bench.database.tenant(bench.tenant, "app") as connection:
                holds.hold(connection, bench.tenant, "deneme", "credentials_rejected")
        assert self.held_for(bench) < timedelta(seconds=31)
        bench.age(31)
        with bench.database.tenant(bench.tenant, "app") as connection:
            holds.hold(connection, bench.tenant, "deneme", "credentials_rejected")
        assert self.held_for(bench) > timedelta(seconds=59)

    def test_what_was_taken_before_does_not_shorten_the_wait_that_was_asked_for(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, together=1)
        bench.ask(), bench.ask()
        bench.far.answers = [Refused(LIMITED), Taken("j")]
        bench.drain(Pace(lingers=timedelta(0), places=1))
        assert bench.far.calls == 2
        assert self.held_for(bench) > timedelta(seconds=25)

    def test_what_is_held_starts_no_run(self, bench: Bench) -> None:
        bench.kinds["deneme.sms"] = kind(bench.far, polls_after=timedelta(seconds=1))
        bench.ask()
        bench.drain()
        bench.age(5)
        assert lease.waiting(bench.database)
        with bench.database.tenant(bench.tenant, "app") as connection:
            holds.hold(connection, bench.tenant, "deneme", "rate_limited", asked=100)
        assert not lease.waiting(bench.database)
        due = lease.next_due_in(bench.database)
        assert due is not None
        assert due <= timedelta(seconds=100)
