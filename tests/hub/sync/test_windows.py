from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Column, Days, Hours, Snapshot, Stream, Window, WindowPlan
from hub.errors import HubError
from hub.sync.windows import ISTANBUL, Asked, advanced, days_of, plan_windows

NOW = datetime(2026, 11, 23, 19, 30, tzinfo=UTC)


def stream(plan: WindowPlan) -> Stream:
    return Stream("s", "S", "", (Column("id", "text", ""),), ("id",), plan)


def istanbul(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=ISTANBUL).astimezone(UTC)


def test_a_first_sync_reaches_back_the_declared_depth_from_an_istanbul_midnight() -> None:
    windows = plan_windows(stream(Days(trailing=3, span=7, first_depth=10)), cursor=None, now=NOW)
    assert windows[0].start == istanbul(2026, 11, 13)
    assert windows[-1].end == NOW


def test_a_later_sync_reads_the_trailing_days_again() -> None:
    cursor = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    windows = plan_windows(stream(Days(trailing=3)), cursor=cursor, now=NOW)
    assert [window.start for window in windows] == [istanbul(2026, 11, 20)]


def test_days_belong_to_istanbul_even_after_midnight_there_and_before_it_in_utc() -> None:
    late = datetime(2026, 11, 23, 21, 30, tzinfo=UTC)
    windows = plan_windows(stream(Days(trailing=0)), cursor=late, now=late + timedelta(minutes=5))
    assert days_of(windows[0]) == [date(2026, 11, 24)]


def test_an_hourly_stream_steps_back_by_its_trailing_window() -> None:
    plan = Hours(trailing=timedelta(hours=6), span=timedelta(hours=2), first_depth=timedelta(days=1))
    windows = plan_windows(stream(plan), cursor=NOW - timedelta(hours=1), now=NOW)
    assert windows[0].start == NOW - timedelta(hours=7)
    assert all(window.end - window.start <= timedelta(hours=2) for window in windows)


def test_a_snapshot_is_one_window_that_moves_the_cursor_to_the_present() -> None:
    assert plan_windows(stream(Snapshot()), cursor=None, now=NOW) == [Window(NOW, NOW)]
    cursor = NOW - timedelta(days=9)
    (window,) = plan_windows(stream(Snapshot()), cursor=cursor, now=NOW)
    assert advanced(cursor, window) == NOW


def test_an_asked_range_includes_both_days() -> None:
    windows = plan_windows(
        stream(Days(trailing=3)), cursor=NOW, now=NOW, asked=Asked(date(2026, 10, 1), date(2026, 10, 9))
    )
    assert windows[0].start == istanbul(2026, 10, 1)
    assert windows[-1].end == istanbul(2026, 10, 10)


def test_a_range_ends_in_the_present_at_the_latest() -> None:
    windows = plan_windows(
        stream(Days(trailing=3)), cursor=None, now=NOW, asked=Asked(date(2026, 11, 22), date(2026, 12, 31))
    )
    assert windows[-1].end == NOW


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(HubError, match="range_reversed"):
        Asked(date(2026, 10, 9), date(2026, 10, 1))


def test_an_end_without_a_beginning_is_refused() -> None:
    with pytest.raises(HubError, match="range_needs_from"):
        Asked(None, date(2026, 10, 1))


def test_the_cursor_never_moves_backwards() -> None:
    old = Window(NOW - timedelta(days=30), NOW - timedelta(days=20))
    assert advanced(NOW, old) == NOW


def test_the_cursor_never_jumps_over_a_gap() -> None:
    cursor = NOW - timedelta(days=10)
    later = Window(NOW - timedelta(days=5), NOW)
    assert advanced(cursor, later) == cursor


moments = st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))  # noqa: DTZ001
plans = st.one_of(
    st.builds(Days, trailing=st.integers(0, 10), span=st.integers(1, 31), first_depth=st.integers(1, 400)),
    st.builds(
        Hours,
        trailing=st.timedeltas(timedelta(0), timedelta(days=3)),
        span=st.timedeltas(timedelta(hours=1), timedelta(days=2)),
        first_depth=st.timedeltas(timedelta(hours=1), timedelta(days=60)),
    ),
)


@given(plan=plans, now=moments, behind=st.none() | st.timedeltas(timedelta(0), timedelta(days=40)))
def test_windows_touch_each_other_and_leave_no_gap_behind_the_cursor(
    plan: WindowPlan, now: datetime, behind: timedelta | None
) -> None:
    cursor = None if behind is None else now - behind
    windows = plan_windows(stream(plan), cursor=cursor, now=now)
    for left, right in pairwise(windows):
        assert left.end == right.start
    if windows:
        assert windows[-1].end == now
        assert cursor is None or windows[0].start <= cursor
    reached = cursor
    for window in windows:
        reached = advanced(reached, window)
    assert reached in {now, cursor}
