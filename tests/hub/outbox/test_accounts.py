"""An account that cannot be used is one row's wait, however much there is; the change that mends it ends the wait."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.actions import Refused
from connectors.failure import ProviderFailure
from hub.control import integrations, tenants
from hub.outbox import holds, lease
from hub.outbox.drain import Pace
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LIMITED, kind

FEW = Pace(lingers=timedelta(0), least_wait=0.01, most=4, share=4)


def reasons(bench: Bench) -> list[str | None]:
    rows = bench.execute("SELECT reason FROM hub.actions WHERE tenant_id = %s AND state = 'pending'", bench.tenant)
    return [row[0] for row in rows]


def test_a_suspended_tenants_queue_is_not_put_off_row_by_row(bench: Bench) -> None:
    for _ in range(12):
        bench.ask()
    tenants.suspend(bench.database, bench.tenant)
    bench.drain(FEW)
    assert reasons(bench).count("tenant_suspended") == 4
    assert not lease.lease(bench.database, most=100, share=100).actions


def test_a_resumed_tenants_actions_are_due_at_once(bench: Bench) -> None:
    for _ in range(3):
        bench.ask()
    tenants.suspend(bench.database, bench.tenant)
    bench.drain()
    assert reasons(bench) == ["tenant_suspended"] * 3
    bench.drain()
    assert bench.far.calls == 0
    tenants.resume(bench.database, bench.tenant)
    assert reasons(bench) == [None] * 3
    bench.drain()
    assert bench.far.ledger.total() == 3


def test_being_resumed_says_nothing_of_a_provider_that_wants_to_be_left_alone(bench: Bench) -> None:
    with bench.database.tenant(bench.tenant, "app") as connection:
        holds.hold(connection, bench.tenant, "deneme", "rate_limited", asked=7_200)
        row = connection.execute("SELECT now() + interval '15 minutes'").fetchone()
        assert row is not None
        holds.wait(connection, bench.tenant, "deneme", "tenant_suspended", row[0])
    bench.ask()
    tenants.resume(bench.database, bench.tenant)
    bench.drain()
    assert bench.far.calls == 0


@pytest.mark.parametrize("state", ["paused", None])
def test_what_waited_for_an_account_is_due_when_it_is_there(bench: Bench, state: str | None) -> None:
    asked = bench.ask()
    if state is None:
        bench.execute("UPDATE hub.integrations SET provider = 'baska' WHERE tenant_id = %s", bench.tenant)
    else:
        integrations.pause(bench.database, bench.tenant, "deneme")
    bench.drain()
    assert bench.state(asked.action_id) == ("pending", "account_missing" if state is None else "account_paused")
    if state is None:
        bench.execute("UPDATE hub.integrations SET provider = 'deneme' WHERE tenant_id = %s", bench.tenant)
    integrations.resume(bench.database, bench.tenant, "deneme")
    bench.drain()
    assert bench.state(asked.action_id) == ("accepted", None)


def test_what_a_wrong_password_held_up_is_due_when_the_account_was_changed(bench: Bench) -> None:
    rejected, limited = bench.ask(priority=0), bench.ask()
    bench.kinds["deneme.sms"] = kind(bench.far, together=1)
    bench.far.answers = [Refused(ProviderFailure("permanent", "credentials_rejected", status=401)), Refused(LIMITED)]
    bench.drain(Pace(lingers=timedelta(0), places=1))
    states = [bench.state(each.action_id) for each in (rejected, limited)]
    assert states == [("pending", "credentials_rejected"), ("pending", "rate_limited")]
    integrations.resume(bench.database, bench.tenant, "deneme")
    bench.drain()
    states = [bench.state(each.action_id) for each in (rejected, limited)]
    assert states == [("accepted", None), ("pending", "rate_limited")]
