"""Whoever must know that a tenant sends nothing more counts what was committed, and what is about to be."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from connectors.actions import Unclear
from hub.control import tenants
from hub.outbox import fence
from hub.outbox.gate import Candidate, Go, Verdict
from hub.outbox.vocabulary import FRESH
from hub.settings import Settings
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.far_end import LOST
from tests.proofs.stores import superuser

_SOMEBODY_WAITS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_an_attempt_counts_from_its_commit_until_its_answer(bench: Bench) -> None:
    seen: list[fence.UnderWay] = []
    bench.ask()
    bench.far.before_answer = lambda: seen.append(fence.under_way(bench.database, bench.tenant))
    bench.drain()
    [during] = seen
    assert during.attempts == 1
    assert FRESH - timedelta(seconds=30) < during.at_most <= FRESH
    assert fence.under_way(bench.database, bench.tenant).attempts == 0


def test_one_whose_process_is_gone_counts_for_as_long_as_it_might_come_back_and_call(bench: Bench) -> None:
    bench.ask()
    bench.far.answers = [Unclear(LOST)]
    bench.drain()
    bench.execute(
        "UPDATE hub.action_attempts SET outcome = 'lost', finished_at = now() WHERE tenant_id = %s", bench.tenant
    )
    assert fence.under_way(bench.database, bench.tenant).attempts == 1
    bench.age(int(FRESH.total_seconds()) + 1)
    assert fence.under_way(bench.database, bench.tenant).attempts == 0


def test_an_attempt_that_is_committed_after_the_tenant_was_suspended_is_waited_for(
    bench: Bench, settings: Settings
) -> None:
    """Its transaction found the tenant active before: nobody else sees it yet, and it will be sent."""
    counted: list[Future[fence.UnderWay]] = []
    at_provider: list[int] = []

    class Slow:
        def judge(self, _c: object, _t: str, candidates: Sequence[Candidate], now: datetime) -> list[Verdict]:
            tenants.suspend(bench.database, bench.tenant)
            counted.append(threads.submit(fence.under_way, bench.database, bench.tenant))
            with superuser(settings, "data", "hub") as admin:
                while not counted[0].done() and admin.execute(_SOMEBODY_WAITS).fetchone() == (0,):
                    pass
            return [Go() for _ in candidates]

        def undone(self, *_: object) -> None: ...

        def opted_out(self, *_: object) -> None: ...

    def answered() -> None:
        wait(counted)
        at_provider.append(counted[0].result().attempts)

    bench.gates = (Slow(),)  # type: ignore[assignment]
    bench.far.before_answer = answered
    bench.ask()
    with ThreadPoolExecutor(1) as threads:
        bench.drain()
    assert at_provider == [1]
