from __future__ import annotations

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import RateLimit
from connectors.limits import CredentialLimit, CredentialLimits
from tests.connectors.stand_still import StandStill

FIFTY_A_MINUTE = RateLimit(requests=50, per=timedelta(minutes=1))


@given(st.lists(st.integers(0, 30), min_size=1, max_size=200), st.integers(1, 20))
def test_no_span_of_the_period_holds_more_starts_than_allowed(gaps: list[int], allowed: int) -> None:
    limit = CredentialLimit(RateLimit(requests=allowed, per=timedelta(seconds=60)))
    now, starts = 0.0, []
    for gap in gaps:
        now += gap
        starts.append(now + limit.reserve(now))
    assert starts == sorted(starts)
    for earlier, later in zip(starts, starts[allowed:], strict=False):
        assert later - earlier >= 60


def test_the_first_requests_do_not_wait_and_the_next_does() -> None:
    time = StandStill()

    async def ask(limit: CredentialLimit, count: int) -> None:
        for _ in range(count):
            await limit.wait(time.clock())

    limit = CredentialLimit(FIFTY_A_MINUTE)
    asyncio.run(ask(limit, 50))
    assert time.slept == []
    asyncio.run(ask(limit, 1))
    assert time.slept == [60.0]


def test_a_limit_is_shared_by_all_who_use_a_credential_and_by_nobody_else() -> None:
    limits, clock = CredentialLimits(), StandStill().clock()
    mine = limits.of(provider="iyzico", credential="key-1", rate=FIFTY_A_MINUTE, clock=clock)
    assert limits.of(provider="iyzico", credential="key-1", rate=FIFTY_A_MINUTE, clock=clock) is mine
    assert limits.of(provider="iyzico", credential="key-2", rate=FIFTY_A_MINUTE, clock=clock) is not mine
    assert limits.of(provider="bulutfon", credential="key-1", rate=FIFTY_A_MINUTE, clock=clock) is not mine


def test_a_credential_is_not_kept_as_it_is() -> None:
    limits = CredentialLimits()
    limits.of(provider="iyzico", credential="key-1", rate=FIFTY_A_MINUTE, clock=StandStill().clock())
    assert "key-1" not in repr(vars(limits))
