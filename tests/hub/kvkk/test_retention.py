"""What policies keep no longer goes by itself: after a count, in the order of age, and never from under a hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hub.kvkk import holds, links, shared_identifiers
from hub.kvkk.audit import Actor
from hub.kvkk.holds import NewHold
from hub.kvkk.retention.rules import minus, rules_of
from hub.kvkk.retention.run import Retention
from hub.kvkk.retention.statutes import Statute, keeping
from hub.kvkk.stores.landed import LandedStream
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect.span import Span
from tests.fixtures.siparis import ORDERS
from tests.support.erasing import hub_of
from tests.support.overrides_shop import PHONES, POLICY, TCKN, Shop, order
from tests.support.shop import NoDetector, open_shop_engine, shop_installation

ACTOR = Actor("Ayşe Yetkili", "operator")

# Phones a year, texts two, everything else ten; amounts lose their decimals after a month, as a coordinate would.
AGED = (
    POLICY.replace("    purpose:", "    dated: ordered_at\n    purpose:")
    .replace("kind: phone,", "kind: phone, retention: P1Y,")
    .replace("action: scan,", "action: scan, retention: P2Y,")
    .replace("amount: { <<: *fact,", "amount: { <<: *fact, coarsen: { after: P30D, decimals: 0 },")
)
TODAY = datetime(2030, 6, 15, 9, tzinfo=UTC)


class FindsPhones(NoDetector):
    """Finds the tests' own phones."""

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [
            [Span(start, start + len(phone), "TR_PHONE") for phone in PHONES if (start := text.find(phone)) >= 0]
            for text in texts
        ]


@pytest.fixture(scope="module")
def shop_settings() -> Iterator[Settings]:
    with shop_installation(AGED) as settings:
        yield settings


@pytest.fixture(scope="module")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, FindsPhones())
    yield opened
    opened.database.close()


def aged_orders() -> list[dict[str, Any]]:
    ages = (timedelta(days=1), timedelta(days=61), timedelta(days=548), timedelta(days=365 * 11 + 3))
    return [
        order(number, ordered_at=(TODAY - age).isoformat(), note=f"ara {PHONES[number % 3]}", customer_tckn=TCKN)
        for number, age in enumerate(ages)
    ]


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    """Orders of four ages: of yesterday, of two months, of eighteen months and of eleven years ago."""
    shop = Shop(engine, tmp_path / "shop", FindsPhones())
    shop.sync(*aged_orders(), now=TODAY - timedelta(days=365 * 12))  # when nothing of them was too old
    # What a load stored moments ago is never swept: here it was stored two days ago.
    with engine.database.tenant(shop.tenant_id, "vault") as connection:
        for table, column in (
            ("vault.originals", "created_at"),
            ("vault.identifiers", "first_seen_at"),
            ("vault.subjects", "created_at"),
        ):
            connection.execute(f"UPDATE {table} SET {column} = now() - interval '2 days'".encode())  # noqa: S608
    return shop


def retention(shop: Shop) -> Retention:
    return Retention(hub_of(shop))


def hold(shop: Shop, scope: Any, target: str) -> None:
    holds.place(shop.engine.database, shop.tenant_id, NewHold(scope, target, "litigation", "2026/1 E."), actor=ACTOR)


def engine_subject(shop: Shop) -> str:
    return shop.engine.keyring.tenant(shop.tenant_id).subject_id("tckn", shop.pseudonym("tckn", TCKN))


def everything(shop: Shop) -> list[tuple[Any, ...]]:
    """The tenant's rows without the marks of the load that brought them, and what the vault holds of them."""
    tables = (
        (
            "SELECT to_jsonb(o) - '{_load_id,_loaded_at}'::text[] FROM landing.siparis_orders o ORDER BY order_id",
            "loader",
        ),
        ("SELECT kind, pseudonym FROM vault.originals ORDER BY 1, 2", "vault"),
        ("SELECT kind, pseudonym FROM vault.identifiers ORDER BY 1, 2", "vault"),
        ("SELECT row_key, column_name FROM vault.texts ORDER BY 1, 2", "vault"),
        ("SELECT row_key, column_name FROM vault.mentions ORDER BY 1, 2", "vault"),
    )
    return [row for query, role in tables for row in shop.rows(query, role)]


