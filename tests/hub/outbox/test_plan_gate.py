"""A plan's actions a day hold when they are asked for and again when they are sent; nothing is lost to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.actions import Refused, Taken, Unclear
from connectors.istanbul import day_of
from hub.control.usage import usage_of
from hub.errors import HubError
from hub.kvkk.audit import SYSTEM
from hub.outbox import decide
from hub.outbox.open import open_outbox
from hub.outbox.plan_gate import PlanGate
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LOST, PERMANENT, kind


@pytest.fixture
def planned(bench: Bench) -> Bench:
    """A plan of three actions a day."""
    bench.gates = (PlanGate(),)
    allow(bench, 3)
    return bench


def counts(bench: Bench) -> dict[str, int]:
    return dict(bench.execute("SELECT what, count FROM hub.usage_days WHERE tenant_id = %s", bench.tenant))


def allow(bench: Bench, count: int) -> None:
    bench.execute(
        "UPDATE hub.tenants SET limits = jsonb_build_object('actions_per_day', %s::int) WHERE tenant_id = %s",
        count,
        bench.tenant,
    )


def test_what_the_plan_does_not_allow_today_is_not_queued(planned: Bench) -> None:
    for at in range(3):
        planned.ask(f"key-{at}")

    with pytest.raises(HubError, match="plan_used_up_today"):
        planned.ask("key-3")

    assert planned.ask("key-2").repeated
    assert planned.execute("SELECT count(*) FROM hub.actions WHERE tenant_id = %s", planned.tenant) == [(3,)]
    assert counts(planned) == {"actions_asked": 3}


def test_what_waited_goes_on_another_day_when_todays_are_used(planned: Bench) -> None:
    # As if they had been asked for on several days.
    allow(planned, 5)
    for at in range(5):
        planned.ask(priority=at)
    allow(planned, 3)

    planned.drain()

    states = planned.execute(
        "SELECT state, reason, not_before FROM hub.actions WHERE tenant_id = %s ORDER BY state", planned.tenant
    )
    assert [each[:2] for each in states] == [("accepted", None)] * 3 + [("pending", "plan_actions_today")] * 2
    assert {day_of(each[2]) for each in states if each[0] == "pending"} == {
        day_of(datetime.now(UTC)) + timedelta(days=1)
    }
    assert planned.far.ledger.total() == 3
    assert counts(planned)["actions_sent"] == 3
    assert [
        each.used for each in usage_of(planned.database, planned.tenant).usage if each.name == "actions_per_day"
    ] == [5]


def test_an_action_that_is_tried_again_counts_once_and_one_that_was_refused_not_at_all(planned: Bench) -> None:
    planned.far.answers = [Refused(PERMANENT), Taken("a-1")]
    first, second = planned.ask(priority=1), planned.ask(priority=2)

    planned.drain()

    assert planned.state(first.action_id)[0] == "failed"
    assert planned.state(second.action_id)[0] == "accepted"
    assert counts(planned)["actions_sent"] == 1
    assert planned.execute(
        "SELECT count(*) FROM hub.actions WHERE tenant_id = %s AND counted_on IS NOT NULL", planned.tenant
    ) == [(1,)]


def test_one_that_a_person_has_tried_again_takes_another_place_of_the_day(planned: Bench) -> None:
    planned.kinds["deneme.sms"] = kind(planned.far, asking="never")
    planned.far.answers = [Unclear(LOST)]
    asked = planned.ask()
    planned.drain()
    decide.retry(planned.database, planned.tenant, asked.action_id, SYSTEM)
    planned.drain()

    assert planned.state(asked.action_id)[0] == "accepted"
    assert counts(planned)["actions_sent"] == 2


def test_the_installations_outbox_asks_the_plan(planned: Bench) -> None:
    outbox = open_outbox(planned.database, planned.keyring)

    assert PlanGate in {type(gate) for gate in outbox.gates._gates}
