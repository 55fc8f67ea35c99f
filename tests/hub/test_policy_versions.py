"""A new version of a policy file reaches every tenant's loaded rows through `hub migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.db.endpoints import data_directory
from hub.db.migrate import MigrationReport, migrate
from hub.doctor import examine
from hub.errors import HubError
from hub.migrations.connections import outside_transaction
from hub.policies import overrides
from hub.policies.remask import Remasker
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.override import Override
from kvkk_policies.policy import load_policies
from kvkk_policies.problems import PolicyError
from tests.fixtures.siparis import PROVIDER
from tests.support.overrides_shop import PHONES, POLICY, Shop, order
from tests.support.shop import NoDetector, open_shop_engine, shop_installation

ORDERS = [order(number, channel=f"kanal-{number}-9d41") for number in range(3)]
_CHANNEL = "channel: { <<: *fact, overridable: [scan, partial, drop] }"
_PHONE = "customer_phone: { <<: *contact, kind: phone, overridable: [keep, pseudonymise, partial, drop] }"


class Killed(BaseException):
    """Stands for the end of the process: nobody handles it."""


class Office:
    """Whoever writes the policy file: every version is higher than the last."""

    def __init__(self, settings: Settings, directory: Path) -> None:
        self.settings = settings
        self.version = 1
        self._directory = directory
        self._engines: list[Engine] = []

    @property
    def file(self) -> Path:
        return self.settings.home / "policies" / "siparis.yaml"

    def publish(self, *changes: tuple[str, str], **options: Any) -> MigrationReport:
        """A new version, changed from the first one as told, and migrated to."""
        self.version += 1
        self.write(*changes)
        return self.migrate(**options)

    def write(self, *changes: tuple[str, str]) -> None:
        text = POLICY.replace("version: 1", f"version: {self.version}")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        self.file.write_text(text)

    def migrate(self, **options: Any) -> MigrationReport:
        return migrate(self.settings, providers={PROVIDER.name: PROVIDER}, with_dagster=False, **options)

    def engine(self) -> Engine:
        """A process that reads the file as it is now."""
        self._engines.append(open_shop_engine(self.settings, NoDetector()))
        return self._engines[-1]

    def shops(self, *names: str) -> list[Shop]:
        engine = self.engine()
        return [Shop(engine, self._directory / name) for name in names]

    def close(self) -> None:
        for engine in self._engines:
            engine.database.close()


@pytest.fixture(scope="module")
def home() -> Iterator[Settings]:
    with shop_installation(POLICY) as settings:
        yield settings


@pytest.fixture
def office(home: Settings, tmp_path: Path) -> Iterator[Office]:
    """The first policy in force, under whatever version comes next, and no tenant but the test's own."""
    office = Office(home, tmp_path)
    office.version = load_policies(home.policies_dir)["siparis"].version
    office.publish()
    yield office
    office.close()
    with outside_transaction(home, "data") as admin:
        admin.execute("TRUNCATE hub.tenants, landing.siparis_orders CASCADE")


def stricter_phone(action: str = "pseudonymise") -> tuple[str, str]:
    """A phone that nobody may keep any more."""
    return _PHONE, f"customer_phone: {{ <<: *contact, kind: phone, action: {action}, overridable: [drop] }}"


def versions(shop: Shop) -> list[int]:
    return [row[0] for row in shop.rows("SELECT _policy_version FROM landing.siparis_orders ORDER BY order_id")]


def _vaulted(column: str, action: str) -> tuple[str, str]:
    return _CHANNEL, f"{column}: {{ <<: *fact, action: {action}, kind: siparis_channel }}"


class TestAStricterVersion:
    def test_masks_what_every_tenant_has_loaded_and_says_how_far_it_is(self, office: Office) -> None:
        shops = office.shops("a", "b")
        for shop in shops:
            shop.sync(*ORDERS)
            assert shop.landed("channel") == [each["channel"] for each in ORDERS]
        steps: list[tuple[int, int]] = []

        report = office.publish(
            _vaulted("channel", "vault"), on_tenants=lambda done, total: steps.append((done, total))
        )

        assert report.remasked == {"siparis.orders.channel": 6}
        assert steps == [(1, 2), (2, 2)]
        for shop in shops:
            landed = shop.landed("channel")
            assert all(value.startswith("siparis_channel_") for value in landed)
            originals = shop.originals()
            assert [originals[value] for value in landed] == [each["channel"] for each in ORDERS]
            assert versions(shop) == [office.version] * 3
        again = office.migrate()
        assert (again.remasked, again.rewritten) == ({}, [])

    def test_leaves_no_old_value_in_the_tables_file(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS)
        with outside_transaction(office.settings, "data") as admin:
            assert b"kanal-0-9d41" in file_of_orders(admin, office.settings)
            report = office.publish(_vaulted("channel", "pseudonymise"))
            assert report.rewritten == ["landing.siparis_orders"]
            assert b"kanal-0-9d41" not in file_of_orders(admin, office.settings)

    def test_masks_several_columns_of_one_row(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS)
        office.publish(
            _vaulted("channel", "pseudonymise"),
            ("      status: *fact", "      status: { <<: *fact, action: partial, params: { first: 1 } }"),
        )
        assert all(value.startswith("siparis_channel_") for value in shop.landed("channel"))
        assert shop.landed("status") == ["****"] * 3

    def test_rewrites_only_what_an_older_version_loaded(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS[:1])
        office.version += 1
        office.write((_CHANNEL, "channel: { <<: *fact, action: partial, params: { last: 4 } }"))
        newer = Shop.of(shop, office.engine())
        newer.sync(*ORDERS[1:])  # before anybody migrated
        office.migrate()
        assert shop.landed("channel") == ["********9d41"] * 3


