"""A tenant's calls from the stand-in into the warehouse: masked, read again as time passes, and met with who pays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import sql
from psycopg.rows import dict_row

from connectors.bulutfon import PROVIDER
from connectors.bulutfon.session import open_session
from connectors.sandbox.bulutfon.calls import Call
from connectors.sandbox.bulutfon.switchboard import AGENTS
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from connectors.secret import Secret
from hub.control import integrations, status
from hub.models.dbt import build_models
from hub.sync.batch import BatchRequest, BatchResult, Engine, sync_batch
from kvkk_policies.canonical import canonical
from tests.connectors.bulutfon.calling import GENERATIONS, advance_into_a_call, booked, days, requests
from tests.connectors.stand_still import StandStill
from tests.dbt.warehouse import mart
from tests.support.accounts import UNHURRIED
from tests.support.merchant_engine import open_merchant_engine
from tests.support.merchant_engine import sync as sync_merchant
from tests.support.merchants import add_merchant

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

NOW = datetime(2026, 11, 18, 13, 0, tzinfo=UTC)
LATER = timedelta(hours=20)
PACE = Pace(rows_per_day=3, history_days=6, calls_per_day=30)
COMPANY = "ofis"
TABLES = [stream.name for stream in PROVIDER.streams]
Rows = dict[str, list[dict[str, Any]]]


@dataclass
class Office:
    """One tenant with accounts at the sandbox's Bulutfon and iyzico, synced twice with some hours in between."""

    engine: Engine
    sandbox: Sandbox
    version: str
    going_on: str
    """A call that lasts at the first sync."""
    first_synced_at: datetime
    tenant_id: str = ""
    results: list[BatchResult] = field(default_factory=list[BatchResult])
    states: list[Rows] = field(default_factory=list[Rows])

    def open(self) -> None:
        database, keyring = self.engine.database, self.engine.keyring
        self.tenant_id = add_merchant(database, keyring, self.sandbox, COMPANY)
        keys = {name: Secret(value) for name, value in self.sandbox.credentials(COMPANY, "bulutfon").items()}
        settings = {**UNHURRIED, "api_version": self.version}
        account = integrations.Account("sandbox", keys, base_url=self.sandbox.url, settings=settings)
        integrations.connect(database, keyring, PROVIDER, self.tenant_id, account)
        with database.tenant(self.tenant_id, "app") as connection:
            connection.execute("UPDATE hub.integrations SET state = 'active', tested_at = now()")

    def sync(self) -> BatchResult:
        now = self.sandbox.world.clock.now()
        provider = replace(PROVIDER, open=partial(open_session, clock=StandStill(now).clock()))
        request = BatchRequest([self.tenant_id])
        self.results.append(sync_batch(self.engine, provider, request, run_id="run", now=lambda: now))
        self.states.append({name: self.landed(name) for name in TABLES})
        return self.results[-1]

    def landed(self, stream: str) -> list[dict[str, Any]]:
        statement = sql.SQL("SELECT * FROM {} AS landed ORDER BY landed").format(
            sql.Identifier("landing", f"bulutfon_{stream}")
        )
        with (
            self.engine.database.tenant(self.tenant_id, "loader") as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            return cursor.execute(statement).fetchall()

    def token(self, kind: str, value: str) -> str:
        form = canonical(kind, value)
        assert form is not None
        return self.engine.keyring.tenant(self.tenant_id).pseudonymiser().one(kind, form)

    def by_call(self, state: int, stream: str) -> dict[str, dict[str, Any]]:
        return {row["call_id"]: row for row in self.states[state][stream]}

    def book(self) -> dict[str, Call]:
        """All that the stand-in tells now."""
        now = self.sandbox.world.clock.now()
        return booked(self.sandbox, COMPANY, days(30, now))


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture(scope="module", params=GENERATIONS)
def office(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Office]:
    with Sandbox(seed=5, start=NOW, pace=PACE) as sandbox:
        going_on = advance_into_a_call(sandbox, COMPANY)
        opened = Office(engine, sandbox, request.param, going_on, sandbox.world.clock.now())
        opened.open()
        opened.sync()
        sandbox.world.clock.advance(LATER)
        opened.sync()
        yield opened


def test_every_call_that_is_told_lands_once_with_its_recordings_flag(office: Office) -> None:
    assert [result.failed for result in office.results] == [0, 0]
    assert office.by_call(1, "calls").keys() == office.book().keys()
    assert office.by_call(1, "recordings").keys() == office.book().keys()


def test_the_party_outside_lands_as_the_pseudonym_of_its_phone(office: Office) -> None:
    rows = office.by_call(1, "calls")
    for uuid, call in office.book().items():
        expected = None if call.outside is None else office.token("phone", str(call.outside))
        assert rows[uuid]["customer_phone"] == expected


def test_short_numbers_stay_readable_and_are_never_vaulted(office: Office) -> None:
    agents = {str(1001 + agent) for agent in range(AGENTS)}
    assert {row["number"] for row in office.states[1]["extensions"]} == agents
    short = {row["destination"] for row in office.states[1]["call_step_targets"] if row["destination_kind"] == "short"}
    assert short
    assert short <= agents
    with office.engine.database.tenant(office.tenant_id, "vault") as connection:
        kept = {row[0] for row in connection.execute("SELECT pseudonym FROM vault.originals")}
    assert (
        not {office.engine.keyring.tenant(office.tenant_id).pseudonymiser().one("phone", f"?{n}") for n in agents}
        & kept
    )
    with_phone = {row["customer_phone"] for row in office.states[1]["calls"]} - {None}
    assert with_phone <= kept


def test_nobodys_number_name_or_address_stands_in_landing(office: Office) -> None:
    company = office.sandbox.world.company(COMPANY)
    said = repr(office.states)
    people = [company.customer(index) for index in range(company.CUSTOMERS)]
    people += [company.employee(index) for index in range(company.EMPLOYEES)]
    found = [
        value
        for person in people
        for value in (person.phone[3:], person.name, person.email, person.tckn)
        if value in said
    ]
    assert found == []
    assert "http" not in said
    for key in office.sandbox.credentials(COMPANY, "bulutfon").values():
        assert key not in said


def test_lines_of_the_tenants_own_join_their_calls(office: Office) -> None:
    lines = {row["line"]: row["number"] for row in office.states[1]["numbers"]}
    called = {row["our_number"] for row in office.states[1]["calls"] if row["direction"] == "IN"}
    assert called == lines.keys()
    assert all(number.startswith("90850") for number in lines.values())


def test_a_second_sync_brings_new_calls_and_changes_old_ones(office: Office) -> None:
    before, after = office.by_call(0, "calls"), office.by_call(1, "calls")
    assert before.keys() < after.keys()
    assert (before[office.going_on]["in_progress"], after[office.going_on]["in_progress"]) == (True, False)
    assert after[office.going_on]["talk_seconds"] > 0
    late = {uuid for uuid in after.keys() - before.keys() if after[uuid]["call_time"] < office.first_synced_at}
    assert late, "some call was told late"


def test_a_second_sync_sees_that_recordings_were_removed(office: Office) -> None:
    before, after = office.by_call(0, "recordings"), office.by_call(1, "recordings")
    changes = {(row["availability"], after[uuid]["availability"]) for uuid, row in before.items()}
    assert ("YES", "REMOVED" if office.version == "v1" else "NO") in changes


def test_no_audio_was_ever_asked_for(office: Office) -> None:
    assert requests(office.sandbox, company=COMPANY) > 20
    assert requests(office.sandbox, "/call-records") == requests(office.sandbox, "/v2/call-records") == 0


@pytest.mark.parametrize("office", ["v2"], indirect=True)
def test_callers_meet_those_who_pay_and_the_rest_is_shown(office: Office, installation: Settings) -> None:
    now = office.sandbox.world.clock.now()
    sync_merchant(
        office.engine, [office.tenant_id], ["subscriptions", "subscription_customers", "transactions"], now=now
    )
    assert build_models(office.engine.database, installation).ok

    shares = {row["source"]: row for row in mart(office.engine.database, "customer_match_share", office.tenant_id)}
    calls = shares["bulutfon.calls"]
    outside = [call for call in office.book().values() if call.direction != "LOCAL"]
    assert (calls["records"], calls["unidentified"]) == (len(outside), sum(call.outside is None for call in outside))
    assert 0.2 < calls["unmatched_share"] < 0.7
    assert 0 < shares["iyzico.subscriptions"]["unmatched_share"] < 0.6
    agents = mart(office.engine.database, "agent_days", office.tenant_id)
    assert {row["extension"] for row in agents} == {str(1001 + agent) for agent in range(AGENTS)}
    assert sum(row["taken"] for row in agents) > 0
    names = {
        office.token("name", office.sandbox.world.company(COMPANY).employee(agent).name) for agent in range(AGENTS)
    }
    assert {row["agent_name"] for row in agents} == names


def test_credentials_that_expired_are_reported_and_nothing_is_lost(office: Office) -> None:
    office.sandbox.world.faults.add(Fault("credentials_expired", company=COMPANY, provider="bulutfon"))
    result = office.sync()
    office.sandbox.world.faults.clear()
    assert result.failed == 1
    shown = next(
        each for each in status.read(office.engine.database, tenant_id=office.tenant_id) if each.provider == "bulutfon"
    )
    failed = [stream for stream in shown.streams if stream.failure_code is not None]
    assert {(stream.failure_kind, stream.failure_code, stream.failure_status) for stream in failed} == {
        ("permanent", "credentials_expired", 401)
    }
    assert shown.health == "failed"
    assert office.states[-1]["calls"] == office.states[-2]["calls"]
