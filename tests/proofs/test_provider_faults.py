"""Proof 6 for every provider that the sandbox plays: a company for each fault, one batch while they last, one after.

What iyzico's rows look like after a fault is compared with its books in test_faults.py; here a tenant that healed is
compared with one that never was ill.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from connectors.sandbox.faults import ACT_FAULTS, FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.gate import QUOTED_CUSTOMER
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub import messages
from hub.control import status
from hub.i18n import speaking
from hub.message_texts import TEXTS
from hub.sync.record import PAUSE_AFTER_PERMANENT_FAILURES
from hub.sync.windows import Asked
from tests.support.accounts import add_account, providers_with_a_stand_in
from tests.support.merchant_engine import open_merchant_engine, sync

if TYPE_CHECKING:
    from connectors.contract import Provider
    from hub.db.database import Database
    from hub.settings import Settings
    from hub.sync.batch import BatchResult, Engine

pytestmark = pytest.mark.long(40)

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
PACE = Pace(rows_per_day=2, history_days=2, page_size=5, subscribers=4)
BASES_NEEDED = replace(PACE, history_days=9)
"""Where a person's rows need a legal basis nobody here has one, so time enough for some that are about a company."""
RETRY_AFTER = 1_200
READING_FAULTS = tuple(kind for kind in FAULT_KINDS if kind not in ACT_FAULTS)
LITTLE_TIME = {"request_timeout_seconds": 0.1}
ENOUGH_TIME = {"request_timeout_seconds": 60}
"""A loaded machine may need more than what makes a slow provider fail."""
WELL = "well"
TWIN = "twin of "

REASONS: dict[FaultKind, tuple[str, str]] = {
    "rate_limited": ("transient", "rate_limited"),
    "server_error": ("transient", "provider_error"),
    "slow": ("transient", "provider_timeout"),
    "truncated": ("transient", "answer_truncated"),
    "not_json": ("transient", "answer_malformed"),
    "bomb": ("transient", "answer_malformed"),
    "redirect": ("permanent", "address_refused"),
    "wrong_type": ("transient", "wrong_type"),
}
"""What the status table is to say, whichever provider."""
CREDENTIALS = {("permanent", code) for code in ("credentials_rejected", "credentials_expired")}
"""Some providers tell a key that has run out from one that never was."""
FAILING: tuple[FaultKind, ...] = (*REASONS, "credentials_expired", "error_with_personal_data")


@dataclass
class Town:
    """A company a fault and a healthy one, and what was shown of each while ill and afterwards."""

    engine: Engine
    sandbox: Sandbox
    provider: Provider
    tenants: dict[str, str]
    ill: BatchResult
    shown_ill: dict[str, status.IntegrationStatus]
    rows_ill: dict[str, dict[str, int]]
    healed: BatchResult
    shown_healed: dict[str, status.IntegrationStatus]
    rows_healed: dict[str, dict[str, int]]

    def failures(self, company: str) -> set[tuple[str | None, str | None]]:
        """Kinds and codes of a company's failed streams while it was ill."""
        streams = self.shown_ill[company].streams
        return {(stream.failure_kind, stream.failure_code) for stream in streams if stream.state == "failed"}


_LONG = ("arvento", "bulutfon")
"""Their many streams take half a minute; what each fault means to them is in their own tests as well."""
_PARAMS = [pytest.param(name, marks=[pytest.mark.prove] * (name in _LONG)) for name in providers_with_a_stand_in()]


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture(scope="module", params=_PARAMS)
def town(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Town]:
    provider = providers_with_a_stand_in()[request.param]
    pace = BASES_NEEDED if any(stream.admission for stream in provider.streams) else PACE
    with Sandbox(seed=5, start=NOW, pace=pace) as sandbox:
        tenants = {
            company: add_account(
                *(engine.database, engine.keyring, sandbox, provider, company),
                **(LITTLE_TIME if company == "slow" else {}),
            )
            for company in (WELL, *READING_FAULTS)
        }
        for fault in READING_FAULTS:
            sandbox.world.faults.add(Fault(fault, company=fault, seconds=RETRY_AFTER))
        ill = batch(engine, sandbox, provider, tenants, NOW)
        shown_ill, rows_ill = shown(engine, tenants), rows(engine, provider, tenants)

        sandbox.world.faults.clear()
        set_setting(engine, tenants["slow"], ENOUGH_TIME)
        twins = {
            TWIN + company: add_account(engine.database, engine.keyring, sandbox, provider, company)
            for company in FAILING
        }
        later = max(each.next_try for each in shown_ill.values() if each.next_try is not None)
        everybody = tenants | twins
        healed = batch(engine, sandbox, provider, everybody, max(later, NOW + timedelta(hours=1)))
        shown_healed, rows_healed = shown(engine, everybody), rows(engine, provider, everybody)
        yield Town(*(engine, sandbox, provider, tenants, ill, shown_ill, rows_ill), healed, shown_healed, rows_healed)


