"""`hub actions caps`, as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.actions import Cost
from connectors.istanbul import day_of
from hub.db.database import Database
from hub.outbox.caps.spending import reserve
from tests.hub.cli.conftest import Run

MakeTenant = Callable[..., str]


def test_a_cap_is_set_and_listed_with_what_was_used(hub: Run, make_tenant: MakeTenant, database: Database) -> None:
    tenant = make_tenant()
    with database.tenant(tenant, "app") as connection:
        cost = Cost(units=3, amount=Decimal("0.215"))
        assert reserve(connection, tenant, "findeks", day_of(datetime.now(UTC)), cost, 2) is None
    done = hub("actions", "caps", "set", "findeks", "--tenant", tenant, "--daily-count", "20", "--daily-amount", "500")
    assert (done.status, done.out) == (0, "Cap a day at findeks: 20 actions, TRY500.00.\n"), done.err
    listed: Any = hub("actions", "caps", "list", "--tenant", tenant, "--json").json()
    assert [(each["provider"], each["daily_count"]) for each in listed["caps"]] == [("findeks", 20)]
    assert [(each["count"], each["units"]) for each in listed["spent"]] == [(2, 6)]
    shown = hub("--lang", "tr", "actions", "caps", "list", "--tenant", tenant).out
    assert "₺500,00" in shown
    assert "₺0,43" in shown


def test_a_unit_price_keeps_its_places(hub: Run, make_tenant: MakeTenant, database: Database) -> None:
    tenant = make_tenant()
    with database.tenant(tenant, "app") as connection:
        reserve(connection, tenant, "findeks", day_of(datetime.now(UTC)), Cost(amount=Decimal("0.2155")))
    assert "0.2155" in hub("actions", "caps", "list", "--tenant", tenant).out


def test_a_wrong_number_is_named(hub: Run, make_tenant: MakeTenant) -> None:
    wrong = hub("actions", "caps", "set", "findeks", "--tenant", make_tenant(), "--daily-amount", "much")
    assert wrong.status == 1
    assert "daily_amount" in wrong.err


def test_an_unknown_provider_is_told(hub: Run, make_tenant: MakeTenant) -> None:
    wrong = hub("actions", "caps", "set", "nobody", "--tenant", make_tenant(), "--daily-count", "1")
    assert wrong.status != 0
    assert "nobody" in wrong.err
