"""Which limit the first generation is asked for: whatever `day` means there, no call of the window is left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bulutfon.readers.window import time_limit
from connectors.contract import Window
from connectors.istanbul import ISTANBUL
from tests.connectors.stand_still import START

ROLLING = {"hour": timedelta(hours=1), "day": timedelta(days=1), "month": timedelta(days=28)}
CLOCKS = st.timedeltas(timedelta(minutes=-5), timedelta(minutes=5))
MOMENTS = st.integers(0, 2_000_000).map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


def since_the_start_of(name: str, moment: datetime) -> datetime:
    local = moment.astimezone(ISTANBUL).replace(minute=0, second=0, microsecond=0)
    return local if name == "hour" else local.replace(hour=0) if name == "day" else local.replace(hour=0, day=1)


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=40)), CLOCKS)
def test_a_limit_holds_the_whole_window_whatever_it_means_and_whatever_the_servers_clock_says(
    now: datetime, back: timedelta, ahead: timedelta
) -> None:
    limit = time_limit(Window(now - back, now), now=now)
    if limit is not None:
        theirs = now + ahead
        assert now - back >= theirs - ROLLING[limit]
        assert now - back >= since_the_start_of(limit, theirs)


@pytest.mark.parametrize(
    ("back", "limit"),
    [
        (timedelta(minutes=0), None),
        (timedelta(hours=2), "day"),
        (timedelta(days=2), "month"),
        (timedelta(days=17), "month"),
        (timedelta(days=19), None),
        (timedelta(days=90), None),
    ],
)
def test_the_shortest_limit_that_serves_is_taken(back: timedelta, limit: str | None) -> None:
    # The 18th at noon in Istanbul, on the hour: only for a window of nothing is the hour not enough, and the day is.
    found = time_limit(Window(START - back, START), now=START)
    assert found == (limit or ("day" if not back else None))


def test_at_the_end_of_a_long_month_its_beginning_may_be_further_back_than_a_month() -> None:
    now = datetime(2026, 12, 31, 9, 0, tzinfo=UTC)
    assert time_limit(Window(now - timedelta(days=27), now), now=now) == "month"
    assert time_limit(Window(now - timedelta(days=29), now), now=now) is None


def test_the_hour_is_asked_for_in_the_middle_of_one() -> None:
    now = START + timedelta(minutes=40)
    assert time_limit(Window(now - timedelta(minutes=20), now), now=now) == "hour"
