"""The hourly work: everything for a tenant in one go, nobody's trouble in the way of others, warnings in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from dagster import build_schedule_context
from psycopg.types.json import Jsonb

from connectors.sandbox.faults import Fault
from hub.control import integrations
from hub.iys import runs, work
from hub.iys.alarms import Alarmed, alarm
from hub.iys.overview import overview
from hub.settings import Settings
from resources.engine import HubResource
from schedules.iys import iys_job, iys_schedule
from tests.support.brand import PHONE, Brand
from tests.support.dagster_home import dagster_instance


def now() -> datetime:
    return datetime.now(UTC)


def test_one_run_pushes_pulls_and_compares(brand: Brand) -> None:
    brand.says("commercial_message", keep=True)
    assert brand.tenant_id in runs.due(brand.database)
    first = work.work(brand.database, brand.keyring, brand.tenant_id, now())
    assert (first.collected, first.pushed.submitted, first.failure) == (1, 1, None)
    assert brand.tenant_id not in runs.due(brand.database)
    second = work.work(brand.database, brand.keyring, brand.tenant_id, now())
    assert second.settled.accepted == 1
    run = runs.last(brand.database, brand.tenant_id, "iys")
    assert run.ran_at is not None
    assert run.next_at is not None
    assert run.next_at - run.ran_at == work.EVERY
    assert run.pulled_at is not None
    assert run.reconciled_at is not None


def test_a_tenant_whose_iys_is_away_is_tried_again_soon_and_says_why(brand: Brand) -> None:
    brand.sandbox.world.faults.add(Fault("server_error", company=brand.company))
    assert work.work(brand.database, brand.keyring, brand.tenant_id, now()).failure == "provider_error"
    run = runs.last(brand.database, brand.tenant_id, "iys")
    assert run.failure_code == "provider_error"
    assert run.next_at is not None
    assert run.ran_at is not None
    assert run.next_at - run.ran_at == work.AFTER_FAILURE["transient"]
    brand.sandbox.world.faults.clear()
    assert work.work(brand.database, brand.keyring, brand.tenant_id, now()).failure is None
    assert runs.last(brand.database, brand.tenant_id, "iys").failure_code is None


def test_a_paused_account_is_not_due_and_not_used(brand: Brand) -> None:
    integrations.pause(brand.database, brand.tenant_id, "iys")
    assert brand.tenant_id not in runs.due(brand.database)
    done = work.work(brand.database, brand.keyring, brand.tenant_id, now())
    assert done.failure == work.NOT_USABLE


def test_what_iys_has_not_heard_by_the_second_business_day_is_warned_of_once_by_mail(brand: Brand) -> None:
    from hub.iys import owed

    with brand.database.tenant(brand.tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.tenants SET settings = %s WHERE tenant_id = %s",
            (Jsonb({"dpo_email": "kvkk@ornek.com.tr"}), brand.tenant_id),
        )
    brand.says("commercial_message")
    given = brand.now - timedelta(hours=2)
    owed.collect(brand.database, brand.tenant_id, brand.now)
    early, late = owed.due(given, 2) - timedelta(seconds=1), owed.due(given, 2)
    assert alarm(brand.database, brand.keyring, brand.tenant_id, early) == Alarmed(0, 0)
    assert alarm(brand.database, brand.keyring, brand.tenant_id, late) == Alarmed(1, 1)
    assert alarm(brand.database, brand.keyring, brand.tenant_id, late) == Alarmed(0, 0)
    found = overview(brand.database, brand.keyring, brand.tenant_id, late)
    assert (found.late, found.overdue) == (1, 0)
    assert overview(brand.database, brand.keyring, brand.tenant_id, owed.due(given, 3)).overdue == 1
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        mails = connection.execute(
            "SELECT template, about FROM hub.mails WHERE tenant_id = %s", (brand.tenant_id,)
        ).fetchall()
    assert [mail[0] for mail in mails] == ["iys_late"]
    assert PHONE not in str(mails)


def test_the_schedule_starts_a_run_while_somebody_is_due(
    brand: Brand, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    job = iys_job()

    def requested() -> bool:
        with build_schedule_context(resources={"hub": HubResource()}) as context:
            return bool(iys_schedule(job).evaluate_tick(context).run_requests)

    brand.says("commercial_message", keep=True)
    assert requested()
    with dagster_instance(settings) as instance:
        assert job.execute_in_process(instance=instance, resources={"hub": HubResource()}).success
    assert brand.tenant_id not in runs.due(brand.database)
    assert [each.reference.split()[0] for each in brand.sandbox.world.ledger.deeds(company=brand.company)] == [PHONE]


def test_answers_that_nobody_asked_for_again_are_let_go(brand: Brand) -> None:
    from connectors.iys.register import Standing
    from hub.iys import states

    who = states.Who(brand.pseudonym(), "MESAJ", "BIREYSEL")
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        states.remember(connection, brand.tenant_id, {who: Standing("ONAY")}, asked_at=brand.now)
    for later, left in ((timedelta(days=29), 1), (timedelta(days=31), 0)):
        work.prune(brand.database, brand.tenant_id, brand.now + later)
        with brand.database.tenant(brand.tenant_id, "app") as connection:
            assert len(states.read(connection, brand.tenant_id, [who.recipient])) == left
