"""One person in all four providers under five spellings, a namesake and another tenant: who is erased is gone, alone.

Nothing is written by the test but what providers would tell: rows take the real way through gate, vault and landing,
dbt builds the marts, the request desk's handler erases, and everything that an installation wrote is searched
afterwards.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.rows import dict_row

from connectors.contract import Row
from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.control import consents, grounds
from hub.control.consent_record import NewConsent
from hub.db.database import Database
from hub.db.endpoints import data_directory
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.vault import Vault, original_identity
from hub.kvkk import holds
from hub.kvkk.audit import Actor
from hub.kvkk.erasure.handle import handle
from hub.kvkk.person import find_person
from hub.models.dbt import build_models
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.canonical import canonical_or_raw
from kvkk_policies.detect import ColumnScanner
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.proofs.identity import Identity
from tests.proofs.stores import CLUSTERS, files, tables
from tests.proofs.sweep import Sweep
from tests.support.accounts import add_tenant
from tests.support.telling import Told, connect_all, sync_told

pytestmark = pytest.mark.long(40)

PERSON = Identity.invented("person", 11, name="Gülşen Çağlayan")
NAMESAKE = Identity.invented("namesake", 12, name="Gülşen Çağlayan")
COLLEAGUE = Identity.invented("colleague", 13, name="Tarık Öztürk")
NUMBERS = {"person": 1, "namesake": 2, "colleague": 3}
OPERATOR = Actor("Ayşe Yetkili", "operator")
NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=3)
LATER = NOW + timedelta(days=30)


@pytest.fixture(scope="module")
def engine(settings: Settings, database: Database) -> Engine:
    policies = load_policies()
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, ColumnScanner()), policies)


@pytest.fixture(autouse=True)
def dagster_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening Dagster's instance sets variables: whatever it sets is undone."""
    for name in ("DAGSTER_HOME", "HUB_HOME", "HUB_DAGSTER_STORAGE_URL", "DAGSTER_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")


def contact_of(number: int) -> str:
    """The name on a customer's bill: a subject of its own in the row, and nobody else's name."""
    return f"Fatura Alıcısı {number}"


def told_of(who: Identity, number: int, *, at: datetime = LONG_AGO) -> dict[str, list[Row]]:
    """What the four providers tell of one person, each in its own spelling."""
    p, t, plate = who.phone, who.tckn, who.plate
    given, surname = who.name.split(" ")
    spaced = f"0{p[:3]} {p[3:6]} {p[6:8]} {p[8:]}"
    return {
        "iyzico.subscription_customers": [
            {
                "reference_code": f"musteri-{number}",
                "created_date": at,
                "status": "ACTIVE",
                "name": given,
                "surname": surname.upper(),
                "identity_number": t,
                "email": who.email.upper(),
                "gsm_number": f"+90{p}",
                "billing_address": f"Kirazlı Sk. No:{number}, Kadıköy",
                "billing_contact_name": contact_of(number),
                "billing_city": "İstanbul",
            }
        ],
        "iyzico.subscriptions": [
            {
                "reference_code": f"abonelik-{number}",
                "customer_email": who.email,
                "customer_gsm_number": spaced,
                "customer_reference_code": f"musteri-{number}",
                "subscription_status": "ACTIVE",
                "created_date": at,
            }
        ],
        "iyzico.settlement_files": [
            {
                "report": "SETTLEMENT",
                "report_date": at.date(),
                "line": number,
                "merchant_id": "1",
                "transaction_date": at,
                "payment_gid": f"odeme-{number}",
                "conversation_id": f"{who.name}, TC {t}, tel 0{p}",
                "price": "125.50",
                "buyer_id": f"B{number}",
                "buyer_name": given.upper(),
                "buyer_surname": surname,
                "buyer_email": who.email,
                "buyer_phone": f"(0{p[:3]}) {p[3:6]}-{p[6:8]}-{p[8:]}",
                "payment_ip": "88.240.1.17",
            },
            # Somebody else's row that mentions the person.
            {
                "report": "SETTLEMENT",
                "report_date": at.date(),
                "line": 1000 + number,
                "merchant_id": "1",
                "conversation_id": f"teslim alan {p[:3]} {p[3:6]} {p[6:]}, plaka {plate}",
                "buyer_email": COLLEAGUE.email,
                "price": "10.00",
            },
        ],
        "bulutfon.calls": [
            {
                "call_id": f"cagri-{number}",
                "customer_phone": f"90{p}",
                "caller_kind": "external",
                "callee_kind": "external",
                "direction": "IN",
                "call_time": at,
                "answered": True,
                "in_progress": False,
                "talk_seconds": 61,
            }
        ],
        "bulutfon.call_steps": [
            {"call_id": f"cagri-{number}", "step": 1, "callee": f"0{p}", "callee_kind": "external", "start_time": at}
        ],
        "findeks.reports": [
            {
                "reference_no": f"R{number}",
                "source": "gateway",
                "report_type": "RISK",
                "status": "READY",
                "queried_at": at,
                "customer_ref": f"{who.name} {t}",
                "subject_type": "PERSON",
                "identity_type": "TCKN",
                "identity_number": f"{t[:3]} {t[3:6]} {t[6:9]} {t[9:]}",
                "full_name": who.name.upper(),
                "birth_date": date(1980, 5, number % 27 + 1),
                "score": 1432,
                "total_debt": "4500.00",
            }
        ],
        "findeks.accounts": [{"reference_no": f"R{number}", "seq": 1, "currency": "TRY", "balance": "4500.00"}],
        "arvento.vehicles": [
            {
                "node": f"N{number}",
                "plate": plate,
                "license_plate": plate.replace(" ", ""),
                "last_listed_on": at.date(),
            }
        ],
        "arvento.drivers": [{"node": f"N{number}", "driver": who.name, "last_listed_on": at.date()}],
        "arvento.operating_days": [
            {
                "day": at.date(),
                "node": f"N{number}",
                "license_plate": plate.lower().replace(" ", "-"),
                "driver": who.name.upper(),
                "distance_km": "81.5",
            }
        ],
        "arvento.positions": [
            {"node": f"N{number}", "gps_time": at, "latitude": "40.987654", "longitude": "29.031234", "speed": "50"}
        ],
    }


