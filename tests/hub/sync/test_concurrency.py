"""Eight run processes load one stream at once, round after round, with changes between."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from hub.settings import Settings
from hub.sync.batch import Engine
from tests.support.shop import Order, add_shop, drop, expected, landed

TENANTS = 8
ROWS = 20_000
ROUNDS = 5
REPOSITORY = Path(__file__).parents[3]


@contextmanager
def worker(settings: Settings, tenant_id: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.support.shop_worker", str(settings.home), tenant_id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(60)


def answer(process: subprocess.Popen[str]) -> dict[str, list[object]]:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_eight_tenants_loading_one_stream_at_once_keep_every_row(
    engine: Engine, shop_settings: Settings, tmp_path: Path
) -> None:
    dice = random.Random(20_261_123)
    tenants = [add_shop(engine, tmp_path / str(number)) for number in range(TENANTS)]
    orders = {tenant: {number: Order(number, 1, seed) for number in range(ROWS)} for seed, tenant in enumerate(tenants)}
    with ExitStack() as stack:
        workers = {tenant: stack.enter_context(worker(shop_settings, tenant)) for tenant in tenants}
        for process in workers.values():
            assert answer(process) == {"ready": True}
        for round_number in range(ROUNDS):
            for number, tenant in enumerate(tenants):
                if round_number:
                    _change(orders[tenant], dice, round_number)
                drop(tmp_path / str(number), "orders", orders[tenant].values())
            for process in workers.values():
                assert process.stdin is not None
                process.stdin.write(f"round-{round_number}\n")
                process.stdin.flush()
            for tenant, process in workers.items():
                seen, _, failure = answer(process)[tenant]
                assert failure is None
                assert seen == len(orders[tenant])
            for tenant in tenants:
                assert landed(engine, tenant) == expected(engine, tenant, list(orders[tenant].values()))


def _change(orders: dict[int, Order], dice: random.Random, round_number: int) -> None:
    """A tenth of the orders get a newer version, and a few hundred are new."""
    for number in dice.sample(sorted(orders), ROWS // 10):
        orders[number] = Order(number, orders[number].version + 1, orders[number].seed)
    seed = orders[0].seed
    first = max(orders) + 1
    for number in range(first, first + 300):
        orders[number] = Order(number, round_number, seed)
