"""Reads the daily reports, a day a request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import TYPE_CHECKING

from connectors.arvento.readers.plates import PlateBook
from connectors.arvento.streams.days import DISTANCE, OPERATING, SPEED_ALARM
from connectors.arvento.values import Record, take_plate
from connectors.contract import Page, Window
from connectors.istanbul import days_in

if TYPE_CHECKING:
    from connectors.arvento.source import Source
    from connectors.fields import RecordMap

Ask = Callable[[date], Awaitable[list[Record]]]


async def operating_pages(source: Source, plates: PlateBook, window: Window) -> AsyncIterator[Page]:
    """Work by vehicle and day. The report names plates; where two units share one, each is asked for by itself."""

    async def ask(day: date) -> list[Record]:
        records = await source.operating(day)
        told: list[Record] = []
        shared: dict[str, None] = {}
        for record in records:
            plate = record.get("license_plate")
            nodes: list[str] = []
            if isinstance(plate, str) and record.get("node") is None:
                nodes = await plates.nodes_on(day, plate)
            if len(nodes) > 1:
                shared.update(dict.fromkeys(nodes))
            else:
                told.append({**record, "node": nodes[0]} if nodes else record)
        for node in shared:
            told += [{**record, "node": node} for record in await source.operating(day, node)]
        return told

    async for page in _pages(OPERATING, ask, plates, window):
        yield page


async def distance_pages(source: Source, plates: PlateBook, window: Window) -> AsyncIterator[Page]:
    """Distance and odometer by unit and day."""
    async for page in _pages(DISTANCE, source.distances, plates, window):
        yield page


async def speed_alarm_pages(source: Source, plates: PlateBook, window: Window) -> AsyncIterator[Page]:
    """Speed violations."""
    for day in days_in(window):
        records = await plates.with_nodes(await source.speed_alarms(day))
        for record in records:
            take_plate(record)
        if records:
            yield Page([SPEED_ALARM.row(record, {"alarm_type": "speed"}) for record in records])


async def _pages(fields: RecordMap, ask: Ask, plates: PlateBook, window: Window) -> AsyncIterator[Page]:
    for day in days_in(window):
        records = await plates.with_nodes(await ask(day))
        for record in records:
            take_plate(record)
        if records:
            yield Page([fields.row(record, {"day": day}) for record in records])
