"""The operations we call: each with its own parameters, language and date layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from connectors.arvento.settings import MINUTES_AHEAD, REPORT_ZONE, WALL_CLOCK_ZONE

_YEAR_FIRST = "%Y%m%d%H%M%S"
_MONTH_FIRST = "%m%d%Y%H%M%S"


@dataclass(frozen=True)
class Operation:
    """One operation. `parameters` follow the credentials; `{node}` stands for the unit asked for.

    Language 1 and 1033 both give English columns; each operation has the one that it was seen with.
    """

    name: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    date_layout: str = ""
    zone: tzinfo = WALL_CLOCK_ZONE
    """Zone of the times in its result."""

    def bounds(self, start: datetime, end: datetime) -> dict[str, str]:
        """`StartDate` and `EndDate` of a half-open window of aware datetimes.

        Arvento's end is inclusive: a point at the very end would come here and in the next window too. Times have whole
        seconds, so the last second before the end is asked for.
        """
        last = (end - timedelta(microseconds=1)).astimezone(WALL_CLOCK_ZONE)
        first = start.astimezone(WALL_CLOCK_ZONE)
        return {"StartDate": first.strftime(self.date_layout), "EndDate": last.strftime(self.date_layout)}


def _flags(*, on: tuple[str, ...], off: tuple[str, ...]) -> dict[str, str]:
    return {**dict.fromkeys(on, "1"), **dict.fromkeys(off, "")}


_SENSORS = tuple(
    f"chk{kind}{number}"
    for kind in ("TemperatureSensor", "TemperatureSensorPer", "TemperatureSensorAlm", "HumiditySensor")
    for number in range(1, 5)
)
# Sensors stay off: their columns are not documented, and a column that nobody declared never loads.
_TRACK = {
    "StartDate": "",
    "EndDate": "",
    "Node": "{node}",
    "Group": "",
    "Compress": "0",
    **_flags(
        on=(
            "chkLocation",
            "chkSpeed",
            "chkPause",
            "chkMotion",
            "chkRegion",
            "chkPauseTime",
            "chkContactAlarm",
            "chkIdlingTime",
            "chkIdlingAlarm",
        ),
        off=(
            "txtSpeedMin",
            "txtSpeedMax",
            *_SENSORS,
            "txtTemperatureMin",
            "txtTemperatureMax",
            "chkEmergency",
            "chkDoor",
            "chkFuelLevel",
            "chkPower",
            "chkDriverIdentification",
            "chkPossibleAccident",
            "chkAcceleration",
            "chkVehicleMovedWithoutDriverCard",
        ),
    ),
    "MinuteDif": str(MINUTES_AHEAD),
    "Language": "1",
}
TRACK = tuple(
    Operation(name, _TRACK, _YEAR_FIRST, REPORT_ZONE)
    for name in ("GeneralReportWithDistance", "GeneralReport", "GeneralReport2")
)
"""The same report; a contract may hold any of them, so they are tried in this order."""

_LANGUAGE = {"Language": "1"}
STATUS = tuple(
    Operation(name, parameters)
    for name, parameters in (
        ("GetVehicleStatusV3", _LANGUAGE),
        ("GetVehicleStatusV4", _LANGUAGE),
        ("GetVehicleStatus", _LANGUAGE),
        ("GetVehicleStatusJSON", {**_LANGUAGE, "callBack": ""}),
    )
)
"""Likewise; the first two tell odometer and altitude as well."""

VEHICLES = Operation("GetLicensePlateNodeMappings", _LANGUAGE)
DRIVERS = Operation("GetDriverNodeMappings", _LANGUAGE)
OPERATING = Operation(
    "VehicleOperatingReport",
    {
        "StartDate": "",
        "EndDate": "",
        "Node": "{node}",
        "Group": "",
        "Compress": "0",
        "Locale": "",
        "Language": "1033",
        "ShowDayByDay": "true",
        # Off is what would bring columns that are not documented.
        "ShowLastLocationInformation": "false",
        "ShowDistance": "true",
        "ShowStandStill": "false",
        "ShowIdling": "true",
        "ShowIgnition": "true",
        "ShowMaxSpeed": "true",
        "ShowAlarmCounts": "false",
        "ShowAlarmInformation": "true",
        "ShowMotionDuration": "true",
    },
    _YEAR_FIRST,
)
_DAY_REPORT = {"StartDate": "", "EndDate": "", "Node": "", "Group": "", "Compress": "0", "Locale": "", "Language": "1"}
DISTANCE = Operation("VehicleDistanceReport", _DAY_REPORT, _MONTH_FIRST)
SPEED_ALARM = Operation("SpeedAlarm", {**_DAY_REPORT, "Duration": "0"}, _MONTH_FIRST)
