from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import HubError
from hub.kvkk import clocks
from hub.kvkk.calendar import YEARS_FILE, day_kind
from hub.kvkk.calendar_years import FEASTS
from hub.kvkk.clocks import answer_due, breach_due, business_days_due, is_business_day
from tests.hub.codes import ROOT

ISTANBUL = ZoneInfo("Europe/Istanbul")
FIRST, LAST = min(FEASTS), max(FEASTS)
MOMENTS = st.datetimes(datetime(FIRST, 1, 1), datetime(LAST, 11, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def at(text: str) -> datetime:
    """A wall time in Istanbul."""
    return datetime.fromisoformat(text).replace(tzinfo=ISTANBUL)


def free_days(year: int) -> set[date]:
    first = date(year, 1, 1)
    days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
    return {day for day in days if day.weekday() < 5 and day_kind(day) == "free"}


class TestCalendar:
    def test_the_holidays_of_2026_are_those_that_were_announced(self) -> None:
        assert sorted(day.strftime("%m-%d") for day in free_days(2026)) == [
            *("01-01", "03-20", "04-23", "05-01", "05-19", "05-27", "05-28", "05-29", "07-15", "10-29")
        ]
        assert [day_kind(date(2026, month, day)) for month, day in ((3, 19), (5, 26), (10, 28))] == ["half"] * 3

    def test_the_holidays_of_2025_are_those_that_were_announced(self) -> None:
        assert sorted(day.strftime("%m-%d") for day in free_days(2025)) == [
            *("01-01", "03-31", "04-01", "04-23", "05-01", "05-19", "06-06", "06-09", "07-15", "10-29")
        ]
        assert day_kind(date(2025, 6, 5)) == "half"
        assert day_kind(date(2025, 3, 29)) == "free"  # an eve on a Saturday gives nobody a morning of work

    def test_a_feast_begins_earlier_every_year_by_ten_to_twelve_days(self) -> None:
        for feast in ("ramazan", "kurban"):
            first_days = [getattr(FEASTS[year], feast) for year in sorted(FEASTS)]
            assert all((later - earlier).days in (354, 355) for earlier, later in pairwise(first_days))
        assert all((each.kurban - each.ramazan).days in (66, 67, 68, 69) for each in FEASTS.values())

    def test_a_year_that_nobody_entered_is_refused_with_the_file_to_extend(self) -> None:
        with pytest.raises(HubError) as refused:
            day_kind(date(LAST + 1, 1, 4))
        assert refused.value.code == "calendar_year_missing"
        assert refused.value.params == {"year": LAST + 1, "file": YEARS_FILE}
        assert (ROOT / YEARS_FILE).is_file()

    def test_a_clock_that_would_run_into_an_unknown_year_is_refused_and_not_guessed(self) -> None:
        with pytest.raises(HubError) as refused:
            business_days_due(at(f"{LAST}-12-31T10:00"), 3)
        assert refused.value.code == "calendar_year_missing"


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("start", "days", "due"),
        [
            ("2026-11-02T09:00", 3, "2026-11-06T00:00"),  # Monday: Tuesday, Wednesday, Thursday
            ("2026-11-05T09:00", 3, "2026-11-11T00:00"),  # over a weekend
            ("2026-11-07T09:00", 3, "2026-11-12T00:00"),  # begins on a Saturday
            ("2026-03-18T17:00", 3, "2026-03-25T00:00"),  # eve in the morning, then the feast and a weekend
            ("2026-03-18T17:00", 1, "2026-03-19T13:00"),  # ends with the eve's morning
            ("2026-05-25T12:00", 3, "2026-06-03T00:00"),  # Kurban Bayramı: 26 May (half), 1 and 2 June
            ("2026-10-27T12:00", 3, "2026-11-03T00:00"),  # 28 October (half), 30 October, 2 November
            ("2026-12-31T12:00", 3, "2027-01-07T00:00"),  # over New Year and the weekend after it
            ("2026-04-30T23:59", 5, "2026-05-09T00:00"),  # labour day on a Friday
        ],
    )
    def test_deadlines_skip_weekends_and_holidays(self, start: str, days: int, due: str) -> None:
        assert business_days_due(at(start), days) == at(due)

    def test_the_day_of_the_event_is_istanbuls_and_not_utcs(self) -> None:
        before, after = at("2026-11-02T23:59:59"), at("2026-11-03T00:00:00")
        assert before.astimezone(UTC).date() == after.astimezone(UTC).date()
        assert business_days_due(before, 3) == at("2026-11-06T00:00")
        assert business_days_due(after, 3) == at("2026-11-07T00:00")

    def test_half_days_can_be_left_out_in_one_place(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clocks, "HALF_DAYS_ARE_WORKED", False)
        assert business_days_due(at("2026-10-27T12:00"), 3) == at("2026-11-04T00:00")

    @given(start=MOMENTS, days=st.integers(1, 12))
    def test_exactly_so_many_business_days_lie_between_event_and_deadline(self, start: datetime, days: int) -> None:
        due = business_days_due(start, days)
        first = start.astimezone(ISTANBUL).date()
        last = (due.astimezone(ISTANBUL) - timedelta(microseconds=1)).date()
        between = [first + timedelta(days=number) for number in range(1, (last - first).days + 1)]
        assert sum(map(is_business_day, between)) == days
        assert is_business_day(last)
        assert due.utcoffset() == timedelta(0)

    @given(start=MOMENTS, later=st.integers(0, 60 * 60 * 24 * 10), days=st.integers(1, 5))
    def test_a_later_event_never_has_an_earlier_deadline(self, start: datetime, later: int, days: int) -> None:
        assert business_days_due(start, days) <= business_days_due(start + timedelta(seconds=later), days)

    @pytest.mark.parametrize("days", [0, -3])
    def test_no_days_are_no_clock(self, days: int) -> None:
        with pytest.raises(HubError) as refused:
            business_days_due(at("2026-11-02T09:00"), days)
        assert refused.value.code == "clock_days_wrong"


class TestAnswer:
    def test_thirty_days_are_calendar_days_at_the_same_time_in_istanbul(self) -> None:
        due = answer_due(at("2026-03-01T23:30"))
        assert due == at("2026-03-31T23:30")
        assert due.tzinfo is UTC

    def test_a_feast_at_the_end_does_not_lengthen_them(self) -> None:
        assert answer_due(at("2026-04-28T10:00")) == at("2026-05-28T10:00")
        assert day_kind(date(2026, 5, 28)) == "free"

    @given(start=MOMENTS)
    def test_they_end_on_the_thirtieth_day_of_istanbuls_calendar(self, start: datetime) -> None:
        local, due = start.astimezone(ISTANBUL), answer_due(start).astimezone(ISTANBUL)
        assert (due.date() - local.date()).days == 30
        assert due.timetz() == local.timetz()


class TestBreach:
    @given(learned=MOMENTS)
    def test_seventy_two_hours_count_weekends_and_feasts(self, learned: datetime) -> None:
        assert breach_due(learned) - learned == timedelta(hours=72)

    def test_they_run_over_a_feast(self) -> None:
        assert breach_due(at("2026-05-26T23:00")) == at("2026-05-29T23:00")


@pytest.mark.parametrize("clock", [answer_due, breach_due, lambda moment: business_days_due(moment, 3)])
def test_a_time_without_a_zone_is_refused(clock: object) -> None:
    with pytest.raises(HubError) as refused:
        clock(datetime(2026, 1, 1))  # type: ignore[operator]  # noqa: DTZ001 - what must be refused
    assert refused.value.code == "clock_time_naive"
