"""Caps hold however many processes reserve at once: real transactions on the real database."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from threading import Barrier

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.actions import Cost
from hub.db.database import Database
from hub.errors import HubError
from hub.kvkk.audit_listing import entries
from hub.migrations.connections import outside_transaction
from hub.outbox.caps.limits import Cap, NewCap, caps, set_cap
from hub.outbox.caps.spending import Fit, Spent, correct, release, reserve, reserve_many, spent
from hub.settings import Settings
from hub.validation import InvalidInput, checked
from tests.support.waiting import until

MakeTenant = Callable[..., str]
DAY = date(2026, 11, 18)
WORKERS = 4


@pytest.fixture
def tenant_id(make_tenant: MakeTenant) -> str:
    return make_tenant()


def cap(database: Database, tenant_id: str, **values: object) -> Cap:
    return set_cap(database, tenant_id, "findeks", checked(NewCap, values))


def lira(amount: str, units: int = 1) -> Cost:
    return Cost(units=units, amount=Decimal(amount))


def reserved(database: Database, tenant_id: str, cost: Cost, count: int = 1, day: date = DAY) -> str | None:
    with database.tenant(tenant_id, "app") as connection:
        return reserve(connection, tenant_id, "findeks", day, cost, count)


def used(database: Database, tenant_id: str) -> list[Spent]:
    with database.tenant(tenant_id, "app") as connection:
        return spent(connection, tenant_id, since=DAY - timedelta(days=1), until=DAY + timedelta(days=1))


class TestReserving:
    def test_without_a_cap_everything_is_counted(self, database: Database, tenant_id: str) -> None:
        assert reserved(database, tenant_id, lira("1.25", units=2), 3) is None
        assert used(database, tenant_id) == [Spent("findeks", DAY, "TRY", 3, 6, Decimal("3.75"))]

    def test_the_last_action_that_fits_is_taken_and_the_next_refused(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=2)
        assert [reserved(database, tenant_id, lira("1")) for _ in range(3)] == [None, None, "spend_cap_count"]
        assert used(database, tenant_id)[0].count == 2

    def test_money_is_refused_to_the_kurus(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_amount="10.00")
        assert reserved(database, tenant_id, lira("9.99")) is None
        assert reserved(database, tenant_id, lira("0.02")) == "spend_cap_amount"
        assert reserved(database, tenant_id, lira("0.01")) is None
        assert used(database, tenant_id)[0].amount == Decimal("10.00")

    def test_several_at_once_are_taken_whole_or_not_at_all(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=3)
        assert reserved(database, tenant_id, lira("1"), 4) == "spend_cap_count"
        assert used(database, tenant_id) == []

    def test_a_cap_of_nothing_allows_nothing(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=0)
        assert reserved(database, tenant_id, lira("0")) == "spend_cap_count"

    def test_what_costs_nothing_passes_a_cap_of_money_that_is_used_up(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_amount="1")
        assert reserved(database, tenant_id, lira("1")) is None
        assert reserved(database, tenant_id, lira("0")) is None

    def test_a_cost_in_another_currency_cannot_be_added_up_and_is_refused(
        self, database: Database, tenant_id: str
    ) -> None:
        cap(database, tenant_id, daily_amount="100")
        assert reserved(database, tenant_id, Cost(amount=Decimal(1), currency="USD")) == "spend_cap_currency"
        cap(database, tenant_id, daily_amount="100", currency="USD")
        assert reserved(database, tenant_id, Cost(amount=Decimal(1), currency="USD")) is None

    def test_a_new_day_begins_at_nothing(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=1)
        days = (DAY, DAY, DAY + timedelta(days=1))
        assert [reserved(database, tenant_id, lira("1"), day=day) for day in days] == [None, "spend_cap_count", None]

    def test_another_tenants_cap_and_use_do_not_count(
        self, database: Database, tenant_id: str, make_tenant: MakeTenant
    ) -> None:
        other = make_tenant()
        cap(database, other, daily_count=0)
        assert reserved(database, tenant_id, lira("1")) is None
        assert used(database, other) == []

    def test_a_reservation_is_undone_with_its_transaction(self, database: Database, tenant_id: str) -> None:
        with database.tenant(tenant_id, "app") as connection:
            reserve(connection, tenant_id, "findeks", DAY, lira("1"))
            raise psycopg.Rollback
        assert used(database, tenant_id) == []

    def test_who_waited_for_another_reservation_counts_on_top_of_it(
        self, installation: Settings, database: Database, tenant_id: str
    ) -> None:
        cap(database, tenant_id, daily_count=3)
        reserved(database, tenant_id, lira("1"))

        def waits() -> bool:
            with outside_transaction(installation, "data") as admin:
                return admin.execute("SELECT FROM pg_locks WHERE NOT granted").fetchone() is not None

        with ThreadPoolExecutor(1) as pool:
            with database.tenant(tenant_id, "app") as connection:
                assert reserve(connection, tenant_id, "findeks", DAY, lira("1"), 2) is None
                second = pool.submit(reserved, database, tenant_id, lira("1"))
                until("the second reservation waits", waits, seconds=20)
            assert second.result() == "spend_cap_count"


class TestManyAtOnce:
    def test_two_batches_that_name_currencies_the_other_way_round_do_not_lock_each_other_out(
        self, database: Database, tenant_id: str
    ) -> None:
        dollar = Cost(amount=Decimal(1), currency="USD")
        for day in range(20):
            start = Barrier(2)

            def ask(costs: list[Cost], day: int = day, start: Barrier = start) -> Fit:
                with database.tenant(tenant_id, "app") as connection:
                    start.wait(20)
                    return reserve_many(connection, tenant_id, "findeks", DAY + timedelta(days=day), costs)

            with ThreadPoolExecutor(2) as pool:
                batches = [lira("1"), dollar], [dollar, lira("1")]
                assert [found.result() for found in [pool.submit(ask, each) for each in batches]] == [Fit(2)] * 2

    def test_as_many_as_fit_are_taken_in_their_order(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_amount="10")
        costs = [lira("4", units=2), lira("5"), lira("3"), lira("1")]
        with database.tenant(tenant_id, "app") as connection:
            fit = reserve_many(connection, tenant_id, "findeks", DAY, costs)
        assert fit == Fit(2, "spend_cap_amount"), "the cheap one behind does not overtake"
        assert used(database, tenant_id) == [Spent("findeks", DAY, "TRY", 2, 3, Decimal(9))]

    def test_all_of_them_without_a_cap(self, database: Database, tenant_id: str) -> None:
        costs = [lira("1"), Cost(amount=Decimal(2), currency="EUR"), lira("3")]
        with database.tenant(tenant_id, "app") as connection:
            assert reserve_many(connection, tenant_id, "findeks", DAY, costs) == Fit(3)
            assert reserve_many(connection, tenant_id, "findeks", DAY, []) == Fit(0)
        found = {each.currency: (each.count, each.amount) for each in used(database, tenant_id)}
        assert found == {"TRY": (2, Decimal(4)), "EUR": (1, Decimal(2))}


class TestAfterwards:
    def test_what_was_not_done_is_given_back_and_may_be_spent_again(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=1)
        assert reserved(database, tenant_id, lira("2", units=3)) is None
        with database.tenant(tenant_id, "app") as connection:
            release(connection, tenant_id, "findeks", DAY, lira("2", units=3))
        assert used(database, tenant_id) == []
        assert reserved(database, tenant_id, lira("2")) is None

    def test_giving_back_too_much_leaves_no_credit(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=1)
        reserved(database, tenant_id, lira("2"))
        with database.tenant(tenant_id, "app") as connection:
            release(connection, tenant_id, "findeks", DAY, lira("2"), 5)
        assert [reserved(database, tenant_id, lira("1")) for _ in range(2)] == [None, "spend_cap_count"]

    def test_the_real_cost_takes_the_estimates_place_even_above_the_cap(
        self, database: Database, tenant_id: str
    ) -> None:
        cap(database, tenant_id, daily_amount="10")
        reserved(database, tenant_id, lira("8"))
        with database.tenant(tenant_id, "app") as connection:
            correct(connection, tenant_id, "findeks", DAY, estimate=lira("8"), real=Decimal("12.5"))
        assert used(database, tenant_id)[0].amount == Decimal("12.5")
        assert reserved(database, tenant_id, lira("0.01")) == "spend_cap_amount"


class TestSettingCaps:
    def test_a_cap_replaces_the_former_one_as_a_whole_and_is_in_the_audit_log(
        self, database: Database, tenant_id: str
    ) -> None:
        cap(database, tenant_id, daily_count=5)
        cap(database, tenant_id, daily_amount="7.5")
        with database.tenant(tenant_id, "app") as connection:
            assert caps(connection, tenant_id) == [Cap("findeks", "TRY", None, Decimal("7.5"))]
        logged = [entry for entry in entries(database, tenant_id) if entry.action == "spend_cap.set"]
        assert len(logged) == 2

    def test_an_empty_cap_lifts_it(self, database: Database, tenant_id: str) -> None:
        cap(database, tenant_id, daily_count=0)
        cap(database, tenant_id)
        assert reserved(database, tenant_id, lira("1")) is None
        with database.tenant(tenant_id, "app") as connection:
            assert caps(connection, tenant_id) == []

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"daily_count": -1}, "daily_count"),
            ({"daily_count": "many"}, "daily_count"),
            ({"daily_amount": "-0.01"}, "daily_amount"),
            ({"daily_amount": "NaN"}, "daily_amount"),
            ({"currency": "lira"}, "currency"),
        ],
    )
    def test_a_wrong_number_is_named(self, values: dict[str, object], field: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            checked(NewCap, values)
        assert [problem.field for problem in caught.value.problems] == [field]

    def test_an_unknown_provider_is_refused(self, database: Database, tenant_id: str) -> None:
        with pytest.raises(HubError, match="provider_unknown"):
            set_cap(database, tenant_id, "nobody", NewCap(daily_count=1))


# The pool's own threads draw jitter while hypothesis watches the random module.
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    limits=st.tuples(st.integers(0, 25), st.decimals("0", "40", places=2)),
    work=st.lists(
        st.lists(
            st.tuples(
                st.lists(
                    st.decimals("0", "4", places=2).map(lambda amount: Cost(amount=amount)), min_size=1, max_size=5
                ),
                st.booleans(),
            ),
            min_size=1,
            max_size=5,
        ),
        min_size=WORKERS,
        max_size=WORKERS,
    ),
)
def test_concurrent_reservations_never_pass_the_cap_and_nothing_is_lost(
    database: Database,
    make_tenant: MakeTenant,
    limits: tuple[int, Decimal],
    work: list[list[tuple[list[Cost], bool]]],
) -> None:
    """Each worker reserves batches in transactions of its own, some of which roll back."""
    tenant_id = make_tenant()
    count, amount = limits
    cap(database, tenant_id, daily_count=count, daily_amount=amount)
    together = Barrier(WORKERS)

    def spend(batches: list[tuple[list[Cost], bool]]) -> list[Cost]:
        together.wait()
        kept: list[Cost] = []
        for costs, undone in batches:
            with database.tenant(tenant_id, "app") as connection:
                if len(costs) == 1:
                    fits = 0 if reserve(connection, tenant_id, "findeks", DAY, costs[0]) else 1
                else:
                    fits = reserve_many(connection, tenant_id, "findeks", DAY, costs).count
                if undone:
                    raise psycopg.Rollback
                kept += costs[:fits]
        return kept

    with ThreadPoolExecutor(WORKERS) as pool:
        kept = [cost for each in pool.map(spend, work) for cost in each]
    assert len(kept) <= count
    total = sum((cost.amount for cost in kept), Decimal(0))
    assert total <= amount
    found = used(database, tenant_id)
    assert [(each.count, each.amount) for each in found] == ([(len(kept), total)] if kept else [])
