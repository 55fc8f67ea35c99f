from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from hub.control import tenants
from hub.sync import batch, destination, load
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.load import Loader
from hub.sync.plan import LoadPlan, TenantPlan
from hub.sync.stages import Stage
from tests.fixtures.siparis import PROVIDER
from tests.support.shop import Order, add_shop, drop, expected, landed


def test_a_tenants_rows_land_masked_with_the_cursor_in_the_same_commit(engine: Engine, tmp_path: Path) -> None:
    tenant = add_shop(engine, tmp_path)
    orders = [Order(number, 1, 7) for number in range(300)]
    drop(tmp_path, "a", orders)
    result = sync_batch(engine, PROVIDER, BatchRequest([tenant]), run_id="run-1")
    outcome = result.tenants[tenant].outcomes[0]
    assert outcome.failed is None
    assert (outcome.rows_seen, outcome.rows_changed) == (300, 300)
    assert landed(engine, tenant) == expected(engine, tenant, orders)


def test_the_longest_waiting_tenant_comes_first_and_those_whose_turn_has_not_come_are_left_out(
    engine: Engine, tmp_path: Path
) -> None:
    shops = [add_shop(engine, tmp_path) for _ in range(4)]
    now = datetime.now(UTC)
    for tenant, hours in zip(shops, (-1, 1, -3, -2), strict=True):
        with engine.database.tenant(tenant, "app") as connection:
            due = now + timedelta(hours=hours)
            connection.execute("UPDATE hub.integrations SET next_due_at = %s WHERE tenant_id = %s", (due, tenant))
    result = sync_batch(engine, PROVIDER, BatchRequest(shops, only_due=True), run_id="run-1", now=lambda: now)

    assert list(result.tenants) == [shops[2], shops[3], shops[0]]
    assert result.skipped == 1


def test_a_tenant_suspended_while_it_is_synced_gets_no_more_rows(engine: Engine, tmp_path: Path) -> None:
    tenant = add_shop(engine, tmp_path)
    drop(tmp_path, "a", [Order(number, 1, 7) for number in range(10)])

    def suspend(stage: Stage, tenant_id: str) -> None:
        if stage == "gated":
            tenants.suspend(engine.database, tenant_id)

    result = sync_batch(engine, PROVIDER, BatchRequest([tenant]), run_id="run-1", hook=suspend)

    assert result.tenants[tenant].outcomes[0].superseded
    assert landed(engine, tenant) == {}


def test_a_file_read_in_parts_lands_whole_with_the_later_copy_and_the_cursor_after_its_last_rows(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shops = [add_shop(engine, tmp_path / name) for name in ("one", "two")]
    early = [Order(number, 1, 7) for number in range(40)]
    late = [Order(number, 2, 7) for number in range(0, 40, 3)]
    for name in ("one", "two"):
        drop(tmp_path / name, "a", [*early, *late])
    monkeypatch.setattr(destination, "ROWS_AT_ONCE", 7)
    committed: dict[str, int] = {}
    cursors: list[object] = []

    def watch(stage: Stage, tenant_id: str) -> None:
        if stage == "committed":
            committed[tenant_id] = committed.get(tenant_id, 0) + 1
        if stage == "staged":
            with engine.database.tenant(tenant_id, "loader") as connection:
                row = connection.execute("SELECT synced_until FROM hub.sync_state").fetchone()
            cursors.append(row and row[0])

    result = sync_batch(engine, PROVIDER, BatchRequest(shops), run_id="run-1", hook=watch)

    assert result.failed == 0
    assert all(count > 3 for count in committed.values())
    assert set(cursors) == {None}
    for tenant in shops:
        assert landed(engine, tenant) == expected(engine, tenant, [*early, *late])
        with engine.database.tenant(tenant, "loader") as connection:
            assert connection.execute("SELECT synced_until IS NOT NULL FROM hub.sync_state").fetchone() == (True,)


def test_no_more_tenants_than_a_slice_has_are_claimed_but_not_recorded_at_any_time(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SLICE_TENANTS", 2)
    shops = [add_shop(engine, tmp_path / str(number)) for number in range(5)]
    orders = [Order(number, 1, 7) for number in range(30)]
    for number in range(5):
        drop(tmp_path / str(number), "a", orders)
    at_work: list[int] = []

    def watch(stage: Stage, _tenant_id: str) -> None:
        if stage in ("fetched", "staged"):
            at_work.append(sum(_is_claimed(engine, shop) for shop in shops))

    result = sync_batch(engine, PROVIDER, BatchRequest(shops), run_id="run-1", hook=watch)

    assert result.failed == 0
    assert list(result.tenants) == shops
    assert set(at_work) == {1, 2}
    assert not any(_is_claimed(engine, shop) for shop in shops)
    for shop in shops:
        assert landed(engine, shop) == expected(engine, shop, orders)


def test_progress_counts_tenants_over_all_slices(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "SLICE_TENANTS", 2)
    shops = [add_shop(engine, tmp_path / str(number)) for number in range(3)]
    seen: list[tuple[str, int, int]] = []

    def watch(stream: str, done: int, total: int) -> None:
        seen.append((stream, done, total))

    sync_batch(engine, PROVIDER, BatchRequest(shops), run_id="run-1", on_progress=watch)

    stream = next(each.name for each in PROVIDER.streams if each.parent is None)
    assert [each for each in seen if each[0] == stream] == [(stream, number, 3) for number in (1, 2, 3)]


def test_masked_rows_of_many_tenants_are_gathered_and_read_in_parts(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BUFFERED_ROWS", 40)
    monkeypatch.setattr(destination, "ROWS_AT_ONCE", 40)
    shops = [add_shop(engine, tmp_path / str(number)) for number in range(12)]
    for number in range(12):
        drop(tmp_path / str(number), "a", [Order(each, 1, 7) for each in range(20)])
    passed: list[int] = []
    read: list[int] = []
    buffered, by_tenant = Loader._buffered, destination._by_tenant  # pyright: ignore[reportPrivateUsage]

    def gathered(loader: Loader, tables: Iterator[tuple[str, pa.Table]]) -> Iterator[tuple[str, pa.Table]]:
        for name, table in buffered(loader, tables):
            passed.append(table.num_rows)
            yield name, table

    def parted(plan: LoadPlan, table: pa.Table) -> Iterator[tuple[TenantPlan, pa.Table]]:
        read.append(table.num_rows)
        return by_tenant(plan, table)

    monkeypatch.setattr(Loader, "_buffered", gathered)
    monkeypatch.setattr(destination, "_by_tenant", parted)
    result = sync_batch(engine, PROVIDER, BatchRequest(shops), run_id="run-1")

    assert result.failed == 0
    assert sum(passed) == sum(read) == 12 * 20
    assert max(passed) < 40 + 20
    assert max(read) <= 40


def _is_claimed(engine: Engine, tenant_id: str) -> bool:
    with engine.database.tenant(tenant_id, "app") as connection:
        row = connection.execute("SELECT bool_or(claimed_by IS NOT NULL) FROM hub.sync_state").fetchone()
    return bool(row and row[0])
