"""Three stores, one arithmetic: whoever holds the buckets, the same calls come in."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.db.database import Database
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits import postgres_store
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
@given(rate=st.integers(1, 5_000), burst=st.integers(1, 12), steps=_STEPS)
def test_postgres_redis_and_memory_let_the_same_calls_through(
    database: Database, redis_url: str, rate: int, burst: int, steps: list[tuple[int, int, int]]
) -> None:
    clock = Clock()
    redis = RedisStore(redis_url, prefix="deneme", clock=clock)
    stores: list[Store] = [MemoryStore(clock), PostgresStore(database, clock=clock), redis]
    quota, name = Quota.per_minute(rate, burst), f"calls-{uuid4()}"
    try:
        for moved, wanted, spare in steps:
            clock.now += moved
            least = min(wanted, burst)
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
    store.take(PLATFORM_SCOPE, name, quota, least=1, most=1)
    assert store.take(PLATFORM_SCOPE, name, quota, least=1, most=1).granted == 0


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


def test_buckets_of_networks_that_are_full_again_are_swept_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_store, "SWEEP_EVERY", 1)
    clock = Clock()
    store, quota = PostgresStore(database, clock=clock), Quota.per_minute(60, 3)
    old, new = f"sign-in:{uuid4()}", f"sign-in:{uuid4()}"
    store.take(PLATFORM_SCOPE, old, quota, least=1, most=1)
    clock.now += 2_000_000
    store.take(PLATFORM_SCOPE, new, quota, least=1, most=1)
    store._until_sweep = 0

    store.take(PLATFORM_SCOPE, new, quota, least=1, most=1)

    with database.tenant(PLATFORM_SCOPE, "app") as connection:
        left = connection.execute(
            "SELECT name FROM hub.rate_buckets WHERE tenant_id = %s AND name = ANY(%s)", (PLATFORM_SCOPE, [old, new])
        ).fetchall()
    assert left == [(new,)]


def test_a_redis_that_is_not_there_is_a_store_that_is_down() -> None:
    store = RedisStore("unix:///tmp/nobody-listens-here.sock", prefix="deneme")

    with pytest.raises(StoreDownError):
        store.take(PLATFORM_SCOPE, "calls", Quota.per_minute(1, 1), least=1, most=1)
