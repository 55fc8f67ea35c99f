"""Which closed windows a sync reads: plain functions from a stream's plan, its cursor and what a person asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.contract import Days, Hours, Snapshot, Stream, Window
from hub.errors import HubError

ISTANBUL = ZoneInfo("Europe/Istanbul")


@dataclass(frozen=True)
class Asked:
    """What a person asked for beyond the ordinary: a range of Istanbul days (both inclusive), or everything."""

    date_from: date | None = None
    date_to: date | None = None
    full: bool = False

    def __post_init__(self) -> None:
        if self.date_to is not None and self.date_from is None:
            raise HubError("range_needs_from")
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise HubError("range_reversed", date_from=self.date_from.isoformat(), date_to=self.date_to.isoformat())


ORDINARY = Asked()


def plan_windows(stream: Stream, *, cursor: datetime | None, now: datetime, asked: Asked = ORDINARY) -> list[Window]:
    """The windows to read, oldest first, never past `now`.

    `cursor` is the end of what has been loaded without a gap; None before the first sync.
    """
    plan = stream.plan
    if isinstance(plan, Snapshot):
        # From the cursor on, so that the cursor moves: the answer stands for all that happened since.
        return [Window(min(cursor or now, now), now)]
    start = _start(plan, cursor=cursor, now=now, asked=asked)
    end = now if asked.date_to is None else min(now, _midnight(asked.date_to + timedelta(days=1)))
    step = timedelta(days=plan.span) if isinstance(plan, Days) else plan.span
    windows: list[Window] = []
    while start < end:
        stop = min(start + step, end)
        windows.append(Window(start, stop))
        start = stop
    return windows


def advanced(cursor: datetime | None, window: Window) -> datetime | None:
    """The cursor after a window has been loaded: never backwards, and never across a gap."""
    if cursor is None:
        return window.end
    if window.start <= cursor < window.end:
        return window.end
    return cursor


def istanbul_day(moment: datetime) -> date:
    """The calendar day in Turkey of an aware datetime."""
    return moment.astimezone(ISTANBUL).date()


def days_of(window: Window) -> list[date]:
    """Every Istanbul day that a window touches, oldest first."""
    if window.start == window.end:
        return [istanbul_day(window.start)]
    first = istanbul_day(window.start)
    last = istanbul_day(window.end - timedelta(microseconds=1))
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _start(plan: Days | Hours, *, cursor: datetime | None, now: datetime, asked: Asked) -> datetime:
    if asked.date_from is not None:
        return _midnight(asked.date_from)
    if cursor is None or asked.full:
        if isinstance(plan, Days):
            return _midnight(istanbul_day(now) - timedelta(days=plan.first_depth))
        return now - plan.first_depth
    if isinstance(plan, Days):
        return _midnight(istanbul_day(cursor) - timedelta(days=plan.trailing))
    return cursor - plan.trailing


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ISTANBUL).astimezone(UTC)
