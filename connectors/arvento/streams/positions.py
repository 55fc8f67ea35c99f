"""Where each vehicle was when it last reported."""

from __future__ import annotations

from connectors.arvento.streams.common import (
    ADDRESS,
    LATITUDE,
    LONGITUDE,
    NODE,
    REGION,
    SPEED,
    quantity,
    time_field,
)
from connectors.arvento.values import number
from connectors.contract import Snapshot, Stream
from connectors.fields import RecordMap, field

RECORD = RecordMap(
    (
        NODE,
        time_field("gps_time", "When the unit had this fix"),
        LATITUDE,
        LONGITUDE,
        SPEED,
        quantity("course", "Direction of travel in degrees, clockwise from north", maximum=360),
        quantity("odometer", "Odometer in km", name="odometer_km"),
        field("altitude", "decimal", "Height above the sea in metres", convert=number),
        ADDRESS,
        REGION,
    )
)

STREAM = Stream(
    name="positions",
    title="Arvento positions",
    description="The last fix of each vehicle, as often as it was asked for.",
    columns=RECORD.columns,
    key=("node", "gps_time"),
    plan=Snapshot(),
)
