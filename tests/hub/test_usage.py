"""What a day's use is counted as, and who is stopped by it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hub.control import usage
from hub.control.plans import LIMIT_NAMES, LIMITS
from hub.db.database import Database
from hub.errors import HubError
from tests.conftest import MakeTenant


def used(database: Database, tenant_id: str, name: str) -> int | None:
    return next(each.used for each in usage.usage_of(database, tenant_id).usage if each.name == name)


def test_a_day_is_used_up_and_what_does_not_fit_is_taken_back_whole(
    database: Database, make_tenant: MakeTenant
) -> None:
    tenant_id = make_tenant(limits='{"actions_per_day": 10}')
    with database.tenant(tenant_id, "app") as connection:
        usage.use(connection, tenant_id, "actions_asked", 8)

    with (
        pytest.raises(HubError, match="plan_used_up_today") as refused,
        database.tenant(tenant_id, "app") as connection,
    ):
        usage.use(connection, tenant_id, "actions_asked", 3)

    assert refused.value.params["allowed"] == 10
    with database.tenant(tenant_id, "app") as connection:
        # Counted from another side: PostgreSQL's own idea of where the Istanbul day ends.
        row = connection.execute(
            "SELECT extract(epoch FROM date_trunc('day', now(), 'Europe/Istanbul') + interval '24 hours' - now())"
        ).fetchone()
    assert row is not None
    assert (int(refused.value.params["retry_seconds"]) - float(row[0])) % 86_400 <= 60
    assert used(database, tenant_id, "actions_per_day") == 8
    with database.tenant(tenant_id, "app") as connection:
        usage.use(connection, tenant_id, "actions_asked", 2)
    assert used(database, tenant_id, "actions_per_day") == 10


def test_of_many_at_once_no_more_pass_than_the_plan_allows(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant(limits='{"syncs_per_day": 3}')
    begin = threading.Barrier(6)

    def ask() -> bool:
        begin.wait()
        try:
            with database.tenant(tenant_id, "app") as connection:
                usage.use(connection, tenant_id, "syncs_asked")
        except HubError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        allowed = [pool.submit(ask) for _ in range(6)]

    assert sum(each.result() for each in allowed) == 3
    assert used(database, tenant_id, "syncs_per_day") == 3


def test_yesterdays_use_is_over(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant(limits='{"actions_per_day": 5}')
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.usage_days (tenant_id, day, what, count) VALUES"
            " (%s, (now() AT TIME ZONE 'Europe/Istanbul')::date - 1, 'actions_asked', 5)",
            (tenant_id,),
        )
        usage.use(connection, tenant_id, "actions_asked", 5)

    assert used(database, tenant_id, "actions_per_day") == 5


def test_as_many_as_fit_are_counted_and_no_more(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant(limits='{"actions_per_day": 5}')
    with database.tenant(tenant_id, "app") as connection:
        fits = [usage.use_what_fits(connection, tenant_id, "actions_sent", 3) for _ in range(3)]

    assert fits == [3, 2, 0]
    assert used(database, tenant_id, "actions_per_day") == 5


def test_use_is_shown_against_the_plan_and_the_tenants_own_numbers(database: Database, make_tenant: MakeTenant) -> None:
    tenant_id = make_tenant(plan="starter", limits='{"webhooks_per_minute": 7}')

    found = usage.usage_of(database, tenant_id)

    assert found.plan == "starter"
    assert {each.name: each.allowed for each in found.usage} | {"webhooks_per_minute": 3_000} == {
        name: getattr(LIMITS["starter"], name)
        for name in LIMIT_NAMES
        if name not in {"least_interval_minutes", "history_days"}
    }
    assert [each.allowed for each in found.usage if each.name == "webhooks_per_minute"] == [7]
    assert {each.used for each in found.usage} == {0, None}


def test_a_dearer_plan_allows_at_least_as_much_of_everything() -> None:
    plans = list(LIMITS.values())
    for name in LIMIT_NAMES:
        numbers = [getattr(each, name) for each in plans]

        assert numbers == sorted(numbers, reverse=name == "least_interval_minutes")


def test_nobody_counts_for_a_tenant_that_is_not_there(database: Database) -> None:
    with pytest.raises(HubError, match="tenant_unknown"):
        usage.usage_of(database, "tzzzzzzzzzzz")
