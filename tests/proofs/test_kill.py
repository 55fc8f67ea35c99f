"""kill -9 at seeded moments, some between vault and landing: the next sync makes everything right."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.settings import Settings
from kvkk_policies.policy import load_policies
from tests.support.merchants import Told, add_merchant, cursors, landed, told, without_originals

pytestmark = pytest.mark.long(30)

REPOSITORY = Path(__file__).parents[2]
SEED = 20_261_123
DEATHS_A_ROUND = 2
FORMS = [pytest.param(1, 3, id="six"), pytest.param(2, 5, id="twenty", marks=pytest.mark.prove)]
"""Lives (each with tenants of its own) and rounds in each. Six deaths visit every stage once."""
HISTORY_DAYS = 16
STREAMS = ("payment_details", "subscription_customers")
TABLES = (*STREAMS, "payment_items", "refunds", "cancels")
READ = ("payment_details", "refunds", "cancels", "subscription_customers")
CURSOR_OF = dict.fromkeys(("payment_details", "refunds", "cancels"), "payment_details")
LATEST_CALL = {"fetched": 4, "gated": 6, "vaulted": 6, "staged": 6, "committing": 6, "committed": 6}
"""Every stage is reached at least so often in each sync."""


@dataclass(frozen=True)
class Moment:
    """When a run process dies."""

    stage: str
    call: int


def moments(dice: random.Random) -> Iterator[Moment]:
    """Every stage in turn, so that deaths visit each alike; the call is drawn."""
    while True:
        for stage in dice.sample(sorted(LATEST_CALL), len(LATEST_CALL)):
            yield Moment(stage, dice.randint(1, LATEST_CALL[stage]))


class Worker:
    """The process whose children sync and die."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def sync(self, sandbox: Sandbox, tenants: list[str], moment: Moment | None = None) -> dict[str, Any]:
        asked: dict[str, Any] = {"tenants": tenants, "streams": STREAMS, "now": sandbox.world.clock.now().isoformat()}
        if moment is not None:
            asked |= {"stage": moment.stage, "call": moment.call}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def worker(installation: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    environment = {"PATH": "", "TMPDIR": str(tmp_path_factory.mktemp("dead"))}
    command = [sys.executable, "-m", "tests.support.kill_worker", str(installation.home)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=environment
    ) as process:
        running = Worker(process)
        assert running.answer() == {"ready": True}
        yield running
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    pace = Pace(rows_per_day=3, history_days=HISTORY_DAYS, page_size=3, subscribers=20)
    with Sandbox(seed=SEED, start=datetime(2026, 11, 2, 9, 30, tzinfo=UTC), pace=pace) as running:
        yield running


@pytest.fixture(scope="module")
def keyring(installation: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(installation.master_key_file))


@pytest.mark.parametrize(("lives", "rounds"), FORMS)
def test_nothing_is_lost_or_doubled_when_run_processes_are_killed_at_seeded_moments(
    worker: Worker, sandbox: Sandbox, database: Database, keyring: Keyring, lives: int, rounds: int
) -> None:
    dice = random.Random(SEED)
    coming = moments(dice)
    killed: Counter[str] = Counter()
    for life in range(lives):
        shops = [f"shop-{life}-{number}" for number in range(2)]
        companies = {add_merchant(database, keyring, sandbox, shop): shop for shop in shops}
        for _ in range(rounds):
            for _ in range(DEATHS_A_ROUND):
                before = {tenant_id: cursors(database, tenant_id) for tenant_id in companies}
                moment = next(coming)
                assert worker.sync(sandbox, list(companies), moment) == {"signal": 9}, moment
                killed[moment.stage] += 1
                for tenant_id, company in companies.items():
                    books = told(sandbox.world, company, keyring.tenant(tenant_id).pseudonymiser())
                    check_remains(database, tenant_id, books, before[tenant_id], moment)
                sandbox.advance(hours=dice.choice((0, 7, 49)))
            assert worker.sync(sandbox, list(companies))["failures"] == {tenant_id: [] for tenant_id in companies}
            for tenant_id, company in companies.items():
                books = told(sandbox.world, company, keyring.tenant(tenant_id).pseudonymiser())
                check_whole(database, tenant_id, books, sandbox.world.clock.now())
            sandbox.advance(hours=dice.choice((1, 24, 240)))
    deaths = lives * rounds * DEATHS_A_ROUND
    assert killed.total() == deaths
    assert set(killed) == set(LATEST_CALL)
    assert max(killed.values()) - min(killed.values()) <= 1


def check_remains(
    database: Database, tenant_id: str, books: Told, before: dict[str, datetime | None], moment: Moment
) -> None:
    """What a dead run left: no row whose original is missing, and none missing behind a cursor that moved."""
    policy = load_policies()["iyzico"]
    assert without_originals(database, tenant_id, policy, TABLES) == [], moment
    rows, after = landed(database, tenant_id, READ), cursors(database, tenant_id)
    for stream, expected in books.of(READ):
        assert rows[stream].keys() <= expected.keys(), (stream, moment)
        cursor = after.get(CURSOR_OF.get(stream, stream))
        if cursor is None or cursor == before.get(CURSOR_OF.get(stream, stream)):
            continue
        behind = {key for key in expected if stream not in CURSOR_OF or books.happened[stream][key] < cursor}
        assert behind <= rows[stream].keys(), (stream, moment)


def check_whole(database: Database, tenant_id: str, books: Told, now: datetime) -> None:
    """After a good sync: landing holds what the sandbox's books hold, row by row, and the cursors stand at its time."""
    rows = landed(database, tenant_id, READ)
    for stream, expected in books.of(READ):
        assert rows[stream] == expected, stream
    assert cursors(database, tenant_id) == dict.fromkeys(STREAMS, now)
    assert without_originals(database, tenant_id, load_policies()["iyzico"], TABLES) == []
