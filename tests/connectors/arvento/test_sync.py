"""Whole syncs into real landing tables: masked rows, late packets, an absent vehicle, refusals by stream."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from connectors.arvento import PROVIDER
from connectors.arvento.session import open_session
from connectors.sandbox.arvento.drives import drives
from connectors.sandbox.arvento.fleet import Vehicle, fleets
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from connectors.secret import Secret
from hub.control import integrations, status
from hub.db.database import Database
from hub.settings import Settings
from hub.sync.batch import BatchRequest, BatchResult, Engine, sync_batch
from hub.sync.record import PAUSE_AFTER_PERMANENT_FAILURES
from kvkk_policies.canonical import canonical
from tests.connectors.stand_still import StandStill
from tests.support.merchant_engine import open_merchant_engine

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
PACE = Pace(history_days=10, points_per_day=30)
COMPANY = "nakliye"


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Iterator[Engine]:
    yield open_merchant_engine(installation, database)
    # Tests of the models share this database: what the sandbox tells is none of their business.
    with database.crossing("transformer") as connection:
        connection.execute("UPDATE hub.sync_state SET modelled_at = changed_at")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11, start=NOW, pace=PACE) as running:
        yield running


@pytest.fixture(autouse=True)
def _well(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()
    sandbox.world.withheld.clear()


def connected(engine: Engine, sandbox: Sandbox, make_tenant: Any, **settings: Any) -> str:
    """A tenant whose account at the sandbox's Arvento has passed its test."""
    tenant_id = make_tenant(tax_number_hash=secrets.token_bytes(8))
    credentials = {name: Secret(value) for name, value in sandbox.credentials(COMPANY, "arvento").items()}
    account = integrations.Account(
        "sandbox", credentials, base_url=sandbox.url, settings={"requests_per_minute": 900_000, **settings}
    )
    integrations.connect(engine.database, engine.keyring, PROVIDER, tenant_id, account)
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute("UPDATE hub.integrations SET state = 'active', tested_at = now()")
    return tenant_id


def sync(engine: Engine, sandbox: Sandbox, tenant_id: str, *streams: str) -> BatchResult:
    """A sync at the sandbox's time."""
    now = sandbox.world.clock.now()
    provider = replace(PROVIDER, open=partial(open_session, clock=StandStill(now).clock()))
    return sync_batch(engine, provider, BatchRequest([tenant_id], streams), run_id="run", now=lambda: now)


def landed(engine: Engine, tenant_id: str, columns: str, stream: str) -> list[tuple[Any, ...]]:
    with engine.database.tenant(tenant_id, "loader") as connection:
        return connection.execute(f"SELECT {columns} FROM landing.arvento_{stream} ORDER BY 1, 2").fetchall()  # noqa: S608


def failures(engine: Engine, tenant_id: str) -> dict[str, tuple[str | None, str | None]]:
    (found,) = status.read(engine.database, tenant_id=tenant_id)
    return {
        stream.stream: (stream.failure_kind, stream.failure_code)
        for stream in found.streams
        if stream.state == "failed"
    }


def fleet(sandbox: Sandbox) -> tuple[Vehicle, ...]:
    return fleets(sandbox.world)(COMPANY)


@dataclass(frozen=True)
class Story:
    """A tenant after its first sync and after the next day's, and what landing held in between."""

    tenant: str
    first: BatchResult
    second: BatchResult
    started: datetime
    before: dict[str, list[tuple[Any, ...]]]


PICTURE = {
    "positions": "node, gps_time",
    "operating_days": "(day, node)::text, distance_km",
    "drivers": "node, driver",
    "vehicles": "node, plate",
}


@pytest.fixture(scope="module")
def story(engine: Engine, sandbox: Sandbox, make_tenant: Any) -> Story:
    tenant = connected(engine, sandbox, make_tenant)
    started = sandbox.world.clock.now()
    first = sync(engine, sandbox, tenant)
    before = {stream: landed(engine, tenant, columns, stream) for stream, columns in PICTURE.items()}
    sandbox.advance(days=1)
    return Story(tenant, first, sync(engine, sandbox, tenant), started, before)


def test_every_stream_lands_and_nothing_is_undeclared(story: Story) -> None:
    for result in (story.first, story.second):
        outcomes = {outcome.stream: outcome for outcome in result.tenants[story.tenant].outcomes}
        assert outcomes.keys() == {stream.name for stream in PROVIDER.streams}
        assert all(outcome.ok and outcome.rows_changed and not outcome.undeclared for outcome in outcomes.values())


def test_nothing_lands_in_clear(engine: Engine, sandbox: Sandbox, story: Story) -> None:
    company = sandbox.world.company(COMPANY)
    clear = {vehicle.node for vehicle in fleet(sandbox)}
    clear |= {form for vehicle in fleet(sandbox) for form in (vehicle.plate, vehicle.plate.replace(" ", ""))}
    clear |= {company.employee(index).surname for index in range(company.EMPLOYEES)}
    clear |= {company.address.street, "Servis", "yedek"}
    for stream in PROVIDER.streams:
        rows = landed(engine, story.tenant, "t::text, 1", f"{stream.name} t")
        assert rows
        assert not [value for value in clear if any(value in row[0] for row in rows)], stream.name
    for stream in ("track", "positions"):
        for place in landed(engine, story.tenant, "latitude, longitude", stream):
            assert all(round(value, 3) == value for value in place)