class TestATenantsOwnChoice:
    def test_stays_where_the_new_version_still_allows_it(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.choose("customer_phone", "keep")
        shop.sync(*ORDERS)
        report = office.publish((_PHONE, _PHONE.replace("*contact,", "*contact, action: pseudonymise,")))
        assert report.remasked == {}
        assert shop.landed("customer_phone") == list(PHONES)
        assert len(overrides.listed(shop.engine.database, shop.tenant_id)) == 1

    def test_is_withdrawn_with_a_decision_where_it_does_not(self, office: Office) -> None:
        shop, other = office.shops("a", "b")
        shop.choose("customer_phone", "keep")
        other.choose("customer_email", "keep")
        for each in (shop, other):
            each.sync(*ORDERS)

        office.publish(stricter_phone())

        assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]
        assert overrides.listed(shop.engine.database, shop.tenant_id) == []
        newest = overrides.history(shop.engine.database, shop.tenant_id)[0]
        assert (newest.decision, newest.action) == ("withdrawn", "keep")
        assert newest.decided_by == f"kvkk_policies/siparis.yaml v{office.version}"
        assert other.landed("customer_email") == [f"musteri{n}@ornek.com" for n in range(3)]
        # The next process syncs as the file says, and the withdrawn choice stops nobody.
        assert Shop.of(shop, office.engine()).sync(*ORDERS).failed == 0
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]

    def test_a_batch_of_the_old_version_commits_nothing_after_it(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS)
        office.publish(_vaulted("channel", "pseudonymise"))
        outcome = shop.sync(order(7, channel="kanal-7-9d41")).tenants[shop.tenant_id].outcomes[0]
        assert outcome.failed is not None
        assert outcome.failed.code == "claim_lost"
        assert all(value.startswith("siparis_channel_") for value in shop.landed("channel"))


class TestALooserVersion:
    def test_rewrites_nothing(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS)
        before = shop.rows("SELECT order_id, customer_phone, _loaded_at, _policy_version FROM landing.siparis_orders")
        report = office.publish((_PHONE, _PHONE.replace("*contact,", "*contact, action: keep,")))
        assert (report.remasked, report.rewritten) == ({}, [])
        after = shop.rows("SELECT order_id, customer_phone, _loaded_at, _policy_version FROM landing.siparis_orders")
        assert after == before
        Shop.of(shop, office.engine()).sync(*ORDERS)
        assert shop.landed("customer_phone") == list(PHONES)


class TestAMeaningThatChanged:
    @pytest.mark.parametrize("steps", [0, 1], ids=["at once", "after a version that changed something else"])
    def test_without_a_higher_version_is_refused_with_file_and_line(self, office: Office, steps: int) -> None:
        for _ in range(steps):
            office.publish(("      tax: *fact", "      tax: { <<: *fact, retention: P5Y }"))
        change = _vaulted("channel", "pseudonymise")
        office.write(change)
        with pytest.raises(PolicyError) as refused:
            office.migrate()
        lines = office.file.read_text().splitlines()
        wrong = next(each for each in refused.value.problems if each.where == "orders.channel")
        assert wrong.code == "policy_version_unchanged"
        assert wrong.file == office.file
        assert lines[wrong.line - 1].strip().startswith("channel:")
        office.publish(change)

    def test_of_a_key_is_refused_because_every_record_would_land_again(self, office: Office) -> None:
        with pytest.raises(PolicyError) as refused:
            office.publish(("order_id: *fact", "order_id: { <<: *fact, action: pseudonymise, kind: siparis_order }"))
        (wrong,) = refused.value.problems
        assert (wrong.code, wrong.where, wrong.found) == ("policy_key_changed", "orders.order_id", "pseudonymise")
        assert office.file.read_text().splitlines()[wrong.line - 1].strip().startswith("order_id:")

    def test_of_a_key_is_taken_where_the_key_stays(self, office: Office) -> None:
        office.publish(("order_id: *fact", "order_id: { <<: *fact, retention: P5Y }"))

    def test_is_noticed_for_what_no_action_shows(self, office: Office) -> None:
        office.write((_PHONE, _PHONE.replace("*contact,", "*contact, legal_basis: legitimate_interest,")))
        with pytest.raises(PolicyError, match=r"policy_version_unchanged orders\.customer_phone"):
            office.migrate()

    def test_is_not_seen_in_another_place_in_the_file(self, office: Office) -> None:
        office.write(("x-fact:", "# A comment.\n\nx-fact:"))
        assert office.migrate().remasked == {}


