"""One person in all four providers: found from any identifier in any spelling, and nobody else with them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import pyzipper

from connectors.registry import PROVIDERS
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault
from hub.kvkk.audit import Actor
from hub.kvkk.export.build import Built, Exporter, Order
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.hub.kvkk.export import people
from tests.hub.kvkk.export.people import AYSE, NAMESAKE, OTHER, SPELLINGS

MakeTenant = Callable[..., str]
ACTOR = Actor("masa", "operator")


@pytest.fixture(scope="module")
def engine(settings: Settings, database: Database) -> Engine:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies()
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)


@pytest.fixture(scope="module")
def exporter(engine: Engine, settings: Settings) -> Exporter:
    return Exporter(
        settings,
        engine.database,
        engine.keyring,
        PROVIDERS,
        engine.policies,
        ColumnScanner(),
        {"payments": ["iyzico_x"]},
    )


@pytest.fixture(scope="module")
def tenant_id(engine: Engine, make_tenant: MakeTenant) -> str:
    made = make_tenant()
    people.load_everything(engine, made)
    return made


@pytest.fixture(scope="module")
def neighbour(engine: Engine, make_tenant: MakeTenant) -> str:
    """Another tenant of whom the same person is a customer."""
    made = make_tenant(name="Komşu A.Ş.")
    people.load_everything(engine, made)
    return made


class Opened:
    """A package's members, by name."""

    def __init__(self, exporter: Exporter, tenant_id: str, built: Built) -> None:
        with exporter.database.tenant(tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT file_name, sealed_key FROM hub.exports WHERE export_id = %s", (built.export_id,)
            ).fetchone()
        assert row is not None
        self.path = exporter.settings.home / "exports" / row[0]
        passphrase = exporter.keyring.tenant(tenant_id).open("export-passphrase", str(built.export_id), bytes(row[1]))
        self.members: dict[str, bytes] = {}
        with pyzipper.AESZipFile(self.path) as package:
            package.setpassword(passphrase)
            for name in package.namelist():
                self.members[name] = package.read(name)

    def json(self, name: str) -> Any:
        return json.loads(self.members[name])

    def table(self, name: str) -> list[dict[str, Any]]:
        return self.json(f"data/{name}.json") if f"data/{name}.json" in self.members else []

    def tables(self) -> dict[str, int]:
        return {
            name.removeprefix("data/").removesuffix(".json"): len(self.json(name))
            for name in self.members
            if name.startswith("data/") and name.endswith(".json")
        }

    def text(self) -> str:
        return "\n".join(content.decode("utf-8") for name, content in self.members.items() if not name.endswith(".pdf"))


Export = Callable[..., Opened]


@pytest.fixture(scope="module")
def export(exporter: Exporter, engine: Engine, tenant_id: str) -> Iterator[Export]:
    def make(kind: str = "tckn", spelling: str = AYSE["tckn"], **more: Any) -> Opened:
        named = (kind, people.pseudonym(engine, tenant_id, kind, spelling))
        built = exporter.export(Order(tenant_id, [named], ACTOR, **more))
        return Opened(exporter, tenant_id, built)

    yield make
    shutil.rmtree(exporter.settings.home / "exports", ignore_errors=True)


@pytest.fixture(scope="module")
def package(export: Export, neighbour: str) -> Opened:
    del neighbour  # loaded before, so that its rows could be found if anything looked across
    return export()


EVERYTHING = {
    "iyzico/transactions": 2,
    "iyzico/payment_details": 1,
    "iyzico/payment_items": 1,
    "iyzico/refunds": 1,
    "iyzico/subscriptions": 1,
    "iyzico/subscription_attempts": 1,
    "iyzico/subscription_customers": 1,
    "iyzico/settlement_files": 2,
    "bulutfon/calls": 2,
    "bulutfon/recordings": 2,
    "bulutfon/call_steps": 2,
    "bulutfon/call_step_targets": 2,
    "findeks/reports": 1,
    "findeks/accounts": 1,
    "arvento/vehicles": 1,
    "arvento/drivers": 1,
    "arvento/operating_days": 1,
    "arvento/positions": 1,
    "hub/legal_bases": 1,
}


