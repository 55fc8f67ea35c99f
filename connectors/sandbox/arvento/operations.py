"""The operations of the report service: parameters, date layout, and what each answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connectors.istanbul import ISTANBUL
from connectors.sandbox.arvento import packets, reports
from connectors.sandbox.arvento.desk import Desk
from connectors.sandbox.arvento.reports import Table

Shape = Literal["dataset", "packets", "packet", "json", "text"]
YEAR_FIRST, MONTH_FIRST = "%Y%m%d%H%M%S", "%m%d%Y%H%M%S"
_SIGNED = ("Username", "PIN1", "PIN2")


class BadRequest(Exception):
    """A parameter that Arvento cannot read. Carries its name."""


@dataclass(frozen=True)
class Call:
    """A call whose credentials are right."""

    company_id: str
    parameters: Mapping[str, str]

    @property
    def turkish(self) -> bool:
        """Only `0` gives Turkish columns: `1`, `1033` and even the text `tr` give English ones."""
        return self.parameters.get("Language", "") == "0"

    @property
    def node(self) -> str:
        """The unit asked for; empty for all."""
        return self.parameters.get("Node", "")

    def bounds(self, layout: str) -> tuple[datetime, datetime]:
        """Start and end, both inclusive. Raises `BadRequest`."""
        return self._date("StartDate", layout), self._date("EndDate", layout)

    def minutes_ahead(self) -> int:
        """`MinuteDif`. Raises `BadRequest`."""
        try:
            return int(self.parameters.get("MinuteDif") or 0)
        except ValueError:
            raise BadRequest("MinuteDif") from None

    def _date(self, name: str, layout: str) -> datetime:
        try:
            return datetime.strptime(self.parameters.get(name, ""), layout).replace(tzinfo=ISTANBUL)
        except ValueError:
            raise BadRequest(name) from None


@dataclass(frozen=True)
class Operation:
    """One operation. `answer` gives a `Table`, a list of fields a packet, a list of JSON items, or a text."""

    name: str
    parameters: tuple[str, ...]
    shape: Shape
    answer: Callable[[Desk, Call], Any]


def _track(desk: Desk, call: Call) -> Table:
    start, end = call.bounds(YEAR_FIRST)
    return reports.track(desk, call.company_id, start, end, call.node, call.minutes_ahead())


def _operating(desk: Desk, call: Call) -> Table:
    return reports.operating(desk, call.company_id, *call.bounds(YEAR_FIRST), call.node)


def _distance(desk: Desk, call: Call) -> Table:
    return reports.distance(desk, call.company_id, *call.bounds(MONTH_FIRST), call.node)


def _speed(desk: Desk, call: Call) -> Table:
    return reports.speed_alarms(desk, call.company_id, *call.bounds(MONTH_FIRST), call.node)


def _plate_of(desk: Desk, call: Call) -> str | None:
    return next((each.written_plate for each in desk.listed(call.company_id) if each.node == call.node), None)


def _node_of(desk: Desk, call: Call) -> str | None:
    wanted = call.parameters.get("LicensePlate", "").replace(" ", "").upper()
    return next((each.node for each in desk.listed(call.company_id) if each.plate.replace(" ", "") == wanted), None)


_FLAGS = (
    *("chkLocation", "chkSpeed", "chkPause", "chkMotion", "chkRegion", "txtSpeedMin", "txtSpeedMax"),
    *(f"chkTemperatureSensor{suffix}{number}" for suffix in ("", "Per", "Alm") for number in range(1, 5)),
    *("txtTemperatureMin", "txtTemperatureMax", "chkEmergency", "chkDoor", "chkPauseTime", "chkContactAlarm"),
    *("chkIdlingTime", "chkIdlingAlarm", "chkFuelLevel", "chkPower", "chkDriverIdentification"),
    *(f"chkHumiditySensor{number}" for number in range(1, 5)),
    *("chkPossibleAccident", "chkAcceleration", "chkVehicleMovedWithoutDriverCard"),
)
_WINDOW = (*_SIGNED, "StartDate", "EndDate", "Node", "Group", "Compress")
_SHOWS = (
    *("ShowDayByDay", "ShowLastLocationInformation", "ShowDistance", "ShowStandStill", "ShowIdling", "ShowIgnition"),
    *("ShowMaxSpeed", "ShowAlarmCounts", "ShowAlarmInformation", "ShowMotionDuration"),
)
_STATUS = (*_SIGNED, "Language")
_LISTED = (
    Operation("GetVehicleStatus", _STATUS, "dataset", lambda desk, call: reports.status(desk, call.company_id)),
    Operation("GetVehicleStatusV3", _STATUS, "packets", lambda desk, call: packets.packets(desk, call.company_id)),
    Operation("GetVehicleStatusV4", _STATUS, "packets", lambda desk, call: packets.packets(desk, call.company_id)),
    Operation(
        "GetVehicleStatusByNodeV3",
        (*_SIGNED, "Node", "Language"),
        "packet",
        lambda desk, call: [
            fields for fields in packets.packets(desk, call.company_id) if fields["strNode"] == call.node
        ],
    ),
    Operation(
        "GetVehicleStatusJSON",
        (*_STATUS, "callBack"),
        "json",
        lambda desk, call: packets.json_items(desk, call.company_id),
    ),
    Operation(
        "GetVehicleAlarmStatusJson",
        (*_STATUS, "callBack"),
        "json",
        lambda desk, call: packets.alarm_items(desk, call.company_id),
    ),
    Operation(
        "GetLicensePlateNodeMappings", _STATUS, "dataset", lambda desk, call: reports.plates(desk, call.company_id)
    ),
    Operation("GetDriverNodeMappings", _STATUS, "dataset", lambda desk, call: reports.drivers(desk, call.company_id)),
    Operation("GetLicensePlateFromNode", (*_SIGNED, "Node"), "text", _plate_of),
    Operation("GetNodeFromLicensePlate", (*_SIGNED, "LicensePlate"), "text", _node_of),
    *(
        Operation(name, (*_WINDOW, *_FLAGS, "MinuteDif", "Language"), "dataset", _track)
        for name in ("GeneralReport", "GeneralReport2", "GeneralReportWithDistance")
    ),
    Operation("VehicleOperatingReport", (*_WINDOW, "Locale", "Language", *_SHOWS), "dataset", _operating),
    Operation("VehicleDistanceReport", (*_WINDOW, "Locale", "Language"), "dataset", _distance),
    Operation("SpeedAlarm", (*_WINDOW, "Locale", "Language", "Duration"), "dataset", _speed),
)
OPERATIONS: Mapping[str, Operation] = {operation.name: operation for operation in _LISTED}
TWIN = "ReturnObject"
"""Behind a DataSet operation's name: the same rows, typed."""


def operation_named(name: str) -> tuple[Operation, bool] | None:
    """The operation of that name, and whether its twin is meant; None for an unknown name."""
    operation = OPERATIONS.get(name)
    if operation is not None:
        return operation, False
    operation = OPERATIONS.get(name.removesuffix(TWIN))
    return (operation, True) if operation is not None and operation.shape == "dataset" else None
