"""A shared identifier is a person's on their days alone: what is of those days goes with them, and the rest stays."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from connectors.arvento import PROVIDER as ARVENTO
from connectors.bulutfon import PROVIDER as BULUTFON
from connectors.registry import PROVIDERS
from connectors.secret import Secret
from hub.control import consents
from hub.control.consent_record import NewConsent
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.keys.originals import Originals, Reading
from hub.keys.vault import Vault
from hub.kvkk import holds, shared_identifiers
from hub.kvkk.audit import Actor
from hub.kvkk.erasure.meant import person_of
from hub.kvkk.erasure.named import with_named
from hub.kvkk.erasure.run import Eraser, Mandate
from hub.kvkk.holds import NewHold
from hub.kvkk.identifiers import identified
from hub.kvkk.person import Pair, Person, find_person
from hub.kvkk.registry import open_stores
from hub.kvkk.stores import Destroyed, Hub, Store
from hub.kvkk.stores.desk import DeskStore
from hub.sync.batch import Engine
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.support.shop import NoDetector, tckn
from tests.support.told_rows import tell

if TYPE_CHECKING:
    from pathlib import Path

    from hub.db.database import Database
    from hub.settings import Settings
    from tests.conftest import MakeTenant

ACTOR = Actor("Ayşe Yetkili", "operator")
MANDATE = Mandate(ACTOR)
FIRST, SECOND = tckn(100_000_111), tckn(200_000_222)
PLATE, NODE, PHONE = "34 ABC 123", "A0001", "0532 000 11 22"
CHANGE = date(2026, 11, 3)
"""The first day of the second one."""
MIDNIGHT = datetime(2026, 11, 2, 21, tzinfo=UTC)
"""Its beginning in Istanbul."""


@dataclass
class Fleet:
    """A tenant with one vehicle, one telephone and two people who had them one after the other."""

    engine: Engine
    settings: Settings
    tenant: str
    rebuilt: list[str] = field(default_factory=list[str])

    def pair(self, kind: str, value: str) -> Pair:
        return identified(self.engine.keyring, self.tenant, kind, Secret(value))

    def whom(self, number: str) -> Person:
        named = [self.pair("tckn", number)]
        found = find_person(self.engine.database, self.engine.keyring, self.tenant, named)
        return with_named(self.engine.database, self.engine.keyring.tenant(self.tenant), found, named)

    def known(self, number: str) -> None:
        """Somebody of whom the index has an identity number."""
        pair = self.pair("tckn", number)
        own = self.engine.keyring.tenant(self.tenant).subject_id(*pair)
        with self.engine.database.tenant(self.tenant, "vault") as connection:
            connection.execute(
                "INSERT INTO vault.identifiers (tenant_id, kind, pseudonym, subject_id, strength, source)"
                " VALUES (%s, %s, %s, %s, 'strong', 'test')",
                (self.tenant, *pair, own),
            )

    def assign(self, pair: Pair, number: str, *, since: date | None = None, until: date | None = None) -> None:
        shared_identifiers.assign(
            self.engine.database,
            self.engine.keyring,
            self.tenant,
            pair,
            self.pair("tckn", number),
            since=since,
            until=until,
            reason="changed_hands",
            actor=ACTOR,
        )

    def hands(self, pair: Pair) -> Pair:
        """The identifier is shared, the first one's before the change and the second one's from it on."""
        shared_identifiers.share(self.engine.database, self.tenant, pair, reason="changed_hands", actor=ACTOR)
        self.assign(pair, FIRST, until=CHANGE)
        self.assign(pair, SECOND, since=CHANGE)
        return pair

    @property
    def hub(self) -> Hub:
        return Hub(self.engine.database, self.engine.keyring, PROVIDERS, self.engine.policies)

    def eraser(self) -> Eraser:
        return Eraser(self.hub, open_stores(self.hub, rebuild=self.rebuilt.append), four_eyes_above=20)

    def erase(self, whom: Person) -> str:
        return self.eraser().erase(whom, MANDATE).outcome

    def landed(self, table: str, *columns: str, order: str = "1") -> list[tuple[Any, ...]]:
        with self.engine.database.tenant(self.tenant, "loader") as connection:
            return connection.execute(
                f"SELECT {', '.join(columns)} FROM landing.{table} ORDER BY {order}".encode()  # noqa: S608
            ).fetchall()

    def originals(self) -> set[str]:
        """Every value that the vault can still show."""
        with self.engine.database.tenant(self.tenant, "vault") as connection:
            pairs = connection.execute("SELECT DISTINCT kind, pseudonym FROM vault.originals").fetchall()
        opened = Originals(self.engine.database, self.engine.keyring).named(
            self.tenant, pairs, Reading(ACTOR, "reveal", "test")
        )
        return {each.value for each in opened if each.value is not None}


class Dies:
    """The last store, in a process that is killed before or after its work."""

    def __init__(self, store: Store, *, after: bool) -> None:
        self.name, self._store, self._after = store.name, store, after
        self.tables, self.find, self.verify = store.tables, store.find, store.verify

    def erase(self, person: Person, *, before: datetime) -> list[Destroyed]:
        if self._after:
            self._store.erase(person, before=before)
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def engine(settings: Settings, database: Database) -> Engine:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    policies = load_policies()
    return Engine(database, keyring, Vault(database, keyring), Gate(policies, NoDetector()), policies)


@pytest.fixture
def fleet(engine: Engine, settings: Settings, make_tenant: MakeTenant) -> Fleet:
    made = Fleet(engine, settings, make_tenant())
    made.known(FIRST)
    made.known(SECOND)
    return made


DRIVES = [
    {"node": NODE, "day": date(2026, 11, day), "license_plate": PLATE, "driver": driver, "distance_km": 10 * day}
    for day, driver in ((1, "Ali Kaya"), (2, "Ali Kaya"), (3, "Veli Ak"), (4, "Veli Ak"))
]


class TestADriverChange:
    @pytest.fixture
    def plate(self, fleet: Fleet) -> Pair:
        tell(fleet.engine, fleet.tenant, ARVENTO, {"operating_days": DRIVES})
        return fleet.hands(fleet.pair("plate", PLATE))

    def test_the_days_of_the_erased_driver_go_and_those_of_the_next_one_stay(self, fleet: Fleet, plate: Pair) -> None:
        assert fleet.erase(fleet.whom(FIRST)) == "erased"

        rows = fleet.landed("arvento_operating_days", "day", "license_plate", "driver IS NULL", "distance_km")
        assert [(row[0].day, *row[1:3], int(row[3])) for row in rows] == [
            (1, None, True, 10),
            (2, None, True, 20),
            (3, plate[1], False, 30),
            (4, plate[1], False, 40),
        ]
        assert fleet.originals() == {PLATE, "Veli Ak"}

    def test_the_next_sync_brings_neither_back_what_is_gone_nor_takes_what_stayed(
        self, fleet: Fleet, plate: Pair
    ) -> None:
        fleet.erase(fleet.whom(FIRST))
        late = [DRIVES[0] | {"day": date(2026, 10, 31)}, DRIVES[3] | {"day": date(2026, 11, 5)}]

        tell(fleet.engine, fleet.tenant, ARVENTO, {"operating_days": [*DRIVES, *late]})

        plates = fleet.landed("arvento_operating_days", "license_plate", order="day")
        assert [row[0] for row in plates] == [None, None, None, plate[1], plate[1], plate[1]]
        assert fleet.originals() == {PLATE, "Veli Ak"}

    def test_each_is_erased_in_turn_and_nothing_is_left(self, fleet: Fleet, plate: Pair) -> None:
        del plate
        assert [fleet.erase(fleet.whom(number)) for number in (FIRST, SECOND)] == ["erased", "erased"]
        assert {row[0] for row in fleet.landed("arvento_operating_days", "license_plate")} == {None}
        assert fleet.originals() == set()
        tell(fleet.engine, fleet.tenant, ARVENTO, {"operating_days": DRIVES})
        assert {row[0] for row in fleet.landed("arvento_operating_days", "license_plate")} == {None}

    def test_what_a_reviewer_included_as_the_persons_is_not_theirs_on_anothers_days(
        self, fleet: Fleet, plate: Pair
    ) -> None:
        own = fleet.engine.keyring.tenant(fleet.tenant).subject_id(*plate)
        included = person_of(fleet.engine.database, fleet.tenant, {*fleet.whom(FIRST).subjects, own})

        assert fleet.erase(included) == "erased"

        plates = fleet.landed("arvento_operating_days", "license_plate", order="day")
        assert [row[0] for row in plates] == [None, None, plate[1], plate[1]]
        assert fleet.originals() == {PLATE, "Veli Ak"}

    @pytest.mark.parametrize("after", [False, True])
    def test_killed_at_the_vault_it_is_gone_on_with_and_takes_nobody_along(
        self, fleet: Fleet, plate: Pair, after: bool
    ) -> None:
        *first, last = open_stores(fleet.hub, rebuild=fleet.rebuilt.append)
        with pytest.raises(KeyboardInterrupt):
            Eraser(fleet.hub, [*first, Dies(last, after=after)], four_eyes_above=20).erase(fleet.whom(FIRST), MANDATE)

        assert fleet.erase(fleet.whom(FIRST)) == "erased"

        plates = fleet.landed("arvento_operating_days", "license_plate", order="day")
        assert [row[0] for row in plates] == [None, None, plate[1], plate[1]]
        assert fleet.originals() == {PLATE, "Veli Ak"}

    def test_a_day_that_was_noted_for_nobody_stays(self, fleet: Fleet) -> None:
        tell(fleet.engine, fleet.tenant, ARVENTO, {"operating_days": DRIVES})
        plate = fleet.pair("plate", PLATE)
        shared_identifiers.share(fleet.engine.database, fleet.tenant, plate, reason="pool_vehicle", actor=ACTOR)
        fleet.assign(plate, FIRST, since=date(2026, 11, 2), until=CHANGE)

        fleet.erase(fleet.whom(FIRST))

        plates = fleet.landed("arvento_operating_days", "license_plate", order="day")
        assert [row[0] for row in plates] == [plate[1], None, plate[1], plate[1]]

    def test_a_vehicle_in_a_list_of_no_day_is_not_the_drivers(self, fleet: Fleet, plate: Pair) -> None:
        listed = {"node": NODE, "plate": PLATE, "license_plate": PLATE, "last_listed_on": date(2026, 11, 1)}
        tell(fleet.engine, fleet.tenant, ARVENTO, {"vehicles": [listed]})
        fleet.erase(fleet.whom(FIRST))
        tell(fleet.engine, fleet.tenant, ARVENTO, {"vehicles": [listed]})
        assert fleet.landed("arvento_vehicles", "plate", "license_plate") == [(plate[1], plate[1])]

    def test_a_hold_on_whom_the_identifier_stands_for_refuses(self, fleet: Fleet, plate: Pair) -> None:
        own = fleet.engine.keyring.tenant(fleet.tenant).subject_id(*plate)
        holds.place(
            fleet.engine.database, fleet.tenant, NewHold("subject", own, "litigation", "2026/1 E."), actor=ACTOR
        )
        assert fleet.erase(fleet.whom(FIRST)) == "refused"

    def test_marts_are_built_anew_though_none_is_the_persons_alone(self, fleet: Fleet, plate: Pair) -> None:
        with fleet.engine.database.crossing("transformer") as connection:
            connection.execute(
                "INSERT INTO marts.vehicle_days (tenant_id, provider, day, vehicle_id, plate)"
                " VALUES (%s, 'arvento', %s, 'device_x', %s)",
                (fleet.tenant, date(2026, 11, 1), plate[1]),
            )
        fleet.erase(fleet.whom(FIRST))
        assert fleet.rebuilt == [fleet.tenant]


class TestATelephoneThatChangedHands:
    @pytest.fixture
    def phone(self, fleet: Fleet) -> Pair:
        tell(fleet.engine, fleet.tenant, BULUTFON, {"calls": CALLS})
        return fleet.hands(fleet.pair("phone", PHONE))

    def test_the_day_begins_in_istanbul(self, fleet: Fleet, phone: Pair) -> None:
        assert fleet.erase(fleet.whom(FIRST)) == "erased"
        calls = fleet.landed("bulutfon_calls", "call_id", "customer_phone")
        assert calls == [("C0", None), ("C1", None), ("C2", phone[1]), ("C3", phone[1])]

        tell(fleet.engine, fleet.tenant, BULUTFON, {"calls": CALLS})
        assert fleet.landed("bulutfon_calls", "call_id", "customer_phone") == calls

    def test_consents_under_it_are_unnamed_on_those_days_alone(self, fleet: Fleet, phone: Pair) -> None:
        given = {when: consented(fleet, phone, when) for when in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT)}
        fleet.erase(fleet.whom(FIRST))

        with fleet.engine.database.tenant(fleet.tenant, "app") as connection:
            named = dict(connection.execute("SELECT id, data_subject FROM hub.consents").fetchall())
        assert [named[each].startswith("erased_") for each in given.values()] == [True, False]
        assert named[given[MIDNIGHT]] == phone[1]

    def test_requests_by_it_lose_their_content_on_those_days_alone(
        self, fleet: Fleet, phone: Pair, tmp_path: Path
    ) -> None:
        for when in (MIDNIGHT - timedelta(seconds=1), MIDNIGHT):
            requested(fleet, phone, when)
        whom = fleet.whom(FIRST)
        store = DeskStore(fleet.hub, tmp_path)
        assert sum(each.records for each in store.find(whom)) == 2

        store.erase(whom, before=datetime.now(UTC))

        assert store.verify(whom, before=datetime.now(UTC)) == 0
        with fleet.engine.database.tenant(fleet.tenant, "app") as connection:
            rows = connection.execute(
                "SELECT contact_cipher IS NULL, EXISTS (SELECT FROM hub.request_identifiers i"
                " WHERE i.request_id = r.request_id) FROM hub.requests r ORDER BY received_at"
            ).fetchall()
        assert rows == [(True, False), (False, True)]


CALLS = [
    {"call_id": f"C{number}", "call_type": "external", "direction": "IN", "customer_phone": PHONE, "call_time": when}
    for number, when in enumerate(
        (
            MIDNIGHT - timedelta(days=2),
            MIDNIGHT - timedelta(microseconds=1),
            MIDNIGHT,
            MIDNIGHT + timedelta(days=2),
        )
    )
]


def consented(fleet: Fleet, phone: Pair, when: datetime) -> Any:
    new = NewConsent(
        purpose="marketing",
        legal_basis="explicit_consent",
        data_categories=("ILETISIM",),
        retention_period="P1Y",
        consent_text="Onaylıyorum.",
        text_version="1",
        language="tr",
        notice_id="n1",
        given_at=when,
        channel="web",
        evidence_ref="form-1",
    )
    recorded = consents.record(fleet.engine.database, fleet.tenant, kind="phone", subject=phone[1], new=new)
    return recorded.consent_id


def requested(fleet: Fleet, phone: Pair, when: datetime) -> None:
    """A closed request that came then and was proved by the telephone."""
    request_id = uuid4()
    with fleet.engine.database.tenant(fleet.tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.requests (tenant_id, request_id, type, state, outcome, channel, contact_cipher,"
            " received_at, due_at, answered_at, created_by)"
            " VALUES (%s, %s, 'access', 'closed', 'accepted', 'web', 'sealed', %s, %s, %s, 'test')",
            (fleet.tenant, request_id, when, when, when),
        )
        connection.execute(
            "INSERT INTO hub.request_identifiers VALUES (%s, %s, %s, %s, true)", (fleet.tenant, request_id, *phone)
        )