def test_a_plate_and_a_unit_have_one_pseudonym_in_every_stream(engine: Engine, sandbox: Sandbox, story: Story) -> None:
    pseudonymiser = engine.keyring.tenant(story.tenant).pseudonymiser()
    expected = {
        (
            pseudonymiser.one("device", vehicle.node),
            pseudonymiser.one("plate", canonical("plate", vehicle.plate) or ""),
        )
        for vehicle in fleet(sandbox)
    }
    assert set(story.before["vehicles"]) == expected
    for stream in ("track", "operating_days", "distance_days"):
        assert set(landed(engine, story.tenant, "node, license_plate", stream)) == expected, stream
    # The originals are where a person with a purpose finds them.
    with engine.database.tenant(story.tenant, "vault") as connection:
        kept = {row[0] for row in connection.execute("SELECT pseudonym FROM vault.originals")}
    assert {pseudonym for pair in expected for pseudonym in pair} <= kept


def test_the_next_sync_brings_what_is_new_and_what_changed(engine: Engine, story: Story) -> None:
    after = {stream: landed(engine, story.tenant, columns, stream) for stream, columns in PICTURE.items()}
    assert set(after["positions"]) > set(story.before["positions"])
    assert set(after["drivers"]) > set(story.before["drivers"]), "a driver changed, and none is lost"
    days_before, days_after = dict(story.before["operating_days"]), dict(after["operating_days"])
    assert days_after.keys() > days_before.keys()
    assert [day for day in days_before if days_after[day] != days_before[day]], "the first day went on"


def test_points_that_were_uploaded_late_arrive(engine: Engine, sandbox: Sandbox, story: Story) -> None:
    now, drive = sandbox.world.clock.now(), drives(sandbox.world)
    pseudonymiser = engine.keyring.tenant(story.tenant).pseudonymiser()
    points = [
        (pseudonymiser.one("device", vehicle.node), point)
        for vehicle in fleet(sandbox)
        for back in range(9)
        for point in drive(vehicle, now.date() - timedelta(days=back)).told(now)
        if point.latitude and vehicle.listed(point.at) and point.at >= story.started - timedelta(days=7)
    ]
    assert [point for _, point in points if point.at < story.started < point.told_at]
    assert set(landed(engine, story.tenant, "node, event_time", "track")) == {(node, each.at) for node, each in points}


def test_an_absent_vehicle_stays_with_the_day_on_which_it_was_last_listed(
    engine: Engine, sandbox: Sandbox, story: Story
) -> None:
    last_days = [row[1] for row in landed(engine, story.tenant, "node, last_listed_on", "vehicles")]
    assert sorted(map(str, last_days)) == ["2026-11-18"] + ["2026-11-19"] * (len(fleet(sandbox)) - 1)


def test_a_sync_without_news_changes_nothing(engine: Engine, sandbox: Sandbox, story: Story) -> None:
    result = sync(engine, sandbox, story.tenant, "vehicles", "track", "distance_days")
    assert [outcome.rows_changed for outcome in result.tenants[story.tenant].outcomes] == [0, 0, 0]


def test_refused_credentials_are_reported_as_such_and_nothing_counts_as_read(
    engine: Engine, sandbox: Sandbox, make_tenant: Any
) -> None:
    tenant = connected(engine, sandbox, make_tenant)
    sandbox.world.faults.add(Fault("credentials_expired", company=COMPANY))

    result = sync(engine, sandbox, tenant)

    assert result.failed == 1
    assert failures(engine, tenant) == {
        stream.name: ("permanent", "credentials_rejected") for stream in PROVIDER.streams
    }
    with engine.database.tenant(tenant, "app") as connection:
        assert {row[0] for row in connection.execute("SELECT synced_until FROM hub.sync_state")} == {None}


def test_a_report_outside_the_contract_neither_stops_nor_pauses_the_others(
    engine: Engine, sandbox: Sandbox, make_tenant: Any
) -> None:
    tenant = connected(engine, sandbox, make_tenant)
    sandbox.world.withheld.add(("arvento", COMPANY, "SpeedAlarm"))
    for _ in range(PAUSE_AFTER_PERMANENT_FAILURES):
        result = sync(engine, sandbox, tenant, "vehicles", "speed_alarms")
        assert [outcome.ok for outcome in result.tenants[tenant].outcomes] == [True, False]
    assert failures(engine, tenant) == {"speed_alarms": ("permanent", "not_licensed")}
    (shown,) = status.read(engine.database, tenant_id=tenant)
    assert shown.state == "active"


def test_the_rest_service_fills_the_same_tables(
    engine: Engine, sandbox: Sandbox, story: Story, make_tenant: Any
) -> None:
    other = connected(engine, sandbox, make_tenant, interface="rest")
    result = sync(engine, sandbox, other, "vehicles", "operating_days")
    assert all(outcome.ok and not outcome.undeclared for outcome in result.tenants[other].outcomes)
    facts = "day, distance_km, motion_seconds, ignition_on_seconds"
    assert sorted(landed(engine, other, facts, "operating_days")) == sorted(
        row for row in landed(engine, story.tenant, facts, "operating_days") if str(row[0]) >= "2026-10-20"
    )


def test_the_unit_is_never_kept_in_clear_since_a_plate_may_stand_for_it(engine: Engine) -> None:
    for stream in engine.policies["arvento"].streams.values():
        assert stream.columns["node"].action in ("pseudonymise", "vault"), stream.name
