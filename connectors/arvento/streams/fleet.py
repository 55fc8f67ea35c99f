"""The fleet: units with the plates they are mounted under, and with their drivers."""

from __future__ import annotations

from datetime import timedelta

from connectors.arvento.streams.common import DRIVER, NODE, PLATE
from connectors.contract import Snapshot, Stream
from connectors.fields import RecordMap, field

_LISTED = "Istanbul day on which the list last had it: what is no longer listed stays, with its last day"

VEHICLE = RecordMap(
    (
        NODE,
        field(None, "text", "The plate for comparing; `-` for a unit without one", name="plate", required=True),
        PLATE,
        field(None, "text", "What somebody typed behind the plate", name="plate_note"),
        field("vehicle_class", "text", "Class of the vehicle, for example KAMYON (REST service only)"),
        field("vehicle_group", "text", "The fleet's group of the vehicle (REST service only)"),
        field(None, "date", _LISTED, name="last_listed_on", required=True),
    )
)
DRIVER_OF = RecordMap(
    (
        NODE,
        field("driver", "text", DRIVER.column.description, required=True),
        field(None, "date", _LISTED, name="last_listed_on", required=True),
    )
)

_EVERY = timedelta(hours=6)

VEHICLES = Stream(
    name="vehicles",
    title="Arvento vehicles",
    description="Tracking units and the plates they are or were mounted under.",
    columns=VEHICLE.columns,
    # Nobody knows whether a unit keeps its number when it moves to another vehicle, so both belong to the key.
    key=("node", "plate"),
    plan=Snapshot(),
    every=_EVERY,
)
DRIVERS = Stream(
    name="drivers",
    title="Arvento drivers",
    description="Drivers whom the fleet has or had assigned to a vehicle.",
    columns=DRIVER_OF.columns,
    key=("node", "driver"),
    plan=Snapshot(),
    every=_EVERY,
)
