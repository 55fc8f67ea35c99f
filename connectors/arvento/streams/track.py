"""Every point and event that a vehicle reported."""

from __future__ import annotations

from datetime import timedelta

from connectors.arvento.settings import TRACK_TRAILING
from connectors.arvento.streams.common import (
    ADDRESS,
    DRIVER,
    LATITUDE,
    LONGITUDE,
    NODE,
    PLATE,
    REGION,
    SPEED,
    duration,
    quantity,
    time_field,
)
from connectors.contract import Hours, Stream
from connectors.fields import RecordMap, field

RECORD = RecordMap(
    (
        NODE,
        time_field("event_time", "When it happened"),
        field("event_type", "text", "What happened, in Arvento's words, for example Konum Bilgisi", required=True),
        field(None, "int", "Place among a unit's points of one moment and type", name="sequence", required=True),
        PLATE,
        DRIVER,
        SPEED,
        quantity("distance", "Distance since the point before, in km", name="distance_km"),
        LATITUDE,
        LONGITUDE,
        ADDRESS,
        REGION,
        duration("pause_seconds", "How long the vehicle stood, in seconds"),
        duration("idling_seconds", "How long it stood with its engine on, in seconds"),
        duration("ignition_on_seconds", "How long its ignition was on, in seconds"),
        field("reported_time", "text", "The time as Arvento wrote it: for the REST service its zone is not certain"),
    )
)

STREAM = Stream(
    name="track",
    title="Arvento track",
    description="Points and events of each vehicle from the general report.",
    columns=RECORD.columns,
    # Time and type do not tell two points of one second apart. The position that would is generalised, so it cannot be
    # a key, and a digest of it could be tried out within the hundred metres that the warehouse shows. A place in the
    # order of all points of that second and type can: reports hold such a group whole, so reading it again, with late
    # points among it, writes the same group anew.
    key=("node", "event_time", "event_type", "sequence"),
    # A vehicle reports a point a minute: a first sync of months would take hours and keep other tenants waiting. Older
    # days are fetched by asking for them.
    plan=Hours(trailing=TRACK_TRAILING, span=timedelta(days=1), first_depth=timedelta(days=7)),
    every=timedelta(hours=1),
)
