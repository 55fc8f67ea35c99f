"""A family's phone leads nowhere by itself: not to the other's rows, not to calls, not to consents or texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import pyzipper

from connectors.secret import Secret
from hub.control import consents, grounds
from hub.control.consent_record import NewConsent
from hub.kvkk.audit import Actor
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.order import Order
from hub.kvkk.export.scope import OwnDays, find_scope
from hub.sync.batch import Engine
from hub.validation import checked
from tests.hub.kvkk.export import people
from tests.hub.kvkk.export.people import AT, AYSE, BULUTFON, IYZICO
from tests.support.shop import tckn

MakeTenant = Callable[..., str]
BROTHER = tckn(300_000_333)


@pytest.fixture(scope="module")
def family(engine: Engine, make_tenant: MakeTenant) -> str:
    """Ayşe and her brother, customers under one phone and one mailbox; calls, a note and a consent under that phone."""
    tenant_id = make_tenant()
    customers = [
        {
            "reference_code": code,
            "identity_number": number,
            "gsm_number": AYSE["phone"],
            "email": AYSE["email"],
        }
        for code, number in (("C1", AYSE["tckn"]), ("C9", BROTHER))
    ]
    note = {"transaction_type": "PAYMENT", "transaction_id": "T1", "transaction_date": AT}
    people.tell(
        engine,
        tenant_id,
        IYZICO,
        {
            "subscription_customers": customers,
            "transactions": [{**note, "conversation_id": f"{AYSE['phone']} numaradan aradı"}],
        },
    )
    people.tell(engine, tenant_id, BULUTFON, {"calls": people.bulutfon_rows()["calls"][:1]})
    given = {
        "purpose": "marketing",
        "data_categories": ["ILETISIM"],
        "retention_period": "P1Y",
        "consent_text": "Aransın.",
        "text_version": "v1",
        "notice_id": "n1",
        "given_at": "2026-03-01T09:30:00+00:00",
        "channel": "call_centre",
        "evidence_ref": "r1",
    }
    person = grounds.subject_pseudonym(engine.keyring, tenant_id, "phone", Secret(AYSE["phone"]))
    consents.record(engine.database, tenant_id, kind="phone", subject=person, new=checked(NewConsent, given))
    return tenant_id


def named(engine: Engine, tenant_id: str) -> list[tuple[str, str]]:
    return [("tckn", people.pseudonym(engine, tenant_id, "tckn", AYSE["tckn"]))]


def test_what_two_people_share_finds_nothing_by_itself(exporter: Exporter, engine: Engine, family: str) -> None:
    built = exporter.export(Order(family, named(engine, family), Actor("masa", "operator")))
    scope = find_scope(engine.database, engine.keyring, family, named(engine, family))

    phone = people.pseudonym(engine, family, "phone", AYSE["phone"])
    assert built.waiting == 2  # her brother, and whoever the phone stands for in the calls
    assert phone in scope.pseudonyms  # it is hers too, and shown where it stands in her row
    assert phone not in scope.anchors
    assert ("phone", phone) not in scope.found_by
    assert phone not in scope.records_of
    with engine.database.tenant(family, "app") as connection:
        row = connection.execute(
            "SELECT details ->> 'waiting', count FROM hub.audit_log WHERE action = 'export_built'"
        ).fetchone()
    assert row is not None
    assert row[0] == "2"


def test_what_somebody_else_has_too_finds_nothing_even_if_the_person_names_it(engine: Engine, family: str) -> None:
    email = ("email", people.pseudonym(engine, family, "email", AYSE["email"]))
    scope = find_scope(engine.database, engine.keyring, family, [*named(engine, family), email])

    assert email[1] in scope.pseudonyms
    assert email not in scope.found_by
    assert scope.waiting


def test_a_text_that_only_has_the_persons_name_may_be_about_a_namesake(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    tenant_id = make_tenant()
    people.admit(engine, tenant_id, AYSE["tckn"])
    people.tell(engine, tenant_id, people.FINDEKS, {"reports": people.findeks_rows()["reports"][:1]})
    note = {"transaction_type": "PAYMENT", "transaction_id": "T1", "transaction_date": AT}
    people.tell(engine, tenant_id, IYZICO, {"transactions": [{**note, "conversation_id": "Ayşe Yılmaz geldi"}]})

    built = exporter.export(Order(tenant_id, named(engine, tenant_id), Actor("masa", "operator")))

    with engine.database.tenant(tenant_id, "vault") as connection:
        mentioned = connection.execute("SELECT kind FROM vault.mentions").fetchall()
    assert mentioned == [("name",)]
    assert built.rows == 1 + 1 + 1  # the report, its legal basis, the reading of its originals


def test_a_reviewers_word_brings_the_calls_and_leaves_the_brother_out(
    exporter: Exporter, engine: Engine, family: str
) -> None:
    calls = people.subject(engine, family, "phone", AYSE["phone"])
    brother = people.subject(engine, family, "tckn", BROTHER)
    scope = find_scope(
        engine.database, engine.keyring, family, named(engine, family), included=[calls], excluded=[brother]
    )

    phone = people.pseudonym(engine, family, "phone", AYSE["phone"])
    assert scope.waiting == frozenset()
    assert scope.anchors == {people.pseudonym(engine, family, "tckn", AYSE["tckn"]), phone}
    assert brother not in scope.subjects


def test_an_identifier_noted_as_shared_finds_no_texts(engine: Engine, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant()
    customer = {
        "reference_code": "C1",
        "created_date": AT,
        "identity_number": AYSE["tckn"],
        "gsm_number": AYSE["phone"],
    }
    people.tell(engine, tenant_id, IYZICO, {"subscription_customers": [customer]})
    phone = people.pseudonym(engine, tenant_id, "phone", AYSE["phone"])
    alone = find_scope(engine.database, engine.keyring, tenant_id, named(engine, tenant_id))
    with engine.database.tenant(tenant_id, "vault") as connection:
        connection.execute(
            "INSERT INTO vault.shared_identifiers (tenant_id, kind, pseudonym, reason, noted_by)"
            " VALUES (%s, 'phone', %s, 'family', 'reviewer')",
            (tenant_id, phone),
        )
    shared = find_scope(engine.database, engine.keyring, tenant_id, named(engine, tenant_id))

    assert ("phone", phone) in alone.found_by
    assert ("phone", phone) not in shared.found_by


def test_the_record_names_whose_package_it_is_so_that_an_erasure_finds_it(
    exporter: Exporter, engine: Engine, family: str
) -> None:
    built = exporter.export(Order(family, named(engine, family), Actor("masa", "operator")))

    with engine.database.tenant(family, "app") as connection:
        row = connection.execute("SELECT subjects FROM hub.exports WHERE export_id = %s", (built.export_id,)).fetchone()
    assert row is not None
    assert people.subject(engine, family, "tckn", AYSE["tckn"]) in {each.hex for each in row[0]}


def test_a_pool_vehicles_rows_are_the_drivers_on_the_days_that_were_theirs(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant_id = make_tenant()
    people.admit(engine, tenant_id, AYSE["tckn"])
    people.tell(engine, tenant_id, people.FINDEKS, {"reports": people.findeks_rows()["reports"][:1]})
    drives = [
        {"node": people.NODE, "day": date(2026, 11, day), "license_plate": AYSE["plate"], "driver": name}
        for day, name in ((1, people.OTHER["name"]), (2, AYSE["name"]), (3, AYSE["name"]), (4, people.OTHER["name"]))
    ]
    people.tell(engine, tenant_id, people.ARVENTO, {"operating_days": drives})
    plate = ("plate", people.pseudonym(engine, tenant_id, "plate", AYSE["plate"]))
    found = find_scope(engine.database, engine.keyring, tenant_id, named(engine, tenant_id))
    theirs = replace(found, days=(OwnDays(*plate, date(2026, 11, 2), date(2026, 11, 4)),))
    monkeypatch.setattr("hub.kvkk.export.build.find_scope", lambda *_, **__: theirs)

    built = exporter.export(Order(tenant_id, named(engine, tenant_id), Actor("masa", "operator")))

    package = opened(exporter, tenant_id, built.export_id)
    days = json.loads(package["data/arvento/operating_days.json"])
    assert [each["day"] for each in days] == ["2026-11-02", "2026-11-03"]
    assert {each["license_plate"] for each in days} == {AYSE["plate"]}
    assert {each["driver"] for each in days} == {"AYŞE YILMAZ"}  # as it was spelled first
    assert people.OTHER["name"] not in str(package)


def opened(exporter: Exporter, tenant_id: str, export_id: UUID) -> dict[str, str]:
    """The package's members that are texts."""
    with exporter.database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT file_name, sealed_key FROM hub.exports WHERE export_id = %s", (export_id,)
        ).fetchone()
    assert row is not None
    with pyzipper.AESZipFile(exporter.settings.home / "exports" / row[0]) as package:
        package.setpassword(exporter.keyring.tenant(tenant_id).open("export-passphrase", str(export_id), bytes(row[1])))
        return {name: package.read(name).decode() for name in package.namelist() if not name.endswith(".pdf")}
