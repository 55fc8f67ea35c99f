"""Reads the lists of vehicles and drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import TYPE_CHECKING

from connectors.arvento.streams.fleet import DRIVER_OF, VEHICLE
from connectors.arvento.values import Record, plate_key, take_plate
from connectors.contract import Page, Row

if TYPE_CHECKING:
    from connectors.arvento.source import Source

NO_PLATE = "-"


async def vehicle_pages(source: Source, *, today: date) -> AsyncIterator[Page]:
    """Every unit under its plate; one page."""
    rows: dict[tuple[str, str], Row] = {}
    for record in await source.vehicles():
        note = take_plate(record)
        written = record.get("license_plate")
        plate = (plate_key(written) if isinstance(written, str) else "") or NO_PLATE
        # A list of vehicles may name drivers too; those have a stream of their own.
        record.pop("driver", None)
        row = VEHICLE.row(record, {"plate": plate, "plate_note": note, "last_listed_on": today})
        rows[row["node"], plate] = row
    yield Page(list(rows.values()))


async def driver_pages(source: Source, *, today: date) -> AsyncIterator[Page]:
    """Every assignment; a unit without a driver has none. One page."""
    rows: list[Row] = []
    for record in await source.drivers():
        if record.get("driver") is None:
            continue
        # The list of vehicles has these.
        for name in ("license_plate", "vehicle_class", "vehicle_group"):
            record.pop(name, None)
        rows.append(DRIVER_OF.row(record, {"last_listed_on": today}))
    yield Page(rows)


def nodes_by_plate(vehicles: Iterable[Record]) -> dict[str, list[str]]:
    """Units by the plate they are listed under. Two units of one vehicle share its plate."""
    nodes: dict[str, list[str]] = {}
    for record in vehicles:
        plate, node = record.get("license_plate"), record.get("node")
        if isinstance(plate, str) and isinstance(node, str):
            mounted = nodes.setdefault(plate_key(plate), [])
            if node not in mounted:
                mounted.append(node)
    return nodes
