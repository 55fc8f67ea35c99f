"""Nothing twice, nothing lost, though the database crashes in the middle of a drain or has no connection to give.

A real server of its own is stopped as a crash stops it, between any two steps of a process that empties the outbox,
and started again: at once, or when that process has given up. The stand-ins' ledger is the judge.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier
from typing import Any

import pytest

from connectors.sandbox.faults import Fault
from connectors.sandbox.server import Sandbox
from hub.db import postgres
from hub.db.database import Database
from hub.errors import HubError
from hub.inbox import endpoints
from hub.inbox.receive import Receiver
from hub.inbox.receiver import receiver_app
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from tests.hub.inbox.conftest import ACTOR, KEY, account, payment, served
from tests.proofs import outbound_child
from tests.proofs.outbound_house import Home, home
from tests.proofs.outbox_cases import CASES, COMPANY, SEED
from tests.proofs.test_outbox_crashes import Trial, Trials, judge

pytestmark = pytest.mark.prove

_A_ROUND = 6
_STEPS_AT_MOST = 70
_PASSES_AT_MOST = 12


@pytest.fixture(scope="module")
def ours() -> Iterator[Home]:
    with home(connections=40) as made:
        yield made


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=SEED) as running:
        yield running


@pytest.fixture
def trials(ours: Home, sandbox: Sandbox) -> Iterator[Trials]:
    settings, database, keyring = ours.settings, ours.database, ours.keyring
    found = Trials(settings, database, keyring, sandbox, ours.tenant())
    found.connect(CASES)
    yield found
    with database.tenant(found.tenant, "app") as connection:
        for table in ("action_attempts", "actions", "action_holds"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (found.tenant,))  # noqa: S608


def in_a_process(target: Callable[..., None], *arguments: Any) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.proofs.outbound_child"])
    child = context.Process(target=target, args=arguments)
    child.start()
    child.join(300)
    assert child.exitcode == 0


def to_the_end(trials: Trials, asked: list[Trial]) -> None:
    """Ask until nothing more can be cleared up by asking, let Meta tell, and look at the ledger."""
    for _ in range(_PASSES_AT_MOST):
        trials.run(None)
        trials.pass_time()
        if not trials.may_be_cleared_up(asked):
            break
    trials.hear()
    judge(trials, asked)


def test_a_database_that_crashes_in_the_middle_of_a_drain_doubles_and_loses_nothing(trials: Trials) -> None:
    chance = random.Random(20261127)
    asked: list[Trial] = []
    crashed: Counter[str] = Counter()
    with ExitStack() as servers:
        for _ in range(24):
            for _ in range(_A_ROUND):
                asked.append(trials.ask(chance.choice(CASES), len(asked)))
            if chance.random() < 0.4:
                case = chance.choice(CASES)
                kind: Any = chance.choice(("cut_before", "cut_after", "late"))
                trials.sandbox.world.faults.add(Fault(kind, case.provider, COMPANY, case.path, times=1, seconds=1))
            cluster: Any = "keys" if chance.random() < 0.15 else "data"
            stays_down = chance.random() < 0.4
            home = str(trials.settings.home)
            in_a_process(outbound_child.crashes, home, chance.randint(1, _STEPS_AT_MOST), cluster, stays_down)
            trials.sandbox.world.faults.clear()
            if not postgres.is_running(trials.settings, cluster):
                crashed[f"{cluster}, down until the drain had ended"] += 1
                servers.enter_context(postgres.running(trials.settings))
            trials.pass_time()
        to_the_end(trials, asked)
    print(f"{len(asked)} actions, servers found stopped: {dict(crashed)}")
    assert crashed["data, down until the drain had ended"] > 3


def test_a_server_without_a_connection_to_give_doubles_and_loses_nothing(trials: Trials) -> None:
    chance = random.Random(40)
    asked: list[Trial] = []
    for _ in range(12):
        for _ in range(_A_ROUND):
            asked.append(trials.ask(chance.choice(CASES), len(asked)))
        taken_at = chance.randint(1, _STEPS_AT_MOST)
        home, given_back_at = str(trials.settings.home), taken_at + chance.randint(1, 30)
        in_a_process(outbound_child.without_connections, home, taken_at, given_back_at)
        trials.pass_time()
    to_the_end(trials, asked)
    print(f"{len(asked)} actions, 12 times no connection was left")


def test_a_call_is_answered_503_or_has_its_row_while_connections_come_and_go(ours: Home) -> None:
    tenant, count = ours.tenant(), 400
    account((ours.database, ours.keyring), tenant, "iyzico", api_key="k", secret_key=KEY.reveal())
    address = endpoints.issue(ours.database, tenant, "iyzico", actor=ACTOR)
    few = Database(ours.settings.model_copy(update={"pool_size": 2, "pool_wait_seconds": 0.5}))
    receiver = Receiver(few, Keyring(few, read_master_key(few.settings.master_key_file)), DailyKeys(few, ours.keyring))
    answers: dict[int, list[int]] = {number: [] for number in range(count)}
    crowd = outbound_child.Crowd(ours.settings)

    with served(receiver_app(receiver)) as client, ThreadPoolExecutor(9) as threads:

        def send(number: int) -> None:
            body, headers = payment(number)
            answers[number].append(client.post(address.path, content=body, headers=headers, timeout=60).status_code)

        for start in range(0, count, 40):
            coming = threads.submit(crowd.come)
            list(threads.map(send, range(start, start + 15)))
            coming.result()
            list(threads.map(send, range(start + 15, start + 30)))
            crowd.go()
            list(threads.map(send, range(start + 30, start + 40)))
        stored = rows(ours, tenant)
        taken = {number for number, got in answers.items() if got == [200]}
        later = set(answers) - taken
        assert {got[0] for got in answers.values()} <= {200, 503}
        assert len(taken) <= stored <= count
        assert len(taken) >= 50
        assert len(later) >= 50
        for number in later:
            send(number)
    assert {got[-1] for got in answers.values()} == {200}
    assert rows(ours, tenant) == count
    few.close()
    print(f"{count} calls, {len(later)} answered 503, {stored - len(taken)} of them with a row")


def rows(ours: Home, tenant: str) -> int:
    with ours.database.tenant(tenant, "app") as connection:
        row = connection.execute("SELECT count(*) FROM hub.inbox_events WHERE tenant_id = %s", (tenant,)).fetchone()
    return int(row[0]) if row else 0


def test_after_an_outage_everybody_is_let_in_at_once(ours: Home) -> None:
    """R4. Whoever waited for the whole of it, and whoever comes then."""
    pools, tenant = Database(ours.settings.model_copy(update={"pool_wait_seconds": 5.0})), ours.tenant()
    together = Barrier(8, timeout=30)

    def use(wait: bool = False) -> bool:
        with pools.tenant(tenant, "app") as connection:
            if wait:
                together.wait()
            return connection.execute("SELECT true").fetchone() == (True,)

    with ThreadPoolExecutor(8) as threads, ExitStack() as servers:
        assert all(threads.map(use, [True] * 8))
        postgres.stop(ours.settings, "data", immediate=True)
        refused = []
        for _ in range(5):
            with pytest.raises(HubError) as caught:
                use()
            refused.append(caught.value.code)
        servers.enter_context(postgres.running(ours.settings))
        assert refused == ["database_down"] * 5
        assert all(threads.map(use, [True] * 8))
    pools.close()