def together(*told: Told) -> Told:
    """Several people in one answer."""
    names = dict.fromkeys(name for each in told for name in each)
    return {name: [row for each in told for row in each.get(name, ())] for name in names}


class World:
    """Two tenants: one with the person, a namesake and a colleague, and one that knows the same person."""

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self.settings = settings
        self.database = engine.database
        self.tenant, self.elsewhere = self._tenant(), self._tenant()
        sync_told(engine, self.tenant, together(told_of(PERSON, 1), told_of(NAMESAKE, 2), told_of(COLLEAGUE, 3)))
        sync_told(engine, self.elsewhere, told_of(PERSON, 1))
        self.model()

    def model(self) -> None:
        assert build_models(self.database, self.settings).ok

    def request(self, who: Identity) -> UUID:
        """An erasure request as the desk has it in progress: identifiers verified, a reviewer included the vehicle."""
        request_id = uuid4()
        pairs = self.pairs(self.tenant, who)
        found = find_person(self.database, self.engine.keyring, self.tenant, pairs)
        with self.database.tenant(self.tenant, "app") as connection:
            connection.execute(
                "INSERT INTO hub.requests (tenant_id, request_id, type, state, channel, received_at, due_at,"
                " created_by)"
                " VALUES (%s, %s, 'erase', 'in_progress', 'web', now(), now() + interval '30 days', 'test')",
                (self.tenant, request_id),
            )
            for kind, pseudonym in pairs:
                connection.execute(
                    "INSERT INTO hub.request_identifiers VALUES (%s, %s, %s, %s, true)",
                    (self.tenant, request_id, kind, pseudonym),
                )
            for subject in {*found.subjects, *found.uncertain}:
                connection.execute(
                    "INSERT INTO hub.request_subjects (tenant_id, request_id, subject_id, reached_by, decision)"
                    " VALUES (%s, %s, %s, %s, 'included')",
                    (self.tenant, request_id, subject, found.subjects.get(subject, "weak")),
                )
        return request_id

    def pairs(self, tenant_id: str, who: Identity) -> list[tuple[str, str]]:
        keyring = self.engine.keyring
        named: dict[Any, str] = {"tckn": who.tckn, "phone": f"0{who.phone}", "email": who.email}
        pairs = [
            (kind, grounds.subject_pseudonym(keyring, tenant_id, kind, Secret(value))) for kind, value in named.items()
        ]
        plate = keyring.tenant(tenant_id).pseudonymiser().one("plate", who.plate.replace(" ", ""))
        return [*pairs, ("plate", plate)]

    def traces(self, tenant_id: str, who: Identity) -> dict[str, str]:
        """Pseudonyms under which the tenant's data knew the person, with their kinds."""
        number = NUMBERS[who.label]
        pseudonymiser = self.engine.keyring.tenant(tenant_id).pseudonymiser()
        own = {"device": f"N{number}", "iyzico_customer": f"musteri-{number}", "iyzico_buyer": f"B{number}"}
        provided = {kind: pseudonymiser.one(kind, canonical_or_raw(kind, [value])[0]) for kind, value in own.items()}
        return {pseudonym: kind for kind, pseudonym in (dict(self.pairs(tenant_id, who)) | provided).items()}

    def found(self, *wanted: dict[str, str]) -> list[dict[str, set[str]]]:
        """For each set of pseudonyms: the tables of any database in which they stand, with their kinds."""
        kinds = {pseudonym: (place, kind) for place, its in enumerate(wanted) for pseudonym, kind in its.items()}
        pattern = re.compile("|".join(map(re.escape, kinds)).encode())
        found: list[dict[str, set[str]]] = [{} for _ in wanted]
        for cluster in CLUSTERS:
            for name, pieces in tables(self.settings, cluster):
                for hit in (each for piece in pieces for each in pattern.findall(piece)):
                    place, kind = kinds[hit.decode()]
                    if "pg_catalog" not in name:
                        found[place].setdefault(name.partition(".")[2], set()).add(kind)
        return found

    def originals(self, tenant_id: str) -> list[str]:
        """Whatever of the vault can still be read."""
        with self.database.tenant(tenant_id, "vault") as connection:
            rows = connection.execute(
                "SELECT kind, pseudonym, replace(subject_id::text, '-', ''), key_generation, ciphertext"
                " FROM vault.originals"
            ).fetchall()
        keys = self.engine.keyring.subjects(tenant_id, {row[2] for row in rows})
        return [
            keys[subject]
            .open(original_identity(tenant_id, kind, pseudonym, subject, generation), bytes(sealed))
            .decode()
            for kind, pseudonym, subject, generation, sealed in rows
        ]

    def rows(self, table: str, where: str) -> list[dict[str, Any]]:
        """The tenant's landed rows."""
        with (
            self.database.tenant(self.tenant, "loader") as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            query = f"SELECT * FROM landing.{table} WHERE {where} ORDER BY 1, 2, 3"  # noqa: S608 - our own words
            return cursor.execute(query.encode()).fetchall()

    def refusal(self, request_id: UUID) -> tuple[Any, ...]:
        """What the request says of why something was not erased."""
        with self.database.tenant(self.tenant, "app") as connection:
            row = connection.execute(
                "SELECT refusal_code, refusal_article, destruction_due FROM hub.requests WHERE request_id = %s",
                (request_id,),
            ).fetchone()
        assert row is not None
        return row

    def facts(self) -> dict[str, list[Any]]:
        """Amounts and counts that an erasure leaves."""
        return {
            f"{table}.{column}": sorted(row[column] for row in self.rows(table, f"{column} IS NOT NULL"))
            for table, column in (
                ("iyzico_settlement_files", "price"),
                ("iyzico_subscriptions", "subscription_status"),
                ("bulutfon_calls", "talk_seconds"),
                ("findeks_reports", "total_debt"),
                ("findeks_reports", "score"),
                ("findeks_accounts", "balance"),
                ("arvento_operating_days", "distance_km"),
            )
        }

    def assert_gone(
        self,
        person: dict[str, str],
        others: dict[str, str],
        others_before: dict[str, set[str]],
        elsewhere: dict[str, str],
        elsewhere_before: dict[str, set[str]],
    ) -> None:
        """No trace of the person, under a pseudonym or in clear, and everybody else where they were."""
        assert self.found(person, others, elsewhere) == [{}, others_before, elsewhere_before]
        kept = self.originals(self.tenant)
        assert contact_of(1) not in kept
        assert {contact_of(2), contact_of(3)} <= set(kept)
        readable = "\n".join(kept).encode()
        assert Sweep([PERSON]).search(readable) == {("person", "name")}  # it is the namesake's too
        assert {kind for _, kind in Sweep([NAMESAKE]).search(readable)} >= {"tckn", "phone", "email", "name"}
        assert ("person", "tckn") in Sweep([PERSON]).search("\n".join(self.originals(self.elsewhere)).encode())

    def _tenant(self) -> str:
        tenant_id = add_tenant(self.database)
        connect_all(self.database, self.engine.keyring, tenant_id)
        for who in (PERSON, NAMESAKE, COLLEAGUE):
            self.consent(tenant_id, who)
        return tenant_id

    def consent(self, tenant_id: str, who: Identity) -> None:
        """A consent to be asked about at the bureau."""
        rule = PROVIDERS["findeks"].stream("reports").admission
        assert rule is not None
        new = NewConsent(
            purpose=rule.purpose,
            legal_basis="explicit_consent",
            data_categories=rule.categories,
            retention_period="P1Y",
            consent_text="Onaylıyorum.",
            text_version="1",
            language="tr",
            notice_id="aydinlatma-1",
            given_at=NOW - timedelta(days=400),
            channel="web",
            ip_address=ip_address("88.240.1.17"),
            user_agent="Mozilla/5.0",
            evidence_ref="form-7",
        )
        subject = grounds.subject_pseudonym(self.engine.keyring, tenant_id, "tckn", Secret(who.tckn))
        consents.record(self.database, tenant_id, kind="tckn", subject=subject, new=new)


@pytest.fixture(scope="module")
def world(engine: Engine, settings: Settings) -> World:
    return World(engine, settings)


class Context:
    """What the desk hands to the work."""

    def __init__(self, engine: Engine) -> None:
        self.database, self.keyring, self.policies = engine.database, engine.keyring, engine.policies


def test_a_person_in_four_providers_under_five_spellings_is_gone_alone_and_stays_gone(
    world: World, settings: Settings
) -> None:
    engine, tenant = world.engine, world.tenant
    person, others = world.traces(tenant, PERSON), world.traces(tenant, NAMESAKE)
    same_person_elsewhere = world.traces(world.elsewhere, PERSON)
    before, others_before, elsewhere_before = world.found(person, others, same_person_elsewhere)
    amounts = world.facts()
    # The search sees what it must: every kind, in every kind of store.
    assert {kind for kinds in before.values() for kind in kinds} == set(person.values())
    assert {place.partition(".")[0] for place in before} >= {"hub", "vault", "landing", "marts"}
    assert len([place for place in before if place.startswith("landing.")]) >= 9

    # A lawsuit forbids it.
    target = engine.keyring.tenant(tenant).subject_id(*world.pairs(tenant, PERSON)[0])
    lawsuit = holds.NewHold("subject", target, "litigation", "İstanbul 3. Asliye Ticaret 2026/411 E.")
    hold = holds.place(world.database, tenant, lawsuit, actor=OPERATOR)
    request_id = world.request(PERSON)
    assert handle(Context(engine), tenant, request_id) == "refused"
    assert world.refusal(request_id) == ("legal_hold", "İstanbul 3. Asliye Ticaret 2026/411 E.", None)
    assert len(world.rows("arvento_drivers", "driver IS NOT NULL")) == 3
    holds.release(world.database, tenant, hold.hold_id, actor=OPERATOR)

    # Who paid is kept for the books: apart, sealed, and until a day that the answer names.
    assert handle(Context(engine), tenant, request_id) == "partly"
    code, article, due = world.refusal(request_id)
    assert code == "statutory_retention"
    assert "TTK 6102 m. 82" in article
    assert due == date(LONG_AGO.year + 11, 1, 1)

    world.assert_gone(person, others, others_before, same_person_elsewhere, elsewhere_before)
    assert world.facts() == amounts
    everywhere = files(settings.home, [data_directory(settings, cluster) for cluster in CLUSTERS])
    assert Sweep([PERSON]).find(everywhere) == {}

    # The next sync tells of them again, as if nothing had happened.
    sync_told(engine, tenant, together(told_of(PERSON, 1), told_of(NAMESAKE, 2), told_of(COLLEAGUE, 3)))
    world.model()
    world.assert_gone(person, others, others_before, same_person_elsewhere, elsewhere_before)
    assert world.facts() == amounts

    # Somebody who comes back is somebody new.
    world.consent(tenant, PERSON)
    new = {name: rows for name, rows in told_of(PERSON, 4, at=LATER).items() if name != "arvento.vehicles"}
    sync_told(engine, tenant, new)
    (found,) = world.found(person)
    assert {"tckn", "phone", "email"} <= {kind for kinds in found.values() for kind in kinds}
    assert ("person", "tckn") in Sweep([PERSON]).search("\n".join(world.originals(tenant)).encode())
    assert len(world.rows("findeks_reports", "identity_number IS NOT NULL")) == 3
