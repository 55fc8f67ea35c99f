"""A tenant whose storage is full stops syncing with a reason, and loses nothing by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.control import integrations, storage
from hub.sync.batch import BatchRequest, Engine, sync_batch
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import Order, add_shop, drop, landed


def sync(engine: Engine, tenant_id: str) -> int:
    result = sync_batch(engine, PROVIDER, BatchRequest([tenant_id]), run_id="run-1")
    return sum(outcome.rows_changed for each in result.tenants.values() for outcome in each.outcomes)


def kept(engine: Engine, tenant_id: str) -> tuple[int, int]:
    with engine.database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT sum(rows), sum(bytes) FROM hub.storage WHERE tenant_id = %s", (tenant_id,)
        ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def allow(engine: Engine, tenant_id: str, size: int) -> None:
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.tenants SET limits = jsonb_build_object('storage_bytes', %s::bigint) WHERE tenant_id = %s",
            (size, tenant_id),
        )


@pytest.fixture
def shop(engine: Engine, tmp_path: Path) -> str:
    tenant_id = add_shop(engine, tmp_path)
    drop(tmp_path, "a", [Order(number, 1, 7) for number in range(20)])
    assert sync(engine, tenant_id) == 20
    return tenant_id


def test_only_rows_that_are_new_add_to_what_is_stored(engine: Engine, tmp_path: Path, shop: str) -> None:
    rows, size = kept(engine, shop)
    assert rows == 20
    assert 20 * 100 < size < 20 * 2_000

    drop(tmp_path, "b", [Order(number, 2, 7) for number in range(10, 25)])
    assert sync(engine, shop) == 15

    assert kept(engine, shop)[0] == 25


def test_a_full_tenant_pauses_with_a_reason_and_catches_up_when_there_is_room(
    engine: Engine, tmp_path: Path, shop: str
) -> None:
    allow(engine, shop, 100)
    drop(tmp_path, "b", [Order(number, 1, 7) for number in range(20, 30)])

    assert sync(engine, shop) == 0

    paused = integrations.get(engine.database, shop, PROVIDER.name)
    assert (paused.state, paused.paused_reason) == ("paused", "storage_full")
    assert len(landed(engine, shop)) == 20
    allow(engine, shop, 10_000_000)
    with engine.database.tenant(shop, "app") as connection:
        connection.execute("UPDATE hub.integrations SET tested_at = now() WHERE tenant_id = %s", (shop,))
    integrations.resume(engine.database, shop, PROVIDER.name)
    assert sync(engine, shop) == 10
    assert len(landed(engine, shop)) == 30


def test_the_neighbour_of_a_full_tenant_is_synced(engine: Engine, tmp_path: Path, shop: str) -> None:
    neighbour = add_shop(engine, tmp_path / "neighbour")
    drop(tmp_path / "neighbour", "a", [Order(number, 1, 7) for number in range(5)])
    allow(engine, shop, 100)

    result = sync_batch(engine, PROVIDER, BatchRequest([shop, neighbour]), run_id="run-1")

    assert (list(result.tenants), result.skipped) == ([neighbour], 1)
    assert len(landed(engine, neighbour)) == 5


def test_nobody_is_stopped_by_rows_that_retention_took_away(engine: Engine, shop: str) -> None:
    _, size = kept(engine, shop)
    allow(engine, shop, size)
    with engine.database.tenant(shop, "eraser") as connection:
        gone = connection.execute("DELETE FROM landing.siparis_orders WHERE tenant_id = %s", (shop,)).rowcount
    assert gone == 20

    assert not storage.standing(engine.database, shop).full
    assert kept(engine, shop) == (0, 0)
    assert integrations.get(engine.database, shop, PROVIDER.name).state == "active"


def test_a_stream_that_filled_before_anything_was_counted_is_counted_when_its_turn_comes(
    engine: Engine, shop: str
) -> None:
    with engine.database.tenant(shop, "loader") as connection:
        connection.execute("UPDATE hub.storage SET rows = 1, bytes = 300 WHERE tenant_id = %s", (shop,))

    assert storage.standing(engine.database, shop).bytes == 20 * 300
