"""Last positions as typed packets and as JSON items."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from connectors.istanbul import ISTANBUL
from connectors.sandbox.arvento.desk import Desk
from connectors.sandbox.arvento.reports import address_of, region_of

Packet = dict[str, Any]


def packets(desk: Desk, company_id: str) -> list[Packet]:
    """Fields of each LastPacket, in order."""
    return [
        {
            "strNode": fix.vehicle.node,
            "dtGMTDateTime": fix.point.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "dtLocalDateTime": fix.point.at.astimezone(ISTANBUL).strftime("%Y-%m-%dT%H:%M:%S"),
            "dLatitude": fix.point.latitude,
            "dLongitude": fix.point.longitude,
            "dSpeed": fix.point.speed,
            "strAddress": address_of(fix.vehicle, fix.point),
            "strRegion": region_of(fix.point),
            "nCourse": fix.point.course,
            "dOdometer": fix.odometer_metres / 1000,
            "nAltitude": 40 + fix.point.course % 200,
        }
        for fix in desk.fixes(company_id)
    ]


def json_items(desk: Desk, company_id: str) -> list[dict[str, Any]]:
    """Items of GetVehicleStatusJSON."""
    return [
        {
            "Node": fix.vehicle.node,
            "LatitudeY": fix.point.latitude,
            "LongitudeX": fix.point.longitude,
            "Speed": fix.point.speed,
            "Course": fix.point.course,
            "Address": address_of(fix.vehicle, fix.point),
            "LocalDateTime": fix.point.at.astimezone(ISTANBUL).strftime("%Y%m%d%H%M%S") + "000",
        }
        for fix in desk.fixes(company_id)
    ]


def alarm_items(desk: Desk, company_id: str) -> list[dict[str, Any]]:
    """Items of GetVehicleAlarmStatusJson."""
    return [
        {
            "DeviceNo": fix.vehicle.node,
            "GmtDateTime": fix.point.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "AlarmType": "Harita Hız Alarmı" if fix.point.too_fast else fix.point.kind,
            "Latitude": fix.point.latitude,
            "Longitude": fix.point.longitude,
            "Speed": fix.point.speed,
            "Direction": fix.point.course,
            "Height": 40 + fix.point.course % 200,
            "Address": address_of(fix.vehicle, fix.point),
            "BuildingRegion": region_of(fix.point),
        }
        for fix in desk.fixes(company_id)
    ]
