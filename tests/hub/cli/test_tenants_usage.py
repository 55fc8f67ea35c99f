"""What a tenant uses of its plan, as a person and a machine read it; and a sync that the plan does not allow."""

from __future__ import annotations

import json
import re
from typing import Any

from hub.control import usage
from hub.db.database import Database
from tests.hub.cli.conftest import Run


def test_use_stands_beside_what_is_allowed(hub: Run, make_tenant: Any, database: Database) -> None:
    tenant_id = make_tenant(plan="trial", limits='{"actions_per_day": 12}')
    with database.tenant(tenant_id, "app") as connection:
        usage.use(connection, tenant_id, "actions_asked", 5)

    shown = hub("tenants", "usage", tenant_id)
    machine = hub("tenants", "usage", tenant_id, "--json").json()

    assert "Plan trial" in shown.out
    assert {"name": "actions_per_day", "used": 5, "allowed": 12} in machine["usage"]
    assert re.search(r"Actions today\W+5\W+12\b", shown.out)


def test_it_speaks_turkish(hub: Run, make_tenant: Any) -> None:
    shown = hub("--lang", "tr", "tenants", "usage", make_tenant())

    assert "Bugünkü işlemler" in shown.out


def test_a_sync_beyond_the_plans_is_refused_before_anything_runs(
    hub: Run, make_tenant: Any, database: Database
) -> None:
    spent, other = (make_tenant(limits='{"syncs_per_day": 1}') for _ in range(2))
    with database.tenant(spent, "app") as connection:
        usage.use(connection, spent, "syncs_asked")

    refused = hub("sync", "iyzico", "--tenant", other, "--tenant", spent, "--json")

    assert json.loads(refused.err)["error"]["code"] == "plan_used_up_today"
    assert [each.used for each in usage.usage_of(database, other).usage if each.name == "syncs_per_day"] == [0]