class TestRun:
    def test_empties_coarsens_and_deletes_by_age_and_logs_it(self, shop: Shop) -> None:
        planned = retention(shop).plan(shop.tenant_id, now=TODAY)
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", PHONES[n % 3]) for n in range(4)]

        done = retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)

        landing = [
            (each.category, each.records, each.method) for each in done.due if each.dataset.startswith("landing")
        ]
        assert sorted(landing) == [
            ("ILETISIM", 1, "delete"),
            ("ILETISIM", 1, "erase"),
            ("MUSTERI", 2, "generalise"),
        ]
        assert {(each.dataset, each.method) for each in planned.due} >= {("landing.siparis_orders", "delete")}
        assert done.left == 0
        phones = [shop.pseudonym("phone", PHONES[n]) for n in range(2)]
        assert shop.landed("customer_phone") == [*phones, None]
        assert [float(each) for each in shop.landed("amount")] == [125.5, 126, 126]
        assert shop.landed("note")[2] == f"ara <TR_PHONE:{shop.pseudonym('phone', PHONES[2])}>"
        assert shop.rows("SELECT row_key FROM vault.texts ORDER BY 1", "vault") == [("S0",), ("S1",), ("S2",)]
        logged = shop.rows("SELECT dataset, category, records, method, verified FROM hub.destructions", "app")
        assert ("landing.siparis_orders", "ILETISIM", 1, "erase", "none_left") in logged
        assert "retention_planned" in {row[0] for row in shop.rows("SELECT action FROM hub.audit_log", "app")}

    def test_repeating_it_finds_nothing(self, shop: Shop) -> None:
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        assert retention(shop).plan(shop.tenant_id, now=TODAY).due == []

    def test_originals_that_no_row_refers_to_go_with_their_keys(self, shop: Shop) -> None:
        retention(shop).run(shop.tenant_id, now=TODAY + timedelta(days=366 * 10), actor=ACTOR)

        assert shop.landed("order_id") == []
        for table in ("originals", "identifiers", "texts", "mentions", "subjects"):
            assert shop.rows(f"SELECT 1 FROM vault.{table}", "vault") == []  # noqa: S608 - our own names
        with shop.engine.database.tenant_keys(shop.tenant_id) as connection:
            assert connection.execute("SELECT 1 FROM keys.subject_keys WHERE wrapped_key IS NOT NULL").fetchall() == []

    def test_a_run_that_is_ended_anywhere_is_made_good_by_the_next(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("hub.kvkk.retention.aged.ROWS_AT_ONCE", 1)
        stops = 0

        class Stop(Exception):
            pass

        def stop(stage: str) -> None:
            raise Stop(stage)

        while True:
            try:
                Retention(hub_of(shop), stop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
                break
            except Stop:
                stops += 1
        assert stops >= 4
        assert retention(shop).plan(shop.tenant_id, now=TODAY).due == []
        assert shop.landed("order_id") == ["S0", "S1", "S2"]


class TestAtLoad:
    def test_a_backfill_over_old_data_changes_nothing_of_what_a_sweep_left(self, shop: Shop) -> None:
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        left = everything(shop)

        (outcome,) = shop.sync(*aged_orders(), now=TODAY).tenants[shop.tenant_id].outcomes

        assert (outcome.state, outcome.rows_changed, outcome.expired, outcome.aged) == ("ok", 0, 1, 2)
        assert everything(shop) == left
        assert retention(shop).plan(shop.tenant_id, now=TODAY).due == []

    def test_a_first_load_leaves_what_a_load_and_a_sweep_would(self, shop: Shop, tmp_path: Path) -> None:
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        new = Shop(shop.engine, tmp_path / "new", FindsPhones())

        (outcome,) = new.sync(*aged_orders(), now=TODAY).tenants[new.tenant_id].outcomes

        assert (outcome.rows_seen, outcome.rows_changed, outcome.expired, outcome.aged) == (3, 3, 1, 2)
        assert (outcome.state, outcome.windows_loaded) == ("ok", 1)
        for column in ("order_id", "ordered_at", "amount", "delivery_day", "item_count"):
            assert new.landed(column) == shop.landed(column)
        assert new.landed("customer_phone") == [*(new.pseudonym("phone", PHONES[n]) for n in range(2)), None]
        assert [each for (each,) in new.rows("SELECT row_key FROM vault.texts ORDER BY 1", "vault")] == [
            "S0",
            "S1",
            "S2",
        ]
        assert sorted(new.originals().values()) == sorted(
            [PHONES[0], PHONES[1], *(f"musteri{n}@ornek.com" for n in range(3))]
        )
        assert retention(new).plan(new.tenant_id, now=TODAY).due == []

    def test_a_window_in_which_everything_is_over_is_done_and_the_stream_is_well(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        shop = Shop(engine, tmp_path / "shop", FindsPhones())
        (outcome,) = shop.sync(aged_orders()[3], now=TODAY).tenants[shop.tenant_id].outcomes

        assert (outcome.state, outcome.windows_loaded, outcome.rows_seen, outcome.expired) == ("ok", 1, 0, 1)
        assert shop.landed("order_id") == []
        assert shop.rows("SELECT 1 FROM vault.originals", "vault") == []
        synced = shop.rows("SELECT synced_until IS NOT NULL, state FROM hub.sync_state", "app")
        assert synced == [(True, "ok")]

    @pytest.mark.parametrize(
        ("scope", "target", "rows", "phones"),
        [
            ("tenant", "*", 4, 4),
            ("dataset", "landing.siparis_orders", 4, 4),
            ("category", "KIMLIK", 4, 2),
            ("dataset", "hub.mails", 3, 2),
        ],
    )
    def test_what_a_hold_keeps_comes_in(
        self, engine: Engine, tmp_path: Path, scope: str, target: str, rows: int, phones: int
    ) -> None:
        shop = Shop(engine, tmp_path / "shop", FindsPhones())
        hold(shop, scope, target)
        shop.sync(*aged_orders(), now=TODAY)

        assert len(shop.landed("order_id")) == rows
        assert sum(each is not None for each in shop.landed("customer_phone")) == phones

    def test_a_subject_under_a_hold_keeps_their_rows_as_they_come(self, shop: Shop) -> None:
        subject = engine_subject(shop)
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        hold(shop, "subject", subject)
        shop.sync(*aged_orders(), now=TODAY)

        assert len(shop.landed("order_id")) == 4
        assert shop.landed("customer_phone")[2] is not None

    def test_a_tenants_own_shorter_time_counts(self, engine: Engine, tmp_path: Path) -> None:
        shop = Shop(engine, tmp_path / "shop", FindsPhones())
        shop.decide("customer_email", "keep")  # for a year
        shop.sync(*aged_orders(), now=TODAY)

        assert [each is None for each in shop.landed("customer_email")] == [False, False, True]


class TestHolds:
    @pytest.mark.parametrize(("scope", "target"), [("tenant", "*"), ("dataset", "landing.siparis_orders")])
    def test_nothing_in_their_scope_goes(self, shop: Shop, scope: str, target: str) -> None:
        hold(shop, scope, target)
        done = retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        assert [each for each in done.due if each.dataset.startswith("landing")] == []
        assert len(shop.landed("order_id")) == 4
        assert shop.landed("customer_phone")[2] is not None

    def test_a_category_keeps_its_columns_and_their_rows(self, shop: Shop) -> None:
        hold(shop, "category", "ILETISIM")
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", PHONES[n % 3]) for n in range(4)]
        assert [float(each) for each in shop.landed("amount")][:3] == [125.5, 126, 126]

    def test_a_subject_keeps_the_rows_that_name_them(self, shop: Shop) -> None:
        hold(shop, "subject", engine_subject(shop))
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        assert len(shop.landed("order_id")) == 4
        assert shop.landed("customer_phone")[2] is not None

    def test_a_subject_keeps_rows_that_name_them_in_clear_and_as_they_come(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        shop = Shop(engine, tmp_path / "shop", FindsPhones())
        for column in ("customer_tckn", "customer_phone", "customer_email"):
            shop.decide(column, "keep")
        shop.sync(*aged_orders(), now=TODAY - timedelta(days=365 * 12))
        hold(shop, "subject", engine_subject(shop))
        assert retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR).left == 0
        assert shop.landed("customer_tckn") == [TCKN] * 4

        again = [order_ | {"order_id": f"Y{order_['order_id']}"} for order_ in aged_orders()]
        shop.sync(*again, now=TODAY)
        assert shop.landed("customer_tckn") == [TCKN] * 8

    def test_a_subject_keeps_what_is_linked_to_it_and_what_was_theirs_by_days(self, shop: Shop) -> None:
        database, keyring = shop.engine.database, shop.engine.keyring
        other, phone = "baska@ornek.com", "+90 532 000 00 09"
        old = {"ordered_at": (TODAY - timedelta(days=365 * 11)).isoformat(), "customer_tckn": None}
        shop.sync(
            order(7, customer_email=other, customer_phone=None, **old),
            order(8, customer_email=None, customer_phone=phone, **old),
            order(9, customer_email=None, customer_phone="+90 532 000 00 08", **old),
            now=TODAY - timedelta(days=365 * 12),
        )
        tckn, pool = ("tckn", shop.pseudonym("tckn", TCKN)), ("phone", shop.pseudonym("phone", phone))
        email = ("email", shop.pseudonym("email", other))
        links.link(database, keyring, shop.tenant_id, tckn, email, reason="same_person", actor=ACTOR)
        shared_identifiers.share(database, shop.tenant_id, pool, reason="family", actor=ACTOR)
        shared_identifiers.assign(
            database, keyring, shop.tenant_id, pool, tckn, since=None, until=None, reason="theirs", actor=ACTOR
        )
        hold(shop, "subject", keyring.tenant(shop.tenant_id).subject_id(*email))
        retention(shop).run(shop.tenant_id, now=TODAY, actor=ACTOR)
        assert shop.landed("order_id") == ["S0", "S1", "S2", "S3", "S7", "S8"]

    def test_what_the_vault_keeps_of_a_subject_is_not_due_for_ever(self, shop: Shop) -> None:
        hold(shop, "subject", engine_subject(shop))
        with shop.engine.database.tenant(shop.tenant_id, "eraser") as connection:
            connection.execute("DELETE FROM landing.siparis_orders WHERE tenant_id = %s", (shop.tenant_id,))
        assert retention(shop).plan(shop.tenant_id, now=TODAY).due == []


class TestPeriods:
    @pytest.mark.parametrize(
        ("day", "period", "expected"),
        [
            (date(2026, 3, 31), "P1M", date(2026, 2, 28)),
            (date(2024, 2, 29), "P1Y", date(2023, 2, 28)),
            (date(2026, 1, 15), "P1Y1M2W1D", date(2024, 11, 30)),
            (date(2026, 12, 31), "P30D", date(2026, 12, 1)),
        ],
    )
    def test_count_back_by_the_calendar(self, day: date, period: str, expected: date) -> None:
        assert minus(day, period) == expected

    def test_a_statute_counts_from_the_end_of_the_year_and_the_longest_one_wins(self) -> None:
        long = Statute("TTK", 10, "end_of_year", {"iyzico.settlement_files": ("buyer_name",)})
        short = Statute("MSY", 3, "record", {"iyzico.settlement_files": ("buyer_name",)})
        day = date(2026, 2, 3)
        assert long.kept_until(day) == date(2037, 1, 1)
        assert keeping("iyzico.settlement_files", "buyer_name", day, (short, long)) == ("TTK", date(2037, 1, 1))
        assert keeping("iyzico.settlement_files", "buyer_phone", day, (short, long)) is None

    def test_a_statute_keeps_a_column_longer_than_its_policy(self, engine: Engine) -> None:
        policy = engine.policies["siparis"].streams["orders"]
        landed = LandedStream("siparis", ORDERS, policy, policy)
        statute = Statute("X", 10, "end_of_year", {"siparis.orders": ("customer_phone",)})

        rules = rules_of(landed, now=TODAY)
        (cutoff,) = [each.before for each in rules.emptied if "customer_phone" in each.columns]
        assert cutoff == datetime(2029, 6, 14, 21, tzinfo=UTC)
        assert rules.deleted_before == datetime(2020, 6, 14, 21, tzinfo=UTC)

        rules = rules_of(landed, now=TODAY, statutes=(statute,))
        assert [each for each in rules.emptied if "customer_phone" in each.columns] == []
        assert rules.deleted_before == datetime(2019, 12, 31, 21, tzinfo=UTC)
