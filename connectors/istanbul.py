"""Days as a Turkish shop counts them: providers report by Europe/Istanbul days and write times without a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from connectors.contract import Window

ISTANBUL = ZoneInfo("Europe/Istanbul")


def day_of(moment: datetime) -> date:
    """The Istanbul day of an aware datetime."""
    return moment.astimezone(ISTANBUL).date()


def start_of(day: date) -> datetime:
    """The first instant of an Istanbul day, aware UTC."""
    return datetime.combine(day, time(), ISTANBUL).astimezone(UTC)


def days_in(window: Window) -> list[date]:
    """Every Istanbul day that a window touches, oldest first; an empty window touches the day it stands in."""
    first = day_of(window.start)
    last = first if window.start == window.end else day_of(window.end - timedelta(microseconds=1))
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
