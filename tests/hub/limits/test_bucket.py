"""Whatever processes hold in hand, together they never let more through than one bucket would."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits import bucket as bucket_module
from hub.limits.bucket import ASK_AGAIN_AFTER, LARGEST_SPARE, Limiter
from hub.limits.open import open_limiter
from hub.limits.postgres_store import PostgresStore
from hub.limits.redis_store import RedisStore
from hub.limits.store import MemoryStore, Quota, StoreDownError, Taken
from hub.settings import Settings
from tests.hub.limits.clock import Clock

TENANT = "taaaaaaaaaaa"
OTHER = "tbbbbbbbbbbb"


class Ideal:
    """One bucket that everybody asks, in whole microseconds."""

    def __init__(self, quota: Quota) -> None:
        self.quota = quota
        self.level = quota.size
        self.at = 0

    def spend(self, now: int, cost: int) -> None:
        self.level = min(self.quota.size, self.level + now - self.at) if self.at else self.level
        self.at = now
        self.level -= cost * self.quota.interval


class Counting:
    """A store that counts how often it is asked."""

    def __init__(self, clock: Clock) -> None:
        self.inner = MemoryStore(clock)
        self.asked = 0
        self.down = False

    def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
        self.asked += 1
        if self.down:
            raise StoreDownError
        return self.inner.take(tenant_id, name, quota, least=least, most=most)


@settings(max_examples=150, deadline=None)
@given(
    rate=st.integers(1, 6_000),
    burst=st.integers(1, 200),
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from([0, 0, 0, 1, 7_000, 150_000, 3_000_000]), st.integers(1, 9)),
        max_size=150,
    ),
)
def test_processes_together_never_let_through_more_than_the_bucket(
    rate: int, burst: int, steps: list[tuple[int, int, int]]
) -> None:
    clock = Clock()
    store = MemoryStore(clock)
    processes = [Limiter(store, clock=clock) for _ in range(3)]
    ideal = Ideal(Quota.per_minute(rate, burst))
    for which, moved, cost in steps:
        clock.now += moved
        if (
            cost <= burst
            and processes[which].take(TENANT, "calls", rate_per_minute=rate, burst=burst, cost=cost).allowed
        ):
            ideal.spend(clock.now, cost)

            assert ideal.level >= 0


@settings(max_examples=50, deadline=None)
@given(burst=st.integers(1, 300), rate=st.integers(1, 3_000), seconds=st.integers(0, 20))
def test_a_flood_gets_all_that_the_bucket_has(burst: int, rate: int, seconds: int) -> None:
    clock = Clock()
    limiter, quota = Limiter(MemoryStore(clock), clock=clock), Quota.per_minute(rate, burst)

    def flood() -> int:
        count = 0
        while limiter.take(TENANT, "calls", rate_per_minute=rate, burst=burst).allowed:
            count += 1
        return count

    assert flood() == burst
    clock.now += seconds * 1_000_000
    assert flood() == min(burst, seconds * 1_000_000 // quota.interval)


def test_many_calls_cost_few_questions() -> None:
    clock = Clock()
    store = Counting(clock)
    limiter = Limiter(store, clock=clock)

    for _ in range(400):
        assert limiter.take(TENANT, "calls", rate_per_minute=60, burst=400).allowed

    assert store.asked <= 400 / 48


def test_a_flood_of_refused_calls_costs_no_questions_until_a_token_is_there() -> None:
    clock = Clock()
    store = Counting(clock)
    limiter = Limiter(store, clock=clock)
    for _ in range(4):
        limiter.take(TENANT, "calls", rate_per_minute=60, burst=4)
    limiter.take(TENANT, "calls", rate_per_minute=60, burst=4)
    asked = store.asked

    refusals = [limiter.take(TENANT, "calls", rate_per_minute=60, burst=4) for _ in range(50)]

    assert not any(each.allowed for each in refusals)
    assert store.asked == asked
    clock.now += refusals[-1].retry_after_seconds * 1_000_000
    assert limiter.take(TENANT, "calls", rate_per_minute=60, burst=4).allowed


def test_a_verdict_says_where_the_caller_stands() -> None:
    clock = Clock()
    limiter = Limiter(MemoryStore(clock), clock=clock)

    first = limiter.take(TENANT, "calls", rate_per_minute=120, burst=20, cost=4)
    assert (first.allowed, first.limit, first.remaining, first.reset_seconds) == (True, 20, 16, 2)
    assert (first.retry_after_seconds, first.window_seconds) == (0, 10)
    limiter.take(TENANT, "calls", rate_per_minute=120, burst=20, cost=14)
    refused = limiter.take(TENANT, "calls", rate_per_minute=120, burst=20, cost=8)
    assert (refused.allowed, refused.remaining, refused.reset_seconds, refused.retry_after_seconds) == (False, 2, 9, 3)
    assert limiter.take(TENANT, "calls", rate_per_minute=120, burst=20, cost=2).allowed


def test_one_tenants_flood_takes_nothing_from_another() -> None:
    clock = Clock()
    limiter = Limiter(MemoryStore(clock), clock=clock)
    while limiter.take(TENANT, "calls", rate_per_minute=1, burst=30).allowed:
        pass

    assert limiter.take(OTHER, "calls", rate_per_minute=1, burst=30).allowed
    assert limiter.take(TENANT, "actions", rate_per_minute=1, burst=30).allowed


def test_a_call_that_no_bucket_could_hold_is_a_mistake_of_the_caller() -> None:
    limiter = Limiter(MemoryStore(Clock()))

    with pytest.raises(ValueError, match="burst at most"):
        limiter.take(TENANT, "calls", rate_per_minute=1, burst=3, cost=4)


def test_while_the_store_is_down_each_process_counts_by_itself_and_asks_again_later() -> None:
    clock, told = Clock(), list[str]()
    store = Counting(clock)
    store.down = True
    limiter = Limiter(store, clock=clock, on_store_down=lambda: told.append("down"))

    def flood() -> int:
        return sum(limiter.take(TENANT, "calls", rate_per_minute=1, burst=5).allowed for _ in range(9))

    assert flood() == 5
    assert (store.asked, told) == (1, ["down"])
    store.down = False
    clock.now += ASK_AGAIN_AFTER
    limiter.take(OTHER, "calls", rate_per_minute=1, burst=5)
    assert store.asked == 2


def test_what_is_held_is_spent_without_waiting_and_nothing_else_is() -> None:
    clock = Clock()
    limiter = Limiter(MemoryStore(clock), clock=clock)

    assert limiter.take_held(TENANT, "calls", rate_per_minute=60, burst=80) is None
    limiter.take(TENANT, "calls", rate_per_minute=60, burst=80)
    held = [limiter.take_held(TENANT, "calls", rate_per_minute=60, burst=80) for _ in range(11)]
    assert [verdict is not None and verdict.allowed for verdict in held] == [True] * 10 + [False]
    assert held[-1] is None


def test_forgetting_a_bucket_lets_nobody_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_module, "MOST_REMEMBERED", 1)
    clock = Clock()
    limiter = Limiter(MemoryStore(clock), clock=clock)

    allowed = 0
    for _ in range(40):
        allowed += limiter.take(TENANT, "calls", rate_per_minute=1, burst=16).allowed
        limiter.take(OTHER, "calls", rate_per_minute=1, burst=16)

    assert 0 < allowed <= 16
    assert len(limiter._buckets) == 1


def test_the_bucket_that_was_asked_for_longest_ago_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bucket_module, "MOST_REMEMBERED", 2)
    limiter = Limiter(MemoryStore(Clock()))
    for name in ("first", "second", "first", "third"):
        limiter.take(TENANT, name, rate_per_minute=1, burst=80)

    held = {name: limiter.take_held(TENANT, name, rate_per_minute=1, burst=80) for name in ("first", "third")}

    assert None not in held.values()
    assert [key[1] for key in limiter._buckets] == ["first", "third"]


def test_what_is_held_is_worth_nothing_once_the_bucket_is_full_again() -> None:
    clock = Clock()
    store = MemoryStore(clock)
    holder, other = (Limiter(store, clock=clock) for _ in range(2))
    holder.take(TENANT, "calls", rate_per_minute=60, burst=80)
    clock.now += 11_000_000

    assert other.take(TENANT, "calls", rate_per_minute=60, burst=80, cost=80).allowed
    assert not holder.take(TENANT, "calls", rate_per_minute=60, burst=80).allowed


def test_a_refused_call_says_nothing_of_a_cheaper_one() -> None:
    limiter = Limiter(MemoryStore(Clock()))
    limiter.take(TENANT, "calls", rate_per_minute=1, burst=4, cost=2)

    assert not limiter.take(TENANT, "calls", rate_per_minute=1, burst=4, cost=3).allowed
    assert limiter.take(TENANT, "calls", rate_per_minute=1, burst=4, cost=2).allowed


def test_a_refusal_never_shows_more_than_was_asked_for_nor_a_wait_that_is_over() -> None:
    """What is held is free to others' calls, and too little for this one."""
    limiter = Limiter(MemoryStore(Clock()), clock=Clock())
    limiter.take(TENANT, "calls", rate_per_minute=60, burst=80)

    refused = limiter.take(TENANT, "calls", rate_per_minute=60, burst=80, cost=75)

    assert (refused.allowed, refused.remaining, refused.retry_after_seconds) == (False, 74, 1)


