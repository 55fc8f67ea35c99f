"""What a vehicle did on a day: work, distance, and where it was driven too fast."""

from __future__ import annotations

from datetime import timedelta

from connectors.arvento.settings import TRAILING_DAYS
from connectors.arvento.streams.common import (
    ADDRESS,
    DRIVER,
    NODE,
    PLATE,
    SPEED,
    duration,
    local_moment,
    quantity,
    time_field,
)
from connectors.contract import Days, Stream
from connectors.fields import RecordMap, field

_DAY = field(None, "date", "Istanbul day", name="day", required=True)

OPERATING = RecordMap(
    (
        _DAY,
        NODE,
        PLATE,
        DRIVER,
        quantity("distance", "Distance driven, in km", name="distance_km"),
        quantity("maximum_speed", "Highest speed, in km/h"),
        duration("ignition_on_seconds", "How long the ignition was on, in seconds"),
        duration("idling_seconds", "How long the vehicle stood with its engine on, in seconds"),
        duration("motion_seconds", "How long it moved, in seconds"),
        field(
            "first_ignition_on",
            "timestamp",
            "When the ignition first went on",
            name="first_ignition_on_at",
            convert=local_moment,
        ),
        field(
            "last_ignition_off",
            "timestamp",
            "When the ignition last went off",
            name="last_ignition_off_at",
            convert=local_moment,
        ),
    )
)
DISTANCE = RecordMap(
    (
        _DAY,
        NODE,
        PLATE,
        DRIVER,
        quantity("distance", "Distance driven, in km", name="distance_km"),
        quantity("first_odometer", "Odometer at the first fix, in km", name="first_odometer_km"),
        field("first_odometer_at", "timestamp", "Time of the first fix", convert=local_moment),
        quantity("last_odometer", "Odometer at the last fix, in km", name="last_odometer_km"),
        field("last_odometer_at", "timestamp", "Time of the last fix", convert=local_moment),
    )
)
SPEED_ALARM = RecordMap(
    (
        NODE,
        field(None, "text", "Kind of alarm", name="alarm_type", required=True, allowed=("speed",)),
        time_field("alarm_time", "When the limit was exceeded"),
        PLATE,
        DRIVER,
        quantity("speed_limit", "The limit, in km/h"),
        SPEED,
        duration("violation_seconds", "How long the limit was exceeded, in seconds"),
        ADDRESS,
    )
)

_EVERY = timedelta(hours=1)
_PLAN = Days(trailing=TRAILING_DAYS, first_depth=30)

OPERATING_DAYS = Stream(
    name="operating_days",
    title="Arvento operating report",
    description="Each vehicle's working day: distance, highest speed, ignition, idling and motion.",
    columns=OPERATING.columns,
    key=("day", "node"),
    plan=_PLAN,
    every=_EVERY,
)
DISTANCE_DAYS = Stream(
    name="distance_days",
    title="Arvento distance report",
    description="Each vehicle's distance and odometer by day.",
    columns=DISTANCE.columns,
    key=("day", "node"),
    plan=_PLAN,
    every=_EVERY,
)
SPEED_ALARMS = Stream(
    name="speed_alarms",
    title="Arvento speed alarms",
    description="Every time a vehicle was driven faster than the fleet's limit.",
    columns=SPEED_ALARM.columns,
    key=("node", "alarm_type", "alarm_time"),
    plan=_PLAN,
    every=_EVERY,
)