@pytest.mark.parametrize(
    ("kind", "spelling"), [(kind, spelling) for kind, spellings in SPELLINGS.items() for spelling in spellings[-2:]]
)
def test_every_identifier_in_every_spelling_finds_all_of_it(
    export: Export, neighbour: str, kind: str, spelling: str
) -> None:
    del neighbour

    found = export(kind, spelling).tables()

    assert {name: count for name, count in found.items() if name != "hub/reads"} == EVERYTHING


def test_nothing_of_a_namesake_comes_along(package: Opened) -> None:
    text = package.text()

    for value in (NAMESAKE["tckn"], NAMESAKE["email"], NAMESAKE["phone"][3:], "F2", '"P3"', '"K3"', '"S2"', '"C2"'):
        assert value not in text


def test_her_own_values_are_in_clear_in_her_rows(package: Opened) -> None:
    (customer,) = package.table("iyzico/subscription_customers")
    (report,) = package.table("findeks/reports")
    (vehicle,) = package.table("arvento/vehicles")

    assert customer["identity_number"] == SPELLINGS["tckn"][1]
    assert customer["gsm_number"] == SPELLINGS["phone"][1]
    assert (customer["name"], customer["surname"]) == ("Ayşe", "Yılmaz")
    assert customer["billing_address"].startswith("Moda Caddesi")
    assert report["full_name"] == "AYŞE YILMAZ"
    assert vehicle["license_plate"] == SPELLINGS["plate"][1]
    assert {call["customer_phone"] for call in package.table("bulutfon/calls")} == {SPELLINGS["phone"][0]}


def test_other_people_in_her_rows_and_in_notes_about_her_are_taken_out(package: Opened) -> None:
    (customer,) = package.table("iyzico/subscription_customers")
    notes = {row["transaction_id"]: row["conversation_id"] for row in package.table("iyzico/transactions")}

    assert customer["billing_contact_name"] == "[gizlendi: ad]"
    assert notes["T2"] == (
        f"Ayşe Yılmaz {SPELLINGS['phone'][1]} yerine [gizlendi: ad] [gizlendi: telefon numarası] aradı"
    )
    for value in (*OTHER.values(), "533 444 55 66", "5334445566", "5551234567", "Demir"):
        assert value not in package.text()


def test_a_row_about_somebody_else_gives_only_the_text_that_names_her(package: Opened) -> None:
    rows = {row["line"]: row for row in package.table("iyzico/settlement_files")}

    assert rows[1]["found_by"] == "identifier"
    assert rows[1]["price"] == "99.90"
    assert rows[2]["found_by"] == "text_alone"
    assert rows[2]["conversation_id"] == f"{SPELLINGS['phone'][2]} numaradan sordu"
    assert rows[2]["price"] is None
    assert rows[2]["buyer_email"] is None


def test_without_a_reviewers_link_what_only_a_weak_identifier_reaches_waits(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    apart = make_tenant()
    people.admit(engine, apart, AYSE["tckn"])
    people.tell(engine, apart, people.IYZICO, people.iyzico_rows())
    people.tell(engine, apart, people.BULUTFON, people.bulutfon_rows())
    named = ("tckn", people.pseudonym(engine, apart, "tckn", AYSE["tckn"]))
    phone = people.subject(engine, apart, "phone", AYSE["phone"])

    alone = exporter.export(Order(apart, [named], ACTOR))
    reviewed = exporter.export(Order(apart, [named], ACTOR, included=[phone]))

    assert alone.waiting == 1
    assert "bulutfon/calls" not in Opened(exporter, apart, alone).tables()
    assert reviewed.waiting == 0
    assert Opened(exporter, apart, reviewed).tables()["bulutfon/calls"] == 2
    assert exporter.export(Order(apart, [named], ACTOR, excluded=[phone])).waiting == 0
