"""`hub sync` ends with 0 only when everything that was asked for was synced."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.db.database import Database
from tests.hub.cli.conftest import Run

STREAM = ("--stream", "subscription_customers")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=5, pace=Pace(rows_per_day=1, history_days=1, subscribers=2)) as running:
        yield running


@pytest.fixture
def account(hub: Run, tenant: dict[str, Any], sandbox: Sandbox) -> str:
    """A tenant whose credentials have passed their test."""
    place = ("--tenant", tenant["tenant_id"], "--environment", "sandbox", "--base-url", sandbox.url)
    credentials = json.dumps(sandbox.credentials(tenant["subdomain"]))
    assert hub("integrations", "set", "iyzico", *place, stdin=credentials).status == 0
    assert hub("integrations", "test", "iyzico", "--tenant", tenant["tenant_id"]).status == 0
    return tenant["tenant_id"]


def test_a_sync_that_brought_everything_ends_well(hub: Run, account: str) -> None:
    done = hub("sync", "iyzico", "--tenant", account, *STREAM, "--json")

    assert done.status == 0, done.err
    assert "Tenants: 1, failed: 0, left out: 0" in done.err
    (found,) = done.json()
    assert {each["stream"] for each in found["streams"] if each["state"] == "ok"} == {"subscription_customers"}


def test_a_failure_that_pauses_the_account_is_a_failure(hub: Run, account: str, database: Database) -> None:
    with database.tenant(account, "app") as connection:
        connection.execute(
            "UPDATE hub.integrations SET consecutive_permanent_failures = 2, credentials_cipher = '\\x01'"
            " WHERE tenant_id = %s",
            (account,),
        )
    failed = hub("sync", "iyzico", "--tenant", account, *STREAM, "--json")

    assert failed.json()[0]["health"] == "paused"
    assert failed.status == 1


def test_a_tenant_that_was_named_and_left_out_is_no_success(hub: Run, account: str) -> None:
    assert hub("integrations", "pause", "iyzico", "--tenant", account).status == 0
    left_out = hub("sync", "iyzico", "--tenant", account, *STREAM)

    assert left_out.status == 1
    assert "left out: 1" in left_out.err
    assert "waiting for a test" in left_out.err


def test_a_day_that_has_not_come_and_one_beyond_the_plan_are_refused(
    hub: Run, tenant: dict[str, Any], database: Database
) -> None:
    tenant_id = tenant["tenant_id"]
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            """UPDATE hub.tenants SET limits = '{"history_days": 30}' WHERE tenant_id = %s""", (tenant_id,)
        )

    def ask(days: int) -> str:
        day = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
        refused = hub("sync", "iyzico", "--tenant", tenant_id, "--from", day, "--json")
        assert refused.status == 1
        return json.loads(refused.err.splitlines()[-1])["error"]["code"]

    assert ask(2) == "range_in_the_future"
    assert ask(-40) == "plan_history_exceeded"
