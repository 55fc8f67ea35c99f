"""Arvento: vehicle tracking of fleets."""

from __future__ import annotations

from datetime import timedelta

from connectors.arvento import settings
from connectors.arvento.session import open_session
from connectors.arvento.streams import days, fleet, positions, track
from connectors.contract import CredentialField, Provider

PROVIDER = Provider(
    name="arvento",
    title="Arvento",
    description="Vehicles with their drivers, positions, track, working days and speed alarms of a fleet.",
    credential_fields=(
        CredentialField("username", "Web servis kullanıcı adı", secret=False),
        CredentialField("pin1", "PIN 1", required=False),
        CredentialField("pin2", "PIN 2", required=False),
        CredentialField("rest_password", "Servis API parolası", required=False),
    ),
    environments={"live": settings.LIVE, "sandbox": settings.SANDBOX},
    streams=(
        fleet.VEHICLES,
        fleet.DRIVERS,
        positions.STREAM,
        track.STREAM,
        days.OPERATING_DAYS,
        days.DISTANCE_DAYS,
        days.SPEED_ALARMS,
    ),
    open=open_session,
    rate=settings.RATE,
    interval=timedelta(minutes=15),
    setting_names=settings.SETTING_NAMES,
    self_hosted=True,
)

__all__ = ["PROVIDER"]
