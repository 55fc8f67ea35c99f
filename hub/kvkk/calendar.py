"""Which days the law counts as working days: no weekend, no public holiday, and on some days only the morning.

Law 2429 on national and public holidays, art. 1 and 2: 29 October begins on the 28th at 13:00, Ramazan Bayramı lasts
three days and Kurban Bayramı four, each from 13:00 of its eve. A day of leave that the government gives its own
officials (idari izin) is none of these.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from hub.errors import HubError
from hub.kvkk.calendar_years import FEASTS

ISTANBUL = ZoneInfo("Europe/Istanbul")
"""UTC+3 all year since 2016."""

HALF_DAY_ENDS = time(13)
"""Law 2429, art. 1 and 2/B: when an eve's holiday begins."""

YEARS_FILE = "hub/kvkk/calendar_years.py"

DayKind = Literal["working", "half", "free"]

_FIXED = {(1, 1), (4, 23), (5, 1), (5, 19), (7, 15), (8, 30), (10, 29)}
"""Month and day: New Year, 23 Nisan, labour day, 19 Mayıs, 15 Temmuz, 30 Ağustos, Republic day."""
_FIXED_EVES = {(10, 28)}
_RAMAZAN_DAYS, _KURBAN_DAYS = 3, 4


def day_kind(day: date) -> DayKind:
    """What a day in Turkey is. HubError `calendar_year_missing` for a year whose feasts nobody entered."""
    feasts = FEASTS.get(day.year)
    if feasts is None:
        raise HubError("calendar_year_missing", year=day.year, file=YEARS_FILE)
    if day.weekday() >= 5 or (day.month, day.day) in _FIXED:
        return "free"
    for first, length in ((feasts.ramazan, _RAMAZAN_DAYS), (feasts.kurban, _KURBAN_DAYS)):
        if first <= day < first + timedelta(days=length):
            return "free"
    eves = {feasts.ramazan - timedelta(days=1), feasts.kurban - timedelta(days=1)}
    return "half" if day in eves or (day.month, day.day) in _FIXED_EVES else "working"
