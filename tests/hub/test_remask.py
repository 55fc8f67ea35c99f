"""What a tenant chooses holds for the rows that are loaded: nothing stays readable that the stricter choice forbids."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.failure import ProviderFailure
from hub.errors import HubError
from hub.policies import overrides, rewrites
from hub.policies.place import place_of
from hub.settings import Settings
from hub.sync.batch import Engine
from kvkk_policies.detect.span import Span
from tests.fixtures.siparis import PROVIDER
from tests.support.overrides_shop import DAY, PHONES, POLICY, TCKN, Shop, order
from tests.support.shop import NoDetector, open_remasker_of, open_shop_engine, shop_installation

REPOSITORY = Path(__file__).parents[2]


class FindsPhones(NoDetector):
    """Finds the tests' own phones."""

    def scan(self, texts: Sequence[str]) -> list[list[Any]]:
        return [
            [Span(start, start + len(phone), "TR_PHONE") for phone in PHONES if (start := text.find(phone)) >= 0]
            for text in texts
        ]


@pytest.fixture(scope="module")
def shop_settings() -> Iterator[Settings]:
    with shop_installation(POLICY) as settings:
        yield settings


@pytest.fixture(scope="module")
def engine(shop_settings: Settings) -> Iterator[Engine]:
    opened = open_shop_engine(shop_settings, FindsPhones())
    yield opened
    opened.database.close()


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> Shop:
    return Shop(engine, tmp_path / "shop", FindsPhones())