def batch(
    engine: Engine,
    sandbox: Sandbox,
    provider: Provider,
    tenants: dict[str, str],
    now: datetime,
    streams: Sequence[str] = (),
) -> BatchResult:
    asked = Asked(date_from=sandbox.world.first_day)
    return sync(engine, list(tenants.values()), streams, now=now, asked=asked, provider=provider)


def shown(engine: Engine, tenants: dict[str, str]) -> dict[str, status.IntegrationStatus]:
    """What `hub status` knows of each."""
    return {company: status.read(engine.database, tenant_id=tenant_id)[0] for company, tenant_id in tenants.items()}


def rows(engine: Engine, provider: Provider, tenants: dict[str, str]) -> dict[str, dict[str, int]]:
    """Rows in landing, by company and stream."""
    found: dict[str, dict[str, int]] = {}
    for company, tenant_id in tenants.items():
        found[company] = {}
        with engine.database.tenant(tenant_id, "loader") as connection:
            for stream in provider.streams:
                table = sql.Identifier("landing", f"{provider.name}_{stream.name}")
                counted = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(table)).fetchone()
                found[company][stream.name] = counted[0] if counted else 0
    return found


def set_setting(engine: Engine, tenant_id: str, settings: dict[str, float]) -> None:
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute("UPDATE hub.integrations SET settings = settings || %s", (Jsonb(settings),))


def test_healthy_tenants_are_synced_beside_all_the_sick_ones(town: Town) -> None:
    assert town.shown_ill[WELL].health == "ok"
    assert any(town.rows_ill[WELL].values())
    assert town.rows_healed[WELL] == town.rows_ill[WELL]
    assert town.ill.failed == len(FAILING)


@pytest.mark.parametrize("fault", FAILING)
def test_a_sick_tenant_fails_with_its_reason_in_the_readers_words(town: Town, fault: FaultKind) -> None:
    assert (town.shown_ill[fault].health, town.shown_ill[fault].state) == ("failed", "active")
    assert town.shown_ill[fault].next_try is not None
    failures = town.failures(fault)
    assert failures
    if fault == "credentials_expired":
        assert failures <= CREDENTIALS
    elif fault in REASONS:  # what an error means that quotes people is each provider's own
        assert failures == {REASONS[fault]}
    for _, code in failures:
        assert code in TEXTS
        told: set[str] = set()
        for language in ("tr", "en"):
            with speaking(language):
                told.add(messages.failure_text(str(code), status=None, field=None))
        assert len(told) == 2


def test_a_provider_that_names_a_time_is_left_alone_until_then(town: Town) -> None:
    assert town.shown_ill["rate_limited"].next_try == NOW + timedelta(seconds=RETRY_AFTER)


@pytest.mark.parametrize("fault", FAILING)
def test_it_heals_by_itself_and_holds_what_one_holds_that_was_never_ill(town: Town, fault: FaultKind) -> None:
    assert town.shown_healed[fault].health == "ok"
    assert {stream.failure_code for stream in town.shown_healed[fault].streams} == {None}
    assert town.rows_healed[fault] == town.rows_healed[TWIN + fault]
    assert any(town.rows_healed[fault].values())
    assert town.healed.failed == 0


def test_an_undeclared_column_is_named_loads_the_rest_and_is_forgotten_when_it_is_gone(town: Town) -> None:
    ill, healed = (shown["undeclared_column"] for shown in (town.shown_ill, town.shown_healed))
    assert ill.health == "ok"
    assert any(stream.undeclared for stream in ill.streams)
    assert not any(stream.undeclared for stream in healed.streams)
    assert any(town.rows_ill["undeclared_column"].values())


def test_nobody_whom_a_provider_quoted_stands_in_the_status_tables(town: Town) -> None:
    for company in READING_FAULTS:
        with town.engine.database.tenant(town.tenants[company], "app") as connection:
            kept = connection.execute("SELECT s::text FROM hub.sync_state s").fetchall()
            kept += connection.execute("SELECT h::text FROM hub.sync_history h").fetchall()
        person = town.sandbox.world.company(company).customer(QUOTED_CUSTOMER)
        values = (person.tckn, person.surname, person.plain_phone, person.phone, person.email, person.upper_name)
        assert len(kept) > 1
        assert [value for value in values if value in str(kept)] == [], company


def test_credentials_that_stay_expired_pause_the_integration(town: Town) -> None:
    company = "credentials_expired"
    tenant_id = add_account(town.engine.database, town.engine.keyring, town.sandbox, town.provider, company)
    town.sandbox.world.faults.add(Fault(company, company=company))
    first = [stream.name for stream in town.provider.streams if stream.parent is None][:1]
    for turn in range(PAUSE_AFTER_PERMANENT_FAILURES):
        assert shown(town.engine, {company: tenant_id})[company].state == "active", turn
        batch(town.engine, town.sandbox, town.provider, {company: tenant_id}, NOW + timedelta(hours=turn), first)
    town.sandbox.world.faults.clear()
    paused = shown(town.engine, {company: tenant_id})[company]
    assert (paused.health, paused.next_try) == ("paused", None)
    assert ("permanent", paused.paused_reason) in CREDENTIALS
