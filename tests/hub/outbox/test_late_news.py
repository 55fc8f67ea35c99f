"""What an answer or an event changes when it comes late, and what it uses up: no other test noticed these missing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.actions import Found, Refused, Unclear
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide, holds, lease
from hub.outbox.gate import Candidate, Gates, Go, Verdict
from hub.outbox.learn import Heard, heard
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LIMITED, LOST, PERMANENT, TRANSIENT, kind


def test_what_failed_may_turn_out_to_have_arrived(bench: Bench) -> None:
    """A telephone that was off when its operator gave up."""
    asked = bench.ask()
    bench.drain()
    for state in ("failed", "delivered"):
        said = Heard("deneme", Found(state), asked.action_id.hex)  # type: ignore[arg-type]
        assert heard(bench.database, bench.keyring, bench.tenant, said, Gates(()), bench.kinds)
    assert bench.state(asked.action_id) == ("delivered", None)


def test_a_refusal_of_before_says_nothing_of_what_another_process_has_in_hand(bench: Bench) -> None:
    asked = bench.ask()

    def meanwhile() -> None:
        bench.age(301)
        lease.take_back(bench.database)
        decide.retry(bench.database, bench.tenant, asked.action_id, SYSTEM)
        assert [each.action_id for each in lease.lease(bench.database, most=9, share=9).actions] == [asked.action_id]

    bench.far.answers, bench.far.before_answer = [Refused(PERMANENT)], meanwhile
    bench.attempt()  # a drain's own next look might take it between the retry and the lease
    assert bench.state(asked.action_id) == ("leased", None)


def test_a_provider_that_takes_again_is_forgiven(bench: Bench) -> None:
    with bench.database.tenant(bench.tenant, "app") as connection:
        holds.hold(connection, bench.tenant, "deneme", "rate_limited")
    bench.age(31)
    bench.ask()
    bench.drain()
    assert bench.execute("SELECT count(*) FROM hub.action_holds WHERE tenant_id = %s", bench.tenant) == [(0,)]


def test_being_asked_to_wait_counts_as_no_attempt(bench: Bench) -> None:
    bench.kinds["deneme.sms"] = kind(bench.far, attempts=2)
    asked = bench.ask()
    bench.far.answers = [Refused(LIMITED), Refused(TRANSIENT), Refused(TRANSIENT)]
    states: list[Any] = []
    for _ in range(3):
        bench.drain()
        states.append(bench.state(asked.action_id)[0])
        bench.age(3_600)
    assert states == ["pending", "pending", "dead"]


@pytest.mark.parametrize("opted_out", [True, False])
def test_a_refusal_because_somebody_wants_no_more_is_told_at_once(bench: Bench, opted_out: bool) -> None:
    told: list[tuple[str, str]] = []

    class Rule:
        def judge(self, _c: object, _t: str, candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
            return [Go() for _ in candidates]

        def undone(self, *_: object) -> None: ...

        def opted_out(self, _c: object, tenant: str, _kind: object, recipient_kind: str, _recipient: str) -> None:
            told.append((tenant, recipient_kind))

    bench.gates = (Rule(),)  # type: ignore[assignment]
    bench.ask()
    bench.far.answers = [Refused(PERMANENT, opted_out=opted_out)]
    bench.drain()
    assert told == [(bench.tenant, "phone")] * opted_out


def test_a_failure_of_an_attempt_behind_which_nobody_ordered_another_ends_what_waits(bench: Bench) -> None:
    asked = bench.ask()
    bench.far.answers = [Refused(TRANSIENT)]
    bench.drain()
    assert bench.state(asked.action_id)[0] == "pending"
    said = Heard("deneme", Found("failed"), asked.action_id.hex, at=bench.now())
    assert heard(bench.database, bench.keyring, bench.tenant, said, Gates(()), bench.kinds)
    assert bench.state(asked.action_id) == ("failed", "delivery_failed")


def test_a_look_is_believed_of_the_only_attempt_and_of_one_that_the_provider_has_taken(bench: Bench) -> None:
    bench.kinds["deneme.sms"] = kind(bench.far, polls_after=timedelta(0))
    only, taken = bench.ask(), bench.ask()
    bench.far.answers = [Unclear(LOST), Refused(PERMANENT)]
    bench.far.findings = [Found("failed")]
    bench.drain()
    assert {bench.state(each.action_id)[0] for each in (only, taken)} == {"unknown", "failed"}
    bench.age(60)
    bench.drain()
    assert bench.far.findings == []
    again = next(each for each in (only, taken) if bench.read(each.action_id).reason == "request_refused")
    assert {bench.state(each.action_id)[0] for each in (only, taken)} == {"failed"}
    decide.retry(bench.database, bench.tenant, again.action_id, SYSTEM)
    bench.far.findings = [Found("failed")]
    bench.drain()
    bench.age(60)
    bench.drain()
    assert bench.far.findings == []
    assert bench.state(again.action_id) == ("failed", "delivery_failed")


def test_what_was_emptied_stays_empty_whatever_is_told_afterwards(bench: Bench) -> None:
    asked = bench.ask()
    bench.drain()
    emptied = "SELECT private_cipher, provider_mark FROM hub.actions WHERE tenant_id = %s"
    bench.execute(
        "UPDATE hub.actions SET payload_cipher = '', private_cipher = NULL, provider_mark = NULL WHERE tenant_id = %s",
        bench.tenant,
    )
    told = Found("delivered", "wamid.of-a-phone", private={"user": "somebody"})
    said = Heard("deneme", told, asked.action_id.hex)
    assert heard(bench.database, bench.keyring, bench.tenant, said, Gates(()), bench.kinds)
    assert bench.state(asked.action_id) == ("delivered", None)
    assert bench.execute(emptied, bench.tenant) == [(None, None)]


def test_absence_is_counted_from_the_last_attempt_and_not_from_when_it_was_asked_for(bench: Bench) -> None:
    asked = bench.ask()
    bench.age(24 * 3600)  # it waited for a day
    bench.far.answers = [Unclear(LOST)]
    bench.drain()
    for _ in range(4):
        bench.age(60)
        bench.drain()
    assert bench.state(asked.action_id) == ("unknown", "absent_at_provider")
    assert bench.far.calls == 1


def test_an_attempt_that_the_provider_put_off_is_none_of_those_that_are_used_up(bench: Bench) -> None:
    bench.kinds["deneme.sms"] = kind(bench.far, attempts=2, settles_after=timedelta(0))
    asked = bench.ask()
    bench.far.answers = [Refused(LIMITED), Unclear(LOST)]
    for _ in range(4):  # put off, lost, absent, absent again and so done
        bench.drain()
        bench.age(3_600)
    assert bench.state(asked.action_id) == ("accepted", None)
