"""Eight run processes load one stream at once, round after round, with changes between."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import Order, add_shop, drop, expected, landed

pytestmark = pytest.mark.long(20)

TENANTS = 8
REPOSITORY = Path(__file__).parents[3]


@contextmanager
def workers(settings: Settings, tenants: list[str]) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.support.shop_worker", str(settings.home), *tenants]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        try:
            assert answer(process) == {"ready": True}
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)


def answer(process: subprocess.Popen[str]) -> dict[str, list[object] | bool]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


# The small form has two pages a tenant and round, too: `PAGE_ROWS` of the fixture provider is 5,000.
FORMS = [pytest.param(5_200, 2, id="small"), pytest.param(20_000, 5, id="full", marks=pytest.mark.prove)]


@pytest.mark.parametrize(("rows", "rounds"), FORMS)
def test_eight_tenants_loading_one_stream_at_once_keep_every_row(
    engine: Engine, shop_settings: Settings, tmp_path: Path, rows: int, rounds: int
) -> None:
    dice = random.Random(20_261_123)
    tenants = [add_shop(engine, tmp_path / str(number)) for number in range(TENANTS)]
    orders = {tenant: {number: Order(number, 1, seed) for number in range(rows)} for seed, tenant in enumerate(tenants)}
    with workers(shop_settings, tenants) as process:
        for round_number in range(rounds):
            changed = dict.fromkeys(tenants, rows)
            for number, tenant in enumerate(tenants):
                if round_number:
                    changed[tenant] = _change(orders[tenant], dice, round_number)
                drop(tmp_path / str(number), "orders", orders[tenant].values())
            assert process.stdin is not None
            process.stdin.write(f"round-{round_number}\n")
            process.stdin.flush()
            assert answer(process) == {tenant: [len(orders[tenant]), changed[tenant], None] for tenant in tenants}
            for tenant in tenants:
                assert landed(engine, tenant) == expected(engine, tenant, list(orders[tenant].values()))


def _change(orders: dict[int, Order], dice: random.Random, round_number: int) -> int:
    """A tenth of the orders get a newer version, and some are new. Returns how many rows differ now."""
    changing = dice.sample(sorted(orders), len(orders) // 10)
    for number in changing:
        orders[number] = Order(number, orders[number].version + 1, orders[number].seed)
    seed, first = orders[0].seed, max(orders) + 1
    coming = range(first, first + len(orders) // 66)
    for number in coming:
        orders[number] = Order(number, round_number, seed)
    return len(changing) + len(coming)
