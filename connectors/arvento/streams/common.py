"""Fields that several reports share. Wire names are those of `connectors.arvento.columns`."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from connectors.arvento.settings import WALL_CLOCK_ZONE
from connectors.arvento.values import moment, number, seconds
from connectors.fields import Field, field

local_moment = partial(moment, zone=WALL_CLOCK_ZONE)


def as_it_is(value: Any) -> datetime:
    """A time that the source has already read."""
    if not isinstance(value, datetime):
        raise TypeError
    return value


def time_field(name: str, description: str) -> Field:
    """The time of a fix or an event."""
    return field("time", "timestamp", description, name=name, required=True, convert=as_it_is)


def duration(wire: str, description: str) -> Field:
    """A length of time in whole seconds."""
    return field(wire, "int", description, minimum=0, convert=seconds)


def quantity(wire: str, description: str, *, name: str | None = None, maximum: float | None = None) -> Field:
    """A number that is never negative."""
    return field(wire, "decimal", description, name=name, minimum=0, maximum=maximum, convert=number)


NODE = field(
    "node", "text", "Number of the tracking unit, which stands for the vehicle it is mounted in", required=True
)
PLATE = field("license_plate", "text", "Plate of the vehicle, as the fleet writes it")
DRIVER = field("driver", "text", "Name of the driver whom the fleet assigned")
LATITUDE = field("latitude", "decimal", "Latitude in degrees (WGS84)", minimum=-90, maximum=90, convert=number)
LONGITUDE = field("longitude", "decimal", "Longitude in degrees (WGS84)", minimum=-180, maximum=180, convert=number)
SPEED = quantity("speed", "Speed in km/h")
ADDRESS = field("address", "text", "Address of the place, in Turkish")
REGION = field("region", "text", "Area or building of the fleet's own list in which the place lies")