@pytest.fixture
def other(engine: Engine, tmp_path: Path) -> Shop:
    return Shop(engine, tmp_path / "other", FindsPhones())


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that three orders are more than one batch."""
    monkeypatch.setattr("hub.policies.landed_rows.ROWS_AT_ONCE", 2)


ORDERS = [order(number) for number in range(3)]


def kept(shop: Shop, column: str = "customer_phone") -> Shop:
    """The shop after it chose to keep a column, and synced."""
    shop.choose(column, "keep")
    shop.sync(*ORDERS)
    return shop


class TestLoosening:
    def test_changes_nothing_loaded_until_a_new_sync_brings_readable_values(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        before = shop.landed("customer_phone")

        change = shop.decide("customer_phone", "keep")

        assert change.needs_sync
        assert shop.settle() == []
        assert shop.landed("customer_phone") == before == [shop.pseudonym("phone", phone) for phone in PHONES]
        # The provider's version of these orders is the same: the values differ, and so the rows are written anew.
        shop.sync(*ORDERS)
        assert shop.landed("customer_phone") == list(PHONES)

    def test_is_refused_where_the_policy_does_not_name_it(self, shop: Shop) -> None:
        with pytest.raises(HubError, match="override_not_allowed") as refused:
            shop.decide("customer_email", "partial", last=4)
        assert refused.value.params["allowed"] == "keep, drop"
        assert overrides.history(shop.engine.database, shop.tenant_id) == []


class TestTaggedRows:
    """keep → each stricter action, on values that stand in clear."""

    def test_taking_a_choice_back_masks_what_it_left_in_clear_and_keeps_the_originals(self, shop: Shop) -> None:
        kept(shop)
        assert shop.originals() == {
            shop.pseudonym("email", f"musteri{n}@ornek.com"): f"musteri{n}@ornek.com" for n in range(3)
        }

        (done,) = shop.take_back("customer_phone")

        pseudonyms = [shop.pseudonym("phone", phone) for phone in PHONES]
        assert done.rows == 3
        assert shop.landed("customer_phone") == pseudonyms
        assert {p: shop.originals()[p] for p in pseudonyms} == dict(zip(pseudonyms, PHONES, strict=True))
        assert shop.owed() == 0

    @pytest.mark.parametrize(
        ("action", "params", "expected"),
        [
            ("pseudonymise", {}, None),
            ("partial", {"last": 4}, ["*********0001", "*********0002", "*********0003"]),
            ("drop", {}, [None, None, None]),
        ],
    )
    def test_a_stricter_choice_reaches_what_is_loaded(
        self, shop: Shop, action: str, params: dict[str, Any], expected: list[Any] | None
    ) -> None:
        kept(shop)
        shop.choose("customer_phone", action, **params)

        landed = shop.landed("customer_phone")
        assert landed == (expected or [shop.pseudonym("phone", phone) for phone in PHONES])
        # A new sync would load the same.
        shop.sync(*ORDERS)
        assert shop.landed("customer_phone") == landed
        assert set(shop.originals()) & {shop.pseudonym("phone", phone) for phone in PHONES} == set()

    def test_a_time_becomes_its_day(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        shop.choose("ordered_at", "generalise", to="time", unit="day")
        assert shop.landed("ordered_at") == [datetime(2026, 10, 31, 21, tzinfo=UTC)] * 3

    def test_an_amount_is_emptied(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        shop.choose("amount", "drop")
        assert shop.landed("amount") == [None] * 3

    def test_a_text_is_scanned_and_its_original_goes_to_the_vault_of_whoever_the_row_is_about(self, shop: Shop) -> None:
        shop.choose("note", "keep")
        shop.sync(order(0, note=f"ara: {PHONES[0]}"), order(1, note="kapı ****"))
        assert shop.landed("note") == [f"ara: {PHONES[0]}", "kapı ****"]

        shop.take_back("note")

        assert shop.landed("note") == [f"ara: <TR_PHONE:{shop.pseudonym('phone', PHONES[0])}>", "kapı ****"]
        anchored = shop.engine.keyring.tenant(shop.tenant_id).subject_id("tckn", shop.pseudonym("tckn", TCKN))
        texts = shop.rows("SELECT row_key, column_name, replace(subject_id::text, '-', '') FROM vault.texts", "vault")
        assert texts == [("S0", "note", anchored)]
        assert shop.rows("SELECT row_key, kind FROM vault.mentions", "vault") == [("S0", "phone")]


class TestWhomAnOriginalBelongsTo:
    @pytest.mark.parametrize("tckn_in_clear", [False, True])
    def test_it_is_the_strongest_identifier_of_the_row_as_at_a_sync(
        self, shop: Shop, other: Shop, *, tckn_in_clear: bool
    ) -> None:
        for each in (shop, other):
            if tckn_in_clear:
                each.choose("customer_tckn", "keep")
            each.choose("customer_phone", "keep")
            each.sync(*ORDERS)
        # One is rewritten, the other is synced anew: both must hold the same.
        shop.take_back("customer_phone")
        other.decide("customer_phone", "pseudonymise")
        overrides.take_back(
            other.engine.database, other.tenant_id, other.place("customer_phone"), decided_by="Ayşe Yetkili"
        )
        other.sync(*ORDERS)

        def subjects(of: Shop, table: str) -> set[tuple[str, str]]:
            found = of.rows(f"SELECT pseudonym, replace(subject_id::text, '-', '') FROM vault.{table}", "vault")  # noqa: S608
            tenant = of.engine.keyring.tenant(of.tenant_id)
            people = {
                tenant.subject_id(kind, of.pseudonym(kind, value)): value
                for kind, value in [("tckn", TCKN), *(("phone", phone) for phone in PHONES)]
            }
            own = {of.pseudonym("phone", phone): phone for phone in PHONES}
            return {(own[pseudonym], people[subject]) for pseudonym, subject in found if pseudonym in own}

        assert subjects(shop, "originals") == {(PHONES[0], TCKN), (PHONES[1], PHONES[1]), (PHONES[2], PHONES[2])}
        assert subjects(shop, "originals") == subjects(other, "originals")
        assert subjects(shop, "identifiers") == subjects(other, "identifiers")


class TestPseudonyms:
    def test_are_left_alone_where_a_choice_had_not_been_synced_yet(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        shop.choose("customer_phone", "keep")
        shop.sync(order(0))

        (done,) = shop.take_back("customer_phone")

        assert done.rows == 1
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]
        assert sorted(shop.originals().values()) == sorted([*PHONES, *(f"musteri{n}@ornek.com" for n in range(3))])

    def test_go_when_the_column_is_dropped_and_so_do_their_originals(self, shop: Shop, other: Shop) -> None:
        for each in (shop, other):
            each.sync(*ORDERS)

        (done,) = shop.choose("customer_phone", "drop")

        assert (done.rows, done.retired) == (3, 3)
        assert shop.landed("customer_phone") == [None] * 3
        assert sorted(shop.originals().values()) == [f"musteri{n}@ornek.com" for n in range(3)]
        assert other.landed("customer_phone") == [other.pseudonym("phone", phone) for phone in PHONES]
        assert len(other.originals()) == 6

    def test_stay_without_an_original_when_only_the_vault_is_given_up(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        (done,) = shop.choose("customer_phone", "pseudonymise")
        assert (done.rows, done.retired) == (0, 3)
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]

    def test_no_load_that_saw_an_original_in_the_vault_commits_after_it_left(self, shop: Shop) -> None:
        shop.sync(*ORDERS)
        with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
            connection.execute(
                "INSERT INTO hub.sync_state (tenant_id, provider, stream, fence) VALUES (%s, 'siparis', 'more', 7)",
                (shop.tenant_id,),
            )
        shop.choose("customer_phone", "drop")
        assert shop.rows("SELECT fence FROM hub.sync_state WHERE stream = 'more'", "app") == [(8,)]

    def test_an_original_that_another_column_refers_to_stays(self, shop: Shop) -> None:
        shop.sync(order(0, customer_email="bir@ornek.com"))
        # A second column with the same value: the landed row is what counts, whatever brought it.
        with shop.engine.database.tenant(shop.tenant_id, "loader") as connection:
            connection.execute(
                "UPDATE landing.siparis_orders SET customer_phone = customer_email WHERE tenant_id = %s",
                (shop.tenant_id,),
            )
        shop.choose("customer_phone", "drop")
        assert shop.originals()[shop.pseudonym("email", "bir@ornek.com")] == "bir@ornek.com"


def test_a_part_from_which_the_new_form_does_not_follow_is_emptied_until_the_next_sync(shop: Shop) -> None:
    shop.choose("customer_phone", "partial", last=4)
    shop.sync(*ORDERS)
    overrides.take_back(shop.engine.database, shop.tenant_id, shop.place("customer_phone"), decided_by="A")
    shop.settle()
    assert shop.landed("customer_phone") == [None] * 3
    shop.sync(*ORDERS)
    assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]


def test_an_original_text_leaves_the_vault_with_the_choice_that_drops_it(shop: Shop) -> None:
    shop.sync(order(0, note=f"ara: {PHONES[0]}"))
    assert shop.rows("SELECT row_key FROM vault.texts", "vault") == [("S0",)]
    shop.choose("note", "drop")
    assert shop.landed("note") == [None]
    assert shop.rows("SELECT row_key FROM vault.texts", "vault") == []
    assert shop.rows("SELECT row_key FROM vault.mentions", "vault") == []


class TestOtherTenants:
    def test_keep_their_rows_and_their_choices(self, shop: Shop, other: Shop) -> None:
        kept(shop)
        kept(other)
        before = other.rows("SELECT order_id, customer_phone, _loaded_at FROM landing.siparis_orders ORDER BY 1")

        shop.take_back("customer_phone")

        assert (
            other.rows("SELECT order_id, customer_phone, _loaded_at FROM landing.siparis_orders ORDER BY 1") == before
        )
        assert [row[1] for row in before] == list(PHONES)
        assert [choice.column for choice in overrides.listed(other.engine.database, other.tenant_id)] == [
            "customer_phone"
        ]


class TestABatchInFlight:
    @pytest.mark.parametrize("stage", ["fetched", "vaulted", "staged"])
    def test_that_read_the_old_choice_commits_nothing(self, shop: Shop, stage: str) -> None:
        kept(shop)

        def decide(reached: str, _tenant_id: str) -> None:
            if reached == stage and overrides.listed(shop.engine.database, shop.tenant_id):
                shop.take_back("customer_phone")

        result = shop.sync(*ORDERS, order(3), hook=decide)

        (outcome,) = result.tenants[shop.tenant_id].outcomes
        assert outcome.superseded
        assert result.failed == 0
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", phone) for phone in PHONES]
        shop.sync(*ORDERS, order(3))
        assert len(shop.landed("customer_phone")) == 4
        assert all(value.startswith("phone_") for value in shop.landed("customer_phone"))

    def test_that_is_the_first_of_its_stream_is_held_up_too(self, shop: Shop) -> None:
        shop.choose("customer_phone", "keep")

        def decide(reached: str, _tenant_id: str) -> None:
            if reached == "staged" and overrides.listed(shop.engine.database, shop.tenant_id):
                shop.take_back("customer_phone")

        assert shop.sync(*ORDERS, hook=decide).tenants[shop.tenant_id].outcomes[0].superseded
        assert shop.landed("customer_phone") == []

    def test_that_works_by_an_older_policy_file_commits_nothing(self, shop: Shop) -> None:
        def newer(reached: str, _tenant_id: str) -> None:
            if reached == "staged":
                with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
                    connection.execute("UPDATE hub.sync_state SET policy_version = 2")

        outcome = shop.sync(*ORDERS, hook=newer).tenants[shop.tenant_id].outcomes[0]
        assert outcome.failed is not None
        assert outcome.failed.code == "claim_lost"
        assert shop.landed("customer_phone") == []


class TestANewerSync:
    def test_is_not_overwritten_by_a_rewriting_that_read_the_row_before(self, shop: Shop) -> None:
        kept(shop)
        shop.decide("customer_phone", "drop")
        shop.decide("customer_phone", "pseudonymise")
        newer = [order(number, customer_phone=PHONES[2]) for number in range(3)]

        def sync(stage: str) -> None:
            if stage == "vaulted" and not synced:
                synced.append(True)
                shop.sync(*newer)

        synced: list[bool] = []
        shop.settle(hook=sync)

        assert synced
        assert shop.landed("customer_phone") == [shop.pseudonym("phone", PHONES[2])] * 3

    def test_keeps_its_original_text_in_the_vault(self, shop: Shop) -> None:
        shop.choose("note", "keep")
        shop.sync(order(0, note=f"eski {PHONES[0]}"))
        overrides.take_back(shop.engine.database, shop.tenant_id, shop.place("note"), decided_by="A")
        real = shop.engine.vault

        class SyncsFirst:
            """A sync whose text reaches the vault between the reading of the row and our own storing."""

            def store(self, *arguments: Any, **named: Any) -> Any:
                shop.sync(order(0, note=f"yeni {PHONES[1]}"))
                return real.store(*arguments, **named)

        remasker = open_remasker_of(shop.engine, FindsPhones())
        object.__setattr__(remasker, "vault", SyncsFirst())
        remasker.settle(shop.tenant_id)

        assert shop.landed("note") == [f"yeni <TR_PHONE:{shop.pseudonym('phone', PHONES[1])}>"]
        assert shop.text("S0", "note") == f"yeni {PHONES[1]}"


class TestKilled:
    @pytest.mark.parametrize("stage", ["vaulted", "rewritten"])
    def test_anywhere_it_is_made_good_by_the_next_one(self, shop: Shop, shop_settings: Settings, stage: str) -> None:
        kept(shop)
        shop.decide("customer_phone", "partial", last=4)
        worker = [sys.executable, "-m", "tests.support.remask_worker", str(shop_settings.home), shop.tenant_id, stage]
        killed = subprocess.run(worker, cwd=REPOSITORY, check=False, env=None)
        assert killed.returncode == -signal.SIGKILL
        assert shop.owed() == 1

        shop.settle()

        assert shop.landed("customer_phone") == ["*********0001", "*********0002", "*********0003"]
        assert shop.owed() == 0

    def test_between_vault_and_landing_no_row_lost_its_original(self, shop: Shop) -> None:
        kept(shop)

        def fail(stage: str) -> None:
            if stage == "vaulted":
                raise ProviderFailure("transient", "provider_error")

        overrides.take_back(shop.engine.database, shop.tenant_id, shop.place("customer_phone"), decided_by="A")
        with pytest.raises(ProviderFailure):
            shop.settle(hook=fail)
        assert shop.landed("customer_phone") == list(PHONES)
        assert set(PHONES[:2]) <= set(shop.originals().values())
        shop.settle()
        assert set(PHONES) <= set(shop.originals().values())

    def test_the_next_decision_pays_what_the_last_one_owes(self, shop: Shop) -> None:
        kept(shop)
        shop.decide("customer_phone", "drop")
        shop.choose("customer_email", "drop")
        assert shop.landed("customer_phone") == shop.landed("customer_email") == [None] * 3


class TestOneTenantAtATime:
    def test_no_decision_comes_between_the_batches_of_a_rewriting(self, shop: Shop, other: Shop) -> None:
        kept(shop)
        kept(other)
        shop.decide("customer_phone", "drop")
        free: list[tuple[bool, bool]] = []

        def try_both(_stage: str) -> None:
            query = "SELECT pg_try_advisory_xact_lock(hashtextextended('hub.policy.' || '{}', 0))"
            mine, theirs = (shop.rows(query.format(each.tenant_id), "app")[0][0] for each in (shop, other))
            free.append((mine, theirs))

        shop.settle(hook=try_both)
        assert set(free) == {(False, True)}
        with shop.engine.database.tenant(shop.tenant_id, "app") as connection:
            rewrites.hold(connection, shop.tenant_id)
            assert not shop.rows(
                f"SELECT pg_try_advisory_xact_lock(hashtextextended('hub.policy.{shop.tenant_id}', 0))", "app"
            )[0][0]


class TestBookkeeping:
    def test_models_are_due_and_the_rows_tell_when_this_copy_came(self, shop: Shop) -> None:
        kept(shop)
        query = "SELECT max(_loaded_at), max(_policy_version), max(_first_loaded_at) FROM landing.siparis_orders"
        (before,) = shop.rows(query)
        (changed,) = shop.rows("SELECT changed_at FROM hub.sync_state")
        shop.take_back("customer_phone")
        (after,) = shop.rows(query)
        assert after[0] > before[0]
        assert after[1:] == before[1:]
        assert shop.rows("SELECT changed_at FROM hub.sync_state")[0] > changed
        assert shop.rows("SELECT rewrite_due FROM hub.generated_tables WHERE table_name = 'siparis_orders'", "app") == [
            (True,)
        ]

    def test_every_decision_is_kept_with_who_and_when(self, shop: Shop) -> None:
        shop.choose("customer_phone", "keep")
        shop.choose("customer_phone", "partial", last=4)
        shop.take_back("customer_phone")
        said = overrides.history(shop.engine.database, shop.tenant_id)
        assert [(each.decision, each.action, dict(each.params)) for each in said] == [
            ("removed", "partial", {"last": 4}),
            ("set", "partial", {"last": 4}),
            ("set", "keep", {}),
        ]
        assert {each.decided_by for each in said} == {"Ayşe Yetkili"}
        assert said[0].decided_at > said[1].decided_at > said[2].decided_at > DAY
        assert overrides.listed(shop.engine.database, shop.tenant_id) == []

    def test_a_decision_can_neither_be_changed_nor_deleted(self, shop: Shop) -> None:
        from psycopg.errors import InsufficientPrivilege

        shop.choose("customer_phone", "keep")
        for statement in ("UPDATE hub.policy_decisions SET decided_by = 'x'", "DELETE FROM hub.policy_decisions"):
            with (
                pytest.raises(InsufficientPrivilege),
                shop.engine.database.tenant(shop.tenant_id, "app") as connection,
            ):
                connection.execute(statement.encode())

    def test_there_must_be_a_choice_to_take_back(self, shop: Shop) -> None:
        with pytest.raises(HubError, match="override_missing"):
            shop.take_back("customer_phone")

    def test_the_place_must_exist(self, shop: Shop) -> None:
        providers = {PROVIDER.name: PROVIDER}
        policies = shop.engine.policies
        for names, code in (
            (("nobody", "orders", "note"), "provider_unknown"),
            (("siparis", "nothing", "note"), "stream_unknown"),
            (("siparis", "orders", "nothing"), "override_column_unknown"),
        ):
            with pytest.raises(HubError, match=code):
                place_of(providers, policies, provider=names[0], stream=names[1], column=names[2])
