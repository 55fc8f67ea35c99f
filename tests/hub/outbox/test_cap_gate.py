"""Caps at the moment of sending: nothing above them reaches a provider, and what was not done costs nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connectors.actions import Found, Refused, Taken, Unclear
from connectors.istanbul import day_of
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide
from hub.outbox.caps.gate import CapGate, RealCosts
from hub.outbox.caps.spending import Spent, spent
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LOST, PERMANENT, TRANSIENT, kind


@pytest.fixture
def capped(bench: Bench) -> Bench:
    """Every part costs 0.10 lira."""
    bench.gates = (CapGate(),)
    bench.followers = (RealCosts(),)
    return bench


def cap(bench: Bench, *, count: int | None = None, amount: str | None = None) -> None:
    bench.execute(
        "INSERT INTO hub.spend_caps (tenant_id, provider, daily_count, daily_amount) VALUES (%s, 'deneme', %s, %s)",
        bench.tenant,
        count,
        amount,
    )


def used(bench: Bench) -> list[Spent]:
    today = day_of(datetime.now(UTC))
    with bench.database.tenant(bench.tenant, "app") as connection:
        return spent(connection, bench.tenant, since=today - timedelta(days=1), until=today)


def test_what_would_pass_a_cap_never_reaches_the_provider_and_says_why(capped: Bench) -> None:
    cap(capped, amount="0.25")
    asked = [capped.ask(priority=at) for at in range(4)]
    capped.drain()
    assert [capped.state(each.action_id) for each in asked] == [
        ("accepted", None),
        ("accepted", None),
        ("failed", "spend_cap_amount"),
        ("failed", "spend_cap_amount"),
    ]
    assert capped.far.ledger.total() == 2
    assert [(each.count, each.units, each.amount) for each in used(capped)] == [(2, 2, Decimal("0.20"))]


def test_units_and_money_are_those_of_the_request(capped: Bench) -> None:
    capped.ask(payload={"to": "+905320000001", "parts": 3})
    capped.drain()
    assert [(each.count, each.units, each.amount) for each in used(capped)] == [(1, 3, Decimal("0.30"))]


@pytest.mark.parametrize("failure", [PERMANENT, TRANSIENT])
def test_what_was_certainly_not_done_is_given_back(capped: Bench, failure: object) -> None:
    cap(capped, count=1)
    capped.ask()
    capped.far.answers = [Refused(failure)]  # type: ignore[arg-type]
    capped.drain()
    assert used(capped) == []
    second = capped.ask()
    capped.drain()
    assert capped.state(second.action_id) == ("accepted", None)


def test_what_may_have_been_done_stays_counted_and_is_counted_once(capped: Bench) -> None:
    cap(capped, count=1)
    capped.kinds["deneme.sms"] = kind(capped.far, asking="idempotent")
    asked = capped.ask()
    capped.far.answers = [Unclear(LOST), Taken("j1")]
    capped.drain()
    assert [each.count for each in used(capped)] == [1]
    capped.age(3600)
    capped.drain()
    assert capped.state(asked.action_id) == ("accepted", None), "its own reservation does not stand in its way"
    assert [each.count for each in used(capped)] == [1]


def test_what_costs_nothing_is_not_counted(capped: Bench) -> None:
    cap(capped, count=0)
    capped.kinds["deneme.sms"] = kind(capped.far, costs=False)
    asked = capped.ask()
    capped.drain()
    assert capped.state(asked.action_id) == ("accepted", None)
    assert used(capped) == []


def test_the_real_cost_takes_the_estimates_place_when_it_is_told_at_once(capped: Bench) -> None:
    capped.ask()
    capped.far.answers = [Taken("j1", cost=Decimal("0.25"))]
    capped.drain()
    assert [(each.count, each.amount) for each in used(capped)] == [(1, Decimal("0.25"))]


def test_the_real_cost_takes_the_estimates_place_when_it_is_learnt_later(capped: Bench) -> None:
    capped.kinds["deneme.sms"] = kind(capped.far, polls_after=timedelta(seconds=1))
    capped.ask()
    capped.drain()
    capped.far.findings = [Found("delivered", cost=Decimal("0.03"))]
    capped.age(3600)
    capped.drain()
    assert [(each.count, each.amount) for each in used(capped)] == [(1, Decimal("0.03"))]


@pytest.mark.parametrize("became", ["failed", "unknown"])
def test_one_that_a_person_has_tried_again_needs_room_under_the_cap_anew(capped: Bench, became: str) -> None:
    """It was sent, or may have been: the next one costs as much again, whenever it goes."""
    cap(capped, count=1)
    capped.kinds["deneme.sms"] = kind(capped.far, asking="never", polls_after=timedelta(seconds=1))
    capped.far.answers = [Taken("j1") if became == "failed" else Unclear(LOST)]
    capped.far.findings = [Found("failed")]
    asked = capped.ask()
    capped.drain()
    capped.age(3600)
    capped.drain()
    assert capped.state(asked.action_id)[0] == became
    decide.retry(capped.database, capped.tenant, asked.action_id, SYSTEM)

    capped.drain()

    assert capped.state(asked.action_id) == ("failed", "spend_cap_count")
    assert capped.far.calls == 1


def test_a_retry_that_was_refused_gives_back_nothing_of_what_was_sent_before(capped: Bench) -> None:
    capped.kinds["deneme.sms"] = kind(capped.far, asking="never")
    capped.far.answers = [Unclear(LOST), Refused(PERMANENT)]
    asked = capped.ask()
    capped.drain()
    decide.retry(capped.database, capped.tenant, asked.action_id, SYSTEM)
    capped.drain()

    assert (capped.state(asked.action_id)[0], capped.far.calls) == ("failed", 2)
    assert [each.count for each in used(capped)] == [1]
