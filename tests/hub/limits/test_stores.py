"""Three stores, one arithmetic: whoever holds the buckets, the same calls come in."""

from __future__ import annotations

from itertools import cycle
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits import postgres_store
from hub.limits import store as store_module
from hub.limits.bucket import Limiter
from hub.limits.postgres_store import PostgresStore
from hub.limits.redis_store import RedisStore
from hub.limits.store import MemoryStore, Quota, Store, StoreDownError, Taken
from tests.hub.limits.clock import Clock

_STEPS = st.lists(
    # Also backwards: a clock may be set.
    st.tuples(st.integers(-2_000_000, 5_000_000), st.integers(1, 6), st.integers(0, 8)),
    min_size=1,
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(quotas=st.lists(st.tuples(st.integers(1, 5_000), st.integers(1, 12)), min_size=1, max_size=3), steps=_STEPS)
def test_postgres_redis_and_memory_let_the_same_calls_through(
    database: Database, redis_url: str, quotas: list[tuple[int, int]], steps: list[tuple[int, int, int]]
) -> None:
    clock = Clock()
    redis = RedisStore(redis_url, prefix="deneme", clock=clock)
    stores: list[Store] = [MemoryStore(clock), PostgresStore(database, clock=clock), redis]
    name = f"calls-{uuid4()}"
    try:
        # Between two steps the limit may change.
        for (moved, wanted, spare), (rate, burst) in zip(steps, cycle(quotas), strict=False):
            clock.now += moved
            quota, least = Quota.per_minute(rate, burst), min(wanted, burst)
            answers = {store.take(PLATFORM_SCOPE, name, quota, least=least, most=least + spare) for store in stores}

            assert len(answers) == 1
    finally:
        redis.close()


def test_a_bucket_gives_its_burst_then_its_rate() -> None:
    clock = Clock()
    store, quota = MemoryStore(clock), Quota.per_minute(60, 3)

    def take() -> int:
        return store.take(PLATFORM_SCOPE, "calls", quota, least=1, most=1).granted

    assert [take() for _ in range(5)] == [1, 1, 1, 0, 0]
    clock.now += 999_999
    assert take() == 0
    clock.now += 1
    assert [take(), take()] == [1, 0]


def test_a_clock_set_back_by_an_hour_does_not_close_the_bucket_for_an_hour(database: Database) -> None:
    clock = Clock()
    quota, name = Quota.per_minute(60, 3), f"calls-{uuid4()}"
    store = PostgresStore(database, clock=clock)
    store.take(PLATFORM_SCOPE, name, quota, least=3, most=3)

    clock.now -= 3_600_000_000

    assert store.take(PLATFORM_SCOPE, name, quota, least=1, most=1) == Taken(0, quota.size)
    clock.now += 3_000_000
    assert store.take(PLATFORM_SCOPE, name, quota, least=3, most=3).granted == 3
    assert store.take(PLATFORM_SCOPE, name, quota, least=1, most=1).granted == 0


def test_a_limit_that_is_raised_counts_at_the_new_rate_whatever_the_old_one_left_behind(
    database: Database, redis_url: str
) -> None:
    clock = Clock()
    slow, fast = Quota.per_minute(6, 8), Quota.per_minute(1_200, 300)
    redis = RedisStore(redis_url, prefix="deneme", clock=clock)
    stores: list[Store] = [MemoryStore(clock), PostgresStore(database, clock=clock), redis]
    name = f"calls-{uuid4()}"
    for store in stores:
        assert store.take(PLATFORM_SCOPE, name, slow, least=8, most=8).granted == 8
        assert store.take(PLATFORM_SCOPE, name, fast, least=1, most=1) == Taken(0, fast.size)
    clock.now += 1_000_000

    assert [store.take(PLATFORM_SCOPE, name, fast, least=1, most=300).granted for store in stores] == [20, 20, 20]
    redis.close()


def test_a_raised_limit_names_a_wait_after_which_the_call_comes_in(database: Database) -> None:
    clock = Clock()
    limiter, name = Limiter(PostgresStore(database, clock=clock), clock=clock), f"calls-{uuid4()}"
    for _ in range(9):
        old = limiter.take(PLATFORM_SCOPE, name, rate_per_minute=6, burst=8)
    assert (old.allowed, old.retry_after_seconds) == (False, 10)

    refused = limiter.take(PLATFORM_SCOPE, name, rate_per_minute=1_200, burst=300)
    clock.now += refused.retry_after_seconds * 1_000_000

    assert (refused.allowed, refused.retry_after_seconds) == (False, 1)
    assert limiter.take(PLATFORM_SCOPE, name, rate_per_minute=1_200, burst=300).allowed


def test_without_a_clock_of_ours_the_servers_own_one_counts(database: Database, redis_url: str) -> None:
    redis = RedisStore(redis_url, prefix="deneme")
    quota, name = Quota.per_minute(1, 5), f"calls-{uuid4()}"
    for store in (PostgresStore(database), redis):
        assert store.take(PLATFORM_SCOPE, name, quota, least=1, most=4).granted == 4
        assert store.take(PLATFORM_SCOPE, name, quota, least=1, most=4).granted == 1
        refused = store.take(PLATFORM_SCOPE, name, quota, least=1, most=4)

        assert refused.granted == 0
        assert 0 < quota.size - refused.behind < quota.interval
    redis.close()


def test_buckets_of_networks_that_are_full_again_are_swept_away(database: Database) -> None:
    clock = Clock()
    store, quota = PostgresStore(database, clock=clock), Quota.per_minute(60, 3)
    old, new = f"sign-in:{uuid4()}", f"sign-in:{uuid4()}"
    store.take(PLATFORM_SCOPE, old, quota, least=1, most=1)
    clock.now += 2_000_000
    store.take(PLATFORM_SCOPE, new, quota, least=1, most=1)
    assert kept(database, old, new) == {old, new}, "not every call sweeps"
    store._until_sweep = 0

    store.take(PLATFORM_SCOPE, new, quota, least=1, most=1)

    assert kept(database, old, new) == {new}


def test_a_sweep_goes_by_the_servers_clock_takes_a_bounded_number_and_waits_for_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, quota = PostgresStore(database), Quota.per_minute(1, 3)
    names = [f"sign-in:{uuid4()}" for _ in range(3)]
    for name in names:
        store.take(PLATFORM_SCOPE, name, quota, least=1, most=1)
    monkeypatch.setattr(postgres_store, "MOST_AT_A_SWEEP", 1)
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        # Nothing of other tests is full.
        connection.execute(
            "UPDATE hub.rate_buckets SET full_at = CASE WHEN name = ANY(%s) THEN 1 ELSE 9e15 END WHERE tenant_id = %s",
            (names, PLATFORM_SCOPE),
        )
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        connection.execute(
            "SELECT FROM hub.rate_buckets WHERE tenant_id = %s AND name = %s FOR UPDATE", (PLATFORM_SCOPE, names[0])
        )
        left: list[int] = []
        for _ in range(3):
            store._until_sweep = 0
            store.take(PLATFORM_SCOPE, f"sign-in:{uuid4()}", quota, least=1, most=1)
            left.append(len(kept(database, *names)))

    assert left == [2, 1, 1]


def kept(database: Database, *names: str) -> set[str]:
    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        rows = connection.execute(
            "SELECT name FROM hub.rate_buckets WHERE tenant_id = %s AND name = ANY(%s)", (PLATFORM_SCOPE, list(names))
        ).fetchall()
    return {row[0] for row in rows}


def test_a_process_forgets_its_own_buckets_that_are_full_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "FORGET_FULL_BUCKETS_EVERY", 4)
    clock = Clock()
    store, quota = MemoryStore(clock), Quota.per_minute(60, 3)
    store.take(PLATFORM_SCOPE, "old", quota, least=1, most=1)
    clock.now += quota.interval
    for _ in range(2):
        store.take(PLATFORM_SCOPE, "new", quota, least=1, most=1)
    assert {name for _, name in store._full_at} == {"old", "new"}

    store.take(PLATFORM_SCOPE, "new", quota, least=1, most=1)

    assert {name for _, name in store._full_at} == {"new"}


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (1, 0)])
def test_a_bucket_that_could_never_give_anything_is_a_mistake_of_the_caller(rate: int, burst: int) -> None:
    with pytest.raises(ValueError, match="one at least"):
        Quota.per_minute(rate, burst)


def test_a_redis_that_is_not_there_is_a_store_that_is_down() -> None:
    store = RedisStore("unix:///tmp/nobody-listens-here.sock", prefix="deneme")

    with pytest.raises(StoreDownError):
        store.take(PLATFORM_SCOPE, "calls", Quota.per_minute(1, 1), least=1, most=1)