def test_a_process_takes_no_more_than_a_little_beyond_what_it_needs() -> None:
    class Seen(Counting):
        most = 0

        def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
            self.most = most
            return super().take(tenant_id, name, quota, least=least, most=most)

    store = Seen(Clock())

    Limiter(store).take(TENANT, "calls", rate_per_minute=60, burst=10_000, cost=3)

    assert store.most == 3 + LARGEST_SPARE


@pytest.mark.parametrize("where", ["postgres", "redis"])
def test_threads_of_two_limiters_share_one_bucket(
    database: Database, request: pytest.FixtureRequest, where: str
) -> None:
    name = f"calls-{uuid4()}"
    stores = (
        [PostgresStore(database) for _ in range(2)]
        if where == "postgres"
        else [RedisStore(request.getfixturevalue("redis_url"), prefix="deneme") for _ in range(2)]
    )
    limiters = [Limiter(store) for store in stores]
    allowed: list[int] = []

    def work(limiter: Limiter) -> None:
        taken = [limiter.take(PLATFORM_SCOPE, name, rate_per_minute=1, burst=100).allowed for _ in range(60)]
        allowed.append(sum(taken))

    threads = [threading.Thread(target=work, args=(limiter,)) for limiter in limiters for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(allowed) == 100


_PROCESS = """
import sys
from pathlib import Path
from hub.db.database import Database
from hub.limits.open import open_limiter
from hub.settings import Settings
database = Database(Settings.apart(Path(sys.argv[1])))
limiter = open_limiter(database)
sys.stdin.readline()
print(sum(limiter.take(sys.argv[2], sys.argv[3], rate_per_minute=1, burst=100).allowed for _ in range(100)))
database.close()
"""


def test_processes_share_one_bucket_through_postgres(installation: Settings) -> None:
    name = f"calls-{uuid4()}"
    command = [sys.executable, "-c", _PROCESS, str(installation.home), PLATFORM_SCOPE, name]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        for _ in range(2)
    ]

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [process.communicate(timeout=60)[0] for process in processes]

    assert sum(int(answer) for answer in answers) == 100


def test_buckets_are_in_redis_where_a_url_says_so(installation: Settings, redis_url: str) -> None:
    settings = installation.model_copy(
        update={"redis_url": Settings.apart(installation.home, redis_url=redis_url).redis_url}
    )
    database = Database(settings)
    name = f"calls-{uuid4()}"

    open_limiter(database).take(PLATFORM_SCOPE, name, rate_per_minute=1, burst=1)

    elsewhere = RedisStore(redis_url, prefix=settings.role_prefix)
    assert elsewhere.take(PLATFORM_SCOPE, name, Quota.per_minute(1, 1), least=1, most=1).granted == 0
    elsewhere.close()
    database.close()
