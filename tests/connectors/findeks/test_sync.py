"""Whole syncs into a real Postgres: who comes in, who stays out, and what the landing tables hold of either."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.findeks import PROVIDER
from connectors.findeks.session import open_session
from connectors.findeks.streams.reports import PURPOSE
from connectors.sandbox.company import Person
from connectors.sandbox.findeks.bureau import DROPPED, PEOPLE, Query, dropped, queries
from connectors.sandbox.findeks.files import drop_report_files
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import consents, grounds, integrations, refusals, status
from hub.control.consent_record import NewConsent
from hub.db.database import Database
from hub.settings import Settings
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.outcome import TenantResult
from tests.connectors.stand_still import UNHURRIED, StandStill
from tests.support.merchant_engine import open_merchant_engine

NOW = datetime.now(UTC)
COMPANY = "kredili"


@pytest.fixture(scope="module")
def engine(installation: Settings, database: Database) -> Engine:
    return open_merchant_engine(installation, database)


@pytest.fixture
def far() -> Iterator[Sandbox]:
    with Sandbox(seed=11, start=NOW) as running:
        yield running


@pytest.fixture
def tenant(engine: Engine, far: Sandbox, make_tenant: Callable[..., str], tmp_path: Path) -> str:
    tenant_id = make_tenant()
    credentials = {name: Secret(value) for name, value in far.credentials(COMPANY, "findeks").items()}
    settings = {**UNHURRIED, "report_directory": str(tmp_path)}
    account = integrations.Account("sandbox", credentials, base_url=far.url, settings=settings)
    integrations.connect(engine.database, engine.keyring, PROVIDER, tenant_id, account)
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute("UPDATE hub.integrations SET state = 'active', tested_at = now()")
    return tenant_id


def sync(engine: Engine, tenant_id: str, now: datetime) -> TenantResult:
    provider = replace(PROVIDER, open=partial(open_session, clock=StandStill().clock()))
    request = BatchRequest([tenant_id])
    return sync_batch(engine, provider, request, run_id="run", now=lambda: now).tenants[tenant_id]


def consent(engine: Engine, tenant_id: str, *people: Person) -> None:
    for person in people:
        subject = grounds.subject_pseudonym(engine.keyring, tenant_id, "tckn", Secret(person.tckn))
        new = NewConsent(
            purpose=PURPOSE,
            data_categories=("KIMLIK", "FINANS"),
            retention_period="P1Y",
            consent_text="Findeks raporumun alınmasına açık rıza veriyorum.",
            text_version="v1",
            notice_id="n1",
            channel="web",
            evidence_ref="form-1",
            given_at=NOW - timedelta(days=90),
        )
        consents.record(engine.database, tenant_id, kind="tckn", subject=subject, new=new)


def landed(engine: Engine, tenant_id: str, stream: str, columns: str = "reference_no") -> list[tuple[Any, ...]]:
    with engine.database.tenant(tenant_id, "loader") as connection:
        return connection.execute(f"SELECT {columns} FROM landing.findeks_{stream}".encode()).fetchall()  # noqa: S608


def references(found: list[Query], *, of: Callable[[Query], bool]) -> set[str]:
    return {query.reference_no for query in found if of(query)}


def test_a_persons_reports_come_in_on_a_consent_alone_and_later_ones_bring_the_refused_in(
    engine: Engine, far: Sandbox, tenant: str, tmp_path: Path
) -> None:
    customers = [far.world.company(COMPANY).customer(index) for index in range(PEOPLE + DROPPED)]
    allowed = {person.tckn for person in customers[::2]}
    drop_report_files(far.world, COMPANY, tmp_path)
    told = [query for query in queries(far.world, COMPANY) if query.state(NOW) != "PENDING"]
    told += dropped(far.world, COMPANY)
    consent(engine, tenant, *customers[::2])
    present = datetime.now(UTC) + timedelta(seconds=1)

    first = sync(engine, tenant, present)
    reports, files = first.outcomes

    assert (reports.failed, files.failed) == (None, None)
    free = references(told, of=lambda query: query.subject.person is None or query.subject.number in allowed)
    kept_out = {query.reference_no for query in told} - free
    assert free
    assert kept_out
    assert {row[0] for row in landed(engine, tenant, "reports")} == free
    assert {each.record_key for each in refusals.listed(engine.database, tenant)} == kept_out
    assert reports.refused == reports.awaiting_basis == len(kept_out)
    for child in ("accounts", "enquiries", "cheque_periods", "bounced_cheques"):
        rows = {row[0] for row in landed(engine, tenant, child)}
        assert rows
        assert rows <= free
    assert {each.awaiting_basis for each in status.read(engine.database, tenant_id=tenant)[0].streams} == {
        0,
        len(kept_out),
    }

    consent(engine, tenant, *customers)
    second = sync(engine, tenant, present + timedelta(minutes=10)).outcomes[0]

    traders = references(
        told, of=lambda query: query.subject.person is not None and query.subject.identity_type == "VKN"
    )
    assert {row[0] for row in landed(engine, tenant, "reports")} == free | kept_out - traders
    assert {each.record_key for each in refusals.listed(engine.database, tenant)} == traders, "under another number"
    assert second.awaiting_basis == len(traders)


def test_what_lands_names_nobody_and_scores_are_bands(engine: Engine, far: Sandbox, tenant: str) -> None:
    customers = [far.world.company(COMPANY).customer(index) for index in range(PEOPLE)]
    consent(engine, tenant, *customers)
    sync(engine, tenant, NOW + timedelta(seconds=1))

    rows = landed(engine, tenant, "reports", "to_jsonb(findeks_reports) - 'tenant_id'")
    text = json.dumps([row[0] for row in rows], ensure_ascii=False)
    for person in customers:
        assert person.tckn not in text
        assert person.upper_name not in text
        assert person.birth.isoformat() not in text
    documents = [row[0] for row in rows]
    assert {bool(each["score"]) for each in documents} == {True, False}
    assert all("-" in each["score"] for each in documents if each["score"])
    pseudonymiser = engine.keyring.tenant(tenant).pseudonymiser()
    known = {pseudonymiser.one("tckn", person.tckn) for person in customers}
    assert {each["identity_number"] for each in documents if each["subject_type"] == "INDIVIDUAL"} <= known
    columns = set(documents[0])
    assert not columns & {"cheque_banks", "member_name", "institution_name"}


def test_a_file_that_cannot_be_read_fails_its_own_stream_and_the_others_reports_load(
    engine: Engine, far: Sandbox, tenant: str, tmp_path: Path
) -> None:
    drop_report_files(far.world, COMPANY, tmp_path)
    (tmp_path / "Ayşe Örnek.json").write_text("{")
    consent(engine, tenant, *(far.world.company(COMPANY).customer(index) for index in range(PEOPLE + DROPPED)))
    present = datetime.now(UTC) + timedelta(seconds=1)

    reports, files = sync(engine, tenant, present).outcomes

    assert reports.failed is None
    expected = {query.reference_no for query in dropped(far.world, COMPANY)}
    assert expected <= {row[0] for row in landed(engine, tenant, "reports")}
    assert files.failed is not None
    assert (files.failed.kind, files.failed.code) == ("transient", "file_malformed")
    assert landed(engine, tenant, "report_files", "file_sha256") == []

    (tmp_path / "Ayşe Örnek.json").unlink()
    _, files = sync(engine, tenant, present + timedelta(minutes=10)).outcomes

    assert files.failed is None
    names = [row[0] for row in landed(engine, tenant, "report_files", "file_name")]
    assert len(names) == DROPPED
    assert all(name.startswith("findeks_file_") for name in names)