class TestAMigrationThatWasCutShort:
    def test_is_finished_by_the_next_one(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        shops = office.shops("a", "b")
        for shop in shops:
            shop.sync(*ORDERS)
        settled = Remasker.settle

        def dies(self: Remasker, tenant_id: str) -> Any:
            if tenant_id == shops[1].tenant_id:
                raise Killed
            return settled(self, tenant_id)

        monkeypatch.setattr(Remasker, "settle", dies)
        with pytest.raises(Killed):
            office.publish((_CHANNEL, "channel: { <<: *fact, action: partial, params: { last: 4 } }"))
        assert [shop.landed("channel")[0] for shop in shops] == ["********9d41", "kanal-0-9d41"]
        assert "rewrites_owed" in _wrong(office.settings)

        monkeypatch.setattr(Remasker, "settle", settled)
        assert office.migrate().remasked == {"siparis.orders.channel": 3}

        assert [shop.landed("channel") for shop in shops] == [["********9d41"] * 3] * 2
        assert shops[1].owed() == 0
        assert _wrong(office.settings) == []

    def test_by_one_tenants_fault_goes_on_with_the_others(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shops = office.shops("a", "b")
        for shop in shops:
            shop.sync(*ORDERS)
        settled = Remasker.settle

        def fails(self: Remasker, tenant_id: str) -> Any:
            if tenant_id == shops[0].tenant_id:
                raise HubError("ciphertext_invalid")
            return settled(self, tenant_id)

        monkeypatch.setattr(Remasker, "settle", fails)
        with pytest.raises(HubError, match="ciphertext_invalid"):
            office.publish(_vaulted("channel", "pseudonymise"))
        assert shops[1].landed("channel")[0].startswith("siparis_channel_")
        monkeypatch.setattr(Remasker, "settle", settled)
        office.migrate()
        assert shops[0].landed("channel")[0].startswith("siparis_channel_")


class TestTheDoctor:
    def test_tells_what_a_migration_still_has_to_do(self, office: Office) -> None:
        (shop,) = office.shops("a")
        shop.sync(*ORDERS)
        assert _wrong(office.settings) == []
        shop.decide("customer_phone", "drop")
        assert _wrong(office.settings) == ["rewrites_owed"]
        shop.settle()
        assert _wrong(office.settings) == ["old_values_in_files"]
        assert office.migrate().rewritten == ["landing.siparis_orders"]
        assert _wrong(office.settings) == []
        office.version += 1
        office.write()
        assert _wrong(office.settings) == ["policies_not_applied"]
        office.migrate()
        assert _wrong(office.settings) == []

    def test_a_decision_that_was_cut_short_is_the_next_migrations_to_make_good(self, office: Office) -> None:
        shop, other = office.shops("a", "b")
        for each in (shop, other):
            each.sync(*ORDERS)
        shop.decide("customer_phone", "drop")
        assert office.migrate().remasked == {"siparis.orders.customer_phone": 3}
        assert shop.landed("customer_phone") == [None] * 3
        assert other.landed("customer_phone") == [other.pseudonym("phone", phone) for phone in PHONES]


def test_an_override_that_a_policy_forbids_stops_a_sync_until_it_is_withdrawn(office: Office) -> None:
    """The gate fails closed in between."""
    (shop,) = office.shops("a")
    override = Override("keep", "contract", "P1Y")
    overrides.choose(shop.engine.database, shop.tenant_id, shop.place("customer_phone"), override, decided_by="A")
    office.version += 1
    office.write(stricter_phone())
    newer = Shop.of(shop, office.engine())
    outcome = newer.sync(*ORDERS).tenants[shop.tenant_id].outcomes[0]
    assert outcome.failed is not None
    assert outcome.failed.code == "override_not_allowed"
    office.migrate()
    assert newer.sync(*ORDERS).failed == 0


def _wrong(settings: Settings) -> list[str]:
    """Codes of what the doctor finds wrong with the rows."""
    found = [finding for finding in examine(settings, reach_providers=False) if "rows" in finding.title]
    assert len(found) == 1
    return [str(each.error.code) for each in found if isinstance(each.error, HubError)]


def file_of_orders(admin: Any, settings: Settings) -> bytes:
    admin.execute("CHECKPOINT")
    row = admin.execute("SELECT pg_relation_filepath('landing.siparis_orders'::regclass)").fetchone()
    return (data_directory(settings, "data") / row[0]).read_bytes()
