"""The law's clocks: computed on Istanbul's calendar, kept in UTC, and never later than the strictest reading.

Every function takes and gives aware times; what comes out is UTC and is the first moment that is too late.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from hub.errors import HubError
from hub.kvkk.calendar import HALF_DAY_ENDS, ISTANBUL, day_kind

ANSWER_DAYS = 30
"""KVKK art. 13/2: answer as soon as possible, at the latest within thirty days."""

ANSWER_WARNING_DAYS = (20, 27)
"""Days of the thirty after which handler and data-protection contact are warned."""

BREACH_HOURS = 72
"""Board decision 2019/10: consecutive hours from learning of it; weekends and feasts count."""

ClockStart = Literal["receipt", "identity"]

ANSWER_CLOCK_STARTS: ClockStart = "receipt"
"""Whether the thirty days run from receipt or from the completion of missing identity data. The law's text (art. 13/2)
knows receipt only; a tenant whose counsel reads the Communiqué otherwise sets `request_clock_starts` to `identity`."""

HALF_DAYS_ARE_WORKED = True
"""A day that is free from 13:00 on counts as a working day that ends at 13:00: the earlier of the two readings."""

TRANSFER_NOTICE_DAYS = 5
"""KVKK art. 9/5: business days from the last signature of a standard contract to the notice."""

REFUSED_MESSAGES_DAYS = 3
"""Law 6563: business days from a refusal of commercial messages to the last one that may be sent."""


def answer_due(start: datetime, days: int = ANSWER_DAYS) -> datetime:
    """When an application must have been answered: the same time of day in Istanbul, so many calendar days later.

    Weekends and feasts neither stop nor lengthen it.
    """
    local = _aware(start).astimezone(ISTANBUL)
    return (local + timedelta(days=days)).astimezone(UTC)


def breach_due(learned_at: datetime) -> datetime:
    """When the Board must have been told of a breach that was learned of at this moment."""
    return _aware(learned_at).astimezone(UTC) + timedelta(hours=BREACH_HOURS)


def business_days_due(start: datetime, days: int) -> datetime:
    """The end of the last of so many business days; the day of the event itself, by Istanbul's date, is not counted.

    An ordinary day ends at midnight, a half day at 13:00. HubError `calendar_year_missing`, `clock_days_wrong`.
    """
    if days < 1:
        raise HubError("clock_days_wrong", days=days)
    day = _aware(start).astimezone(ISTANBUL).date()
    left = days
    while left:
        day += timedelta(days=1)
        left -= is_business_day(day)
    return _end(day)


def is_business_day(day: date) -> bool:
    """Whether a day in Turkey counts. HubError `calendar_year_missing`."""
    kind = day_kind(day)
    return kind == "working" or (kind == "half" and HALF_DAYS_ARE_WORKED)


def _end(day: date) -> datetime:
    if day_kind(day) == "half":
        return datetime.combine(day, HALF_DAY_ENDS, ISTANBUL).astimezone(UTC)
    return datetime.combine(day + timedelta(days=1), time(), ISTANBUL).astimezone(UTC)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise HubError("clock_time_naive")
    return moment
