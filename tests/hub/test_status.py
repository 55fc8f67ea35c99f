from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from psycopg import sql

from connectors.registry import PROVIDERS
from hub.control import status, tenants
from hub.db.database import Database
from tests.hub.provider_stand_in import DENEME

MakeTenant = Callable[..., str]
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def tenant_id(database: Database, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(PROVIDERS, "deneme", DENEME)
    tenant_id = make_tenant()
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state, tested_at,"
            " next_due_at) VALUES (%s, 'deneme', 'sandbox', 'sealed', 'active', %s, %s)",
            (tenant_id, NOW, NOW),
        )
    return tenant_id


def change(database: Database, tenant_id: str, statement: str, *values: Any) -> None:
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(statement, values)


def stream_state(database: Database, tenant_id: str, stream: str, **columns: Any) -> None:
    values = {"tenant_id": tenant_id, "provider": "deneme", "stream": stream, **columns}
    insert = sql.SQL("INSERT INTO hub.sync_state ({}) VALUES ({})").format(
        sql.SQL(", ").join(map(sql.Identifier, values)), sql.SQL(", ").join(map(sql.Placeholder, values))
    )
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(insert, values)


def one(database: Database, tenant_id: str) -> status.IntegrationStatus:
    (found,) = status.read(database, tenant_id=tenant_id)
    return found


def test_an_account_that_never_synced_waits_with_every_stream_listed(database: Database, tenant_id: str) -> None:
    found = one(database, tenant_id)

    assert (found.health, found.last_success_at, found.next_try) == ("waiting", None, NOW)
    assert [(stream.stream, stream.state) for stream in found.streams] == [("orders", "never"), ("refunds", "never")]


def test_all_streams_well_is_well_and_the_oldest_success_counts(database: Database, tenant_id: str) -> None:
    stream_state(database, tenant_id, "orders", state="ok", last_success_at=NOW)
    stream_state(database, tenant_id, "refunds", state="ok", last_success_at=NOW - timedelta(hours=2))
    found = one(database, tenant_id)

    assert (found.health, found.last_success_at, found.failure) == ("ok", NOW - timedelta(hours=2), None)


def test_the_latest_failure_is_the_one_that_is_told(database: Database, tenant_id: str) -> None:
    stream_state(database, tenant_id, "orders", state="failed", failure_code="rate_limited", last_failure_at=NOW)
    stream_state(
        database,
        tenant_id,
        "refunds",
        state="failed",
        failure_code="wrong_type",
        failure_field="amount",
        last_failure_at=NOW + timedelta(hours=1),
        retry_at=NOW + timedelta(hours=2),
    )
    found = one(database, tenant_id)

    assert found.health == "failed"
    assert found.failure is not None
    assert (found.failure.failure_code, found.failure.failure_field) == ("wrong_type", "amount")
    assert found.failure.retry_at == NOW + timedelta(hours=2)


def test_a_failure_that_healed_is_told_no_more(database: Database, tenant_id: str) -> None:
    for stream in ("orders", "refunds"):
        stream_state(
            database, tenant_id, stream, state="ok", last_success_at=NOW, last_failure_at=NOW - timedelta(days=1)
        )

    assert one(database, tenant_id).failure is None


def test_a_paused_account_has_no_next_try_and_says_why(database: Database, tenant_id: str) -> None:
    change(database, tenant_id, "UPDATE hub.integrations SET state = 'paused', paused_reason = 'credentials_expired'")
    found = one(database, tenant_id)

    assert (found.health, found.next_try, found.paused_reason) == ("paused", None, "credentials_expired")


def test_a_suspended_tenant_has_no_next_try(database: Database, tenant_id: str) -> None:
    tenants.suspend(database, tenant_id)
    found = one(database, tenant_id)

    assert (found.health, found.next_try) == ("suspended", None)


def test_undeclared_columns_are_named(database: Database, tenant_id: str) -> None:
    stream_state(database, tenant_id, "orders", state="ok", undeclared=["gift_note"])

    assert [stream.undeclared for stream in one(database, tenant_id).streams] == [("gift_note",), ()]


def test_the_platform_sees_every_tenant_and_one_when_asked_for_one(
    database: Database, make_tenant: MakeTenant, tenant_id: str
) -> None:
    other = make_tenant()
    change(
        database,
        other,
        "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher)"
        " VALUES (%s, 'deneme', 'live', 'x')",
        other,
    )

    everybody = [found.tenant_id for found in status.read(database)]
    assert everybody.index(tenant_id) < everybody.index(other)
    assert [found.tenant_id for found in status.read(database, tenant_id=other)] == [other]


def test_a_provider_that_is_gone_from_the_registry_is_still_shown(
    database: Database, tenant_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream_state(database, tenant_id, "orders", state="ok")
    monkeypatch.delitem(PROVIDERS, "deneme")

    assert [stream.stream for stream in one(database, tenant_id).streams] == ["orders"]
