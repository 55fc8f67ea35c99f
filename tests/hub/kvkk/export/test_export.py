"""One person in all four providers: found from any identifier in any spelling, and nobody else with them."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import pyzipper

from connectors.registry import PROVIDERS
from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.export import record
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.order import Built, Order
from hub.policies import overrides
from hub.policies.place import place_of
from hub.sync.batch import Engine
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.override import Override
from tests.hub.kvkk.export import people
from tests.hub.kvkk.export.people import AYSE, NAMESAKE, OTHER, SPELLINGS

MakeTenant = Callable[..., str]
ACTOR = Actor("masa", "operator")


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
    ("kind", "spelling"),
    [(kind, spelling) for kind, spellings in SPELLINGS.items() for spelling in spellings[-2:]],
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

    assert customer["identity_number"] in SPELLINGS["tckn"]
    assert customer["gsm_number"] in SPELLINGS["phone"]
    assert (customer["name"], customer["surname"]) == ("Ayşe", "Yılmaz")
    assert customer["billing_address"].startswith("Moda Caddesi")
    assert report["full_name"] in {"AYŞE YILMAZ", "Ayşe Yılmaz"}
    assert vehicle["license_plate"] in SPELLINGS["plate"]
    assert all(call["customer_phone"] in SPELLINGS["phone"] for call in package.table("bulutfon/calls"))
    assert len(package.table("bulutfon/calls")) == 2


def test_other_people_in_her_rows_and_in_notes_about_her_are_taken_out(package: Opened) -> None:
    (customer,) = package.table("iyzico/subscription_customers")
    notes = {row["transaction_id"]: row["conversation_id"] for row in package.table("iyzico/transactions")}

    assert customer["billing_contact_name"] == "[gizlendi: ad]"
    assert notes["T2"] == (
        f"Ayşe Yılmaz {SPELLINGS['phone'][1]} yerine [gizlendi: ad] [gizlendi: telefon numarası] aradı"
    )
    for value in (*OTHER.values(), "533 444 55 66", "5334445566", "5551234567", "Demir"):
        assert value not in package.text()


def test_her_own_name_as_a_contact_of_her_row_is_hers_and_another_ayse_is_not(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    customers = make_tenant()
    contacts = {"billing_contact_name": "AYŞE YILMAZ", "shipping_contact_name": "Ayşe Demir"}
    row = people.iyzico_rows()["subscription_customers"][0] | contacts
    people.tell(engine, customers, people.IYZICO, {"subscription_customers": [row]})
    named = ("tckn", people.pseudonym(engine, customers, "tckn", AYSE["tckn"]))
    package = Opened(exporter, customers, exporter.export(Order(customers, [named], ACTOR)))

    (customer,) = package.table("iyzico/subscription_customers")
    assert customer["billing_contact_name"] == "Ayşe Yılmaz"
    assert customer["shipping_contact_name"] == "[gizlendi: ad]"
    assert "Demir" not in package.text()


def test_a_row_about_somebody_else_gives_only_the_text_that_names_her(package: Opened) -> None:
    rows = {row["line"]: row for row in package.table("iyzico/settlement_files")}

    assert rows[1]["found_by"] == "identifier"
    assert rows[1]["price"] == "99.90"
    assert rows[2]["found_by"] == "text_alone"
    assert rows[2]["conversation_id"] == f"{SPELLINGS['phone'][2]} numaradan sordu"
    assert rows[2]["price"] is None
    assert rows[2]["buyer_email"] is None


def test_the_package_holds_what_the_sheet_asks_for_and_the_manifest_proves_each_file(package: Opened) -> None:
    manifest = package.json("manifest.json")
    listed = {each["name"]: each["sha256"] for each in manifest["files"]}

    assert listed == {
        name: hashlib.sha256(content).hexdigest()
        for name, content in package.members.items()
        if name != "manifest.json"
    }
    assert {
        *("subject.json", "processing.json", "recipients.json", "consents.json", "messages.json"),
        *("automated_decisions.json", "retention.json", "answer_tr.html", "answer_tr.pdf"),
    } <= listed.keys()
    assert "answer_en.html" not in listed
    assert manifest["schema_version"] == 1
    assert manifest["rows"] == sum(package.tables().values())


def test_nobody_opens_it_without_the_passphrase_and_others_may_not_even_read_the_file(package: Opened) -> None:
    with pyzipper.AESZipFile(package.path) as torn, pytest.raises(RuntimeError):
        torn.read("subject.json")
    with pyzipper.AESZipFile(package.path) as torn:
        torn.setpassword(b"wrong")
        with pytest.raises(RuntimeError):
            torn.read("subject.json")
        assert {info.flag_bits & 1 for info in torn.infolist()} == {1}
    assert package.path.stat().st_mode & 0o777 == 0o600
    assert b"Moda Caddesi" not in package.path.read_bytes()
    assert not list(package.path.parent.glob("*.part"))


def test_the_csv_is_one_that_turkish_excel_opens_and_no_formula_runs(package: Opened) -> None:
    content = package.members["data/iyzico/subscription_attempts.csv"]
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    (payment,) = csv.DictReader(
        io.StringIO(package.members["data/iyzico/payment_details.csv"].decode("utf-8-sig"), newline=""), delimiter=";"
    )

    assert content.startswith("\ufeff".encode())
    assert row["conversation_id"] == "'=SUM(A1)"
    assert payment["price"] == "101,50"
    assert payment["created_date"] == "2026-11-02 12:30:00"
    assert package.table("iyzico/subscription_attempts")[0]["conversation_id"] == "=SUM(A1)"


def test_consents_say_what_was_shown_and_no_name_of_staff(package: Opened) -> None:
    (consent,) = package.json("consents.json")["consents"]

    assert consent["consent_text"] == "Kredi raporumun sorgulanmasına açık rıza veriyorum."
    assert consent["recipients"] == ["KKB Kredi Kayıt Bürosu A.Ş."]
    assert "Personel Bir" not in package.text()


def test_purpose_basis_retention_and_recipients_follow_from_the_policies(package: Opened) -> None:
    datasets = {each["table"]: each for each in package.json("processing.json")["datasets"]}
    (number,) = (each for each in datasets["findeks.reports"]["columns"] if each["name"] == "identity_number")
    recipients = {each["recipient"] for each in package.json("recipients.json")["by_policy"]}
    (banded,) = package.json("automated_decisions.json")["rules"]

    assert datasets["findeks.reports"]["purpose"] == "Vadeli satışta ödeme gücünün değerlendirilmesi"
    assert number["legal_basis_name"] == "açık rıza (KVKK m. 5/1)"
    assert number["retention_name"] == "1 yıl"
    assert not number["chosen_by_controller"]
    assert "KKB Kredi Kayıt Bürosu A.Ş." in recipients
    assert (banded["table"], banded["column"]) == ("findeks.reports", "score")
    assert package.json("retention.json")["datasets"]
    assert package.json("messages.json")["mails"] == []


def test_a_tenants_own_choice_stands_in_the_answer_and_its_values_in_clear_are_found(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    chosen = make_tenant()
    where = place_of(PROVIDERS, engine.policies, provider="arvento", stream="vehicles", column="license_plate")
    overrides.choose(engine.database, chosen, where, Override("keep", "contract", "P2Y"), decided_by="Yetkili")
    people.tell(engine, chosen, people.ARVENTO, people.arvento_rows())
    named = ("plate", people.pseudonym(engine, chosen, "plate", AYSE["plate"]))
    package = Opened(exporter, chosen, exporter.export(Order(chosen, [named], ACTOR)))

    (vehicle,) = package.table("arvento/vehicles")
    (dataset,) = (each for each in package.json("processing.json")["datasets"] if each["table"] == "arvento.vehicles")
    (column,) = (each for each in dataset["columns"] if each["name"] == "license_plate")
    assert vehicle["license_plate"] == SPELLINGS["plate"][1]
    assert "06 XYZ 99" not in package.text()
    assert (column["treatment"], column["retention_name"], column["chosen_by_controller"]) == ("keep", "2 yıl", True)


def test_the_letter_is_turkish_names_controller_applicant_and_rights_and_speaks_of_no_right_that_is_not_there(
    package: Opened,
) -> None:
    page = package.members["answer_tr.html"].decode()

    assert '<html lang="tr">' in page
    for said in ("Deneme Ltd. Şti.", "Kadıköy", AYSE["email"].lower(), "KVKK m. 11", "KVKK m. 14", "açık rıza"):
        assert said in page.replace("Ayse.Yilmaz@Ornek.com.tr", AYSE["email"]).replace(
            "AYSE.YILMAZ@ORNEK.COM.TR", AYSE["email"]
        )
    assert package.members["answer_tr.pdf"].startswith(b"%PDF-")
    assert not re.search("taşınabilir|portab", package.text(), re.IGNORECASE)


def test_an_english_request_is_answered_in_both_languages(export: Export) -> None:
    english = export(language="en")

    assert '<html lang="en">' in english.members["answer_en.html"].decode()
    assert '<html lang="tr">' in english.members["answer_tr.html"].decode()
    assert "[hidden: name]" in english.text()


def test_whoever_asks_for_recipients_gets_these_and_no_copies_of_records(export: Export) -> None:
    told = export(type="third_parties")

    assert told.tables() == {}
    assert {each["table"] for each in told.json("recipients.json")["by_policy"]} >= {
        "findeks.reports",
        "iyzico.refunds",
    }
    assert "m. 11/1-ç" in told.members["answer_tr.html"].decode()
    assert SPELLINGS["phone"][2] + " numaradan" not in told.text()


def test_somebody_of_whom_nothing_is_known_gets_that_answer(exporter: Exporter, engine: Engine, tenant_id: str) -> None:
    named = ("email", people.pseudonym(engine, tenant_id, "email", "kimse@ornek.com.tr"))
    package = Opened(exporter, tenant_id, exporter.export(Order(tenant_id, [named], ACTOR)))

    assert package.tables() == {}
    assert "bulunamamıştır" in package.members["answer_tr.html"].decode()


def test_the_log_has_the_beginning_each_reading_and_the_end_and_none_of_the_values(
    exporter: Exporter, engine: Engine, tenant_id: str, export: Export
) -> None:
    export()

    with exporter.database.tenant(tenant_id, "app") as connection:
        entries = connection.execute(
            "SELECT action, object, purpose, count, details::text FROM hub.audit_log ORDER BY seq"
        ).fetchall()
    last = [each for each in entries if each[1] == entries[-1][1]]
    assert [each[0] for each in last][:: len(last) - 1] == ["export_begun", "export_built"]
    assert {each[0] for each in last[1:-1]} == {"original_read"}
    assert {each[2] for each in last} == {"subject_request"}
    assert last[-1][3] >= sum(EVERYTHING.values())
    assert not any(value in str(entries) for value in (AYSE["tckn"], "5320001122", "Yılmaz", "34ABC123"))


def test_who_has_read_the_data_stands_in_the_next_package(export: Export) -> None:
    export()

    reads = export().table("hub/reads")

    assert {"original_read"} == {each["action"] for each in reads}
    assert {"operator"} == {each["actor_role"] for each in reads}
    assert "masa" not in json.dumps(reads)


def test_a_package_that_cannot_be_made_leaves_its_code_and_no_file(
    exporter: Exporter, engine: Engine, tenant_id: str
) -> None:
    class Broken(ColumnScanner):
        def scan(self, texts: Sequence[str]) -> list[list[Any]]:
            raise HubError("check_broke", kind="detector")

    broken = dataclasses.replace(exporter, detector=Broken())
    named = ("tckn", people.pseudonym(engine, tenant_id, "tckn", AYSE["tckn"]))
    before = set(exporter.settings.home.glob("exports/*"))

    with pytest.raises(HubError, match="check_broke"):
        broken.export(Order(tenant_id, [named], ACTOR))

    assert set(exporter.settings.home.glob("exports/*")) == before
    assert record.listed(exporter.database, tenant_id)[0].failure_code == "check_broke"


def test_a_package_that_an_erasure_has_ended_while_it_was_made_comes_to_nothing(
    exporter: Exporter, engine: Engine, tenant_id: str
) -> None:
    named = ("tckn", people.pseudonym(engine, tenant_id, "tckn", AYSE["tckn"]))
    before = set(exporter.settings.home.glob("exports/*"))

    def ended(done: int, total: int) -> None:
        """What hub.kvkk.stores.desk does with a package of the person."""
        del done, total
        with exporter.database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "UPDATE hub.exports SET state = 'expired', subjects = '{}' WHERE tenant_id = %s AND state = 'building'",
                (tenant_id,),
            )

    with pytest.raises(HubError, match="export_ended_meanwhile"):
        exporter.export(Order(tenant_id, [named], ACTOR), ended)

    assert set(exporter.settings.home.glob("exports/*")) == before
    latest = record.listed(exporter.database, tenant_id)[0]
    assert (latest.state, latest.file_name) == ("failed", None)


def test_what_was_under_a_destroyed_key_is_said_to_be_destroyed(
    exporter: Exporter, engine: Engine, make_tenant: MakeTenant
) -> None:
    shredded = make_tenant()
    people.tell(engine, shredded, people.BULUTFON, people.bulutfon_rows())
    with engine.database.tenant_keys(shredded) as connection:
        connection.execute("UPDATE keys.subject_keys SET wrapped_key = NULL, destroyed_at = now()")
    named = ("phone", people.pseudonym(engine, shredded, "phone", AYSE["phone"]))
    package = Opened(exporter, shredded, exporter.export(Order(shredded, [named], ACTOR)))

    assert {each["customer_phone"] for each in package.table("bulutfon/calls")} == {"[yok edildi]"}


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
