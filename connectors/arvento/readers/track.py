"""Reads the track, two hours a request, and yesterday's once more at night."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.arvento.readers.plates import PlateBook
from connectors.arvento.settings import RE_READ_HOUR, TRACK_SPAN, TRACK_TRAILING
from connectors.arvento.streams.track import RECORD
from connectors.arvento.values import Record, has_fix, take_plate
from connectors.contract import Page, Row, Window
from connectors.istanbul import ISTANBUL, day_of, start_of

if TYPE_CHECKING:
    from connectors.arvento.source import Source

UNNAMED_TYPE = "-"
"""Type of a point that comes without one, as the REST service's do."""
_log = logging.getLogger(__name__)


async def pages(source: Source, plates: PlateBook, window: Window, *, now: datetime) -> AsyncIterator[Page]:
    """A page for every two hours in which something was reported."""
    for start, end in spans(nightly(window, now=now)):
        rows = list(rows_of(await plates.with_nodes(await source.track(start, end))))
        if rows:
            yield Page(rows)


def nightly(window: Window, *, now: datetime) -> Window:
    """The window, begun at yesterday's midnight where it is the first one after the hour of re-reading.

    Units that were without a network upload hours late. The last hours are read again on every sync; once a night, when
    what is missing has mostly come, the day before is read again as a whole.
    """
    read_until = window.start + TRACK_TRAILING
    hour = datetime.combine(day_of(window.end), time(RE_READ_HOUR), ISTANBUL)
    present = window.end > now - TRACK_TRAILING
    if present and read_until <= hour < window.end:
        return Window(min(window.start, start_of(day_of(window.end) - timedelta(days=1))), window.end)
    return window


def spans(window: Window) -> Iterator[tuple[datetime, datetime]]:
    """Half-open pieces that touch each other."""
    start = window.start
    while start < window.end:
        end = min(start + TRACK_SPAN, window.end)
        yield start, end
        start = end


def rows_of(records: Iterable[Record]) -> Iterator[Row]:
    """Rows with a fix, each told apart from others of its unit, moment and type; what comes twice counts once."""
    groups: dict[tuple[object, ...], dict[tuple[Decimal, Decimal], Row]] = {}
    lost = 0
    for record in records:
        take_plate(record)
        if record.get("event_type") is None:
            record["event_type"] = UNNAMED_TYPE
        row = RECORD.row(record, {"sequence": 0})
        if not has_fix(row):
            lost += 1
            continue
        group = groups.setdefault((row["node"], row["event_time"], row["event_type"]), {})
        group[row["latitude"], row["longitude"]] = row
    if lost:
        _log.info("arvento: %d points have no fix", lost)
    for group in groups.values():
        for sequence, place in enumerate(sorted(group)):
            yield group[place] | {"sequence": sequence}
