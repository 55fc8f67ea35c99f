from __future__ import annotations

from pathlib import Path

from hub.sync.batch import BatchRequest, Engine, sync_batch
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
