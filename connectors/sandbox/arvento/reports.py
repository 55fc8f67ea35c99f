"""Arvento's reports as tables: what each operation would tell of a company at the sandbox's time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.istanbul import ISTANBUL
from connectors.sandbox.arvento.desk import Desk, days_between
from connectors.sandbox.arvento.drives import IGNITION_OFF, IGNITION_ON, SPEED_LIMIT, Drive, Point
from connectors.sandbox.arvento.fleet import Vehicle

ColumnKind = Literal["string", "dateTime", "double", "int"]


@dataclass(frozen=True)
class Column:
    """A column with its English and Turkish names."""

    english: str
    turkish: str
    kind: ColumnKind = "string"


@dataclass(frozen=True)
class Table:
    """One report: names of DataSet and row, columns, and rows of as many values."""

    dataset: str
    row: str
    columns: Sequence[Column]
    rows: list[tuple[Any, ...]]


_DEVICE = Column("Device No", "Cihaz No")
_PLATE = Column("License Plate", "Plaka")
_DRIVER = Column("Driver", "Sürücü")
_ADDRESS = Column("Address", "Adres")
_LATITUDE, _LONGITUDE = Column("Latitude", "Enlem", "double"), Column("Longitude", "Boylam", "double")


def plates(desk: Desk, company_id: str) -> Table:
    """Device to plate."""
    rows = [(vehicle.node, vehicle.written_plate) for vehicle in desk.listed(company_id)]
    return Table("NewDataSet", "tblPlaka", (_DEVICE, _PLATE), rows)


def drivers(desk: Desk, company_id: str) -> Table:
    """Device to driver; one vehicle is a pool vehicle that nobody is assigned to."""
    rows = [
        (vehicle.node, None if vehicle.index == 3 else vehicle.driver(desk.now).name)
        for vehicle in desk.listed(company_id)
    ]
    return Table("NewDataSet", "tblSurucu", (_DEVICE, _DRIVER), rows)


def status(desk: Desk, company_id: str) -> Table:
    """Last positions."""
    columns = (
        _DEVICE,
        Column("GMT Date/Time", "GMT Tarih/Saat", "dateTime"),
        _LATITUDE,
        _LONGITUDE,
        Column("Speed", "Hız", "double"),
        _ADDRESS,
        Column("Building / Region", "Bina / Bölge"),
    )
    rows = [
        (
            fix.vehicle.node,
            fix.point.at.astimezone(UTC),
            fix.point.latitude,
            fix.point.longitude,
            fix.point.speed,
            address_of(fix.vehicle, fix.point),
            region_of(fix.point),
        )
        for fix in desk.fixes(company_id)
    ]
    return Table("tblVehicleStatus", "dtVehicleStatus", columns, rows)


def track(desk: Desk, company_id: str, start: datetime, end: datetime, node: str, minutes_ahead: int) -> Table:
    """The general report."""
    columns = (
        _PLATE,
        _DEVICE,
        _DRIVER,
        Column("Date/Time", "Tarih", "dateTime"),
        Column("Type", "Tür"),
        Column("Speed km/h", "Hız", "double"),
        Column("Distance", "Mesafe", "double"),
        _LATITUDE,
        _LONGITUDE,
        _ADDRESS,
        Column("Pause Duration", "Duraklama Süresi"),
        Column("Idling Duration", "Rölanti Süresi"),
        Column("Ignition On Duration", "Kontak Açık Süresi"),
        Column("Building / Region", "Bina / Bölge"),
    )
    ahead = timedelta(minutes=minutes_ahead)
    rows = [
        (
            vehicle.written_plate,
            vehicle.node,
            vehicle.driver(point.at).name,
            point.at.astimezone(UTC) + ahead,
            point.kind,
            point.speed,
            comma(point.metres),
            point.latitude,
            point.longitude,
            address_of(vehicle, point),
            clock(point.pause_seconds),
            clock(point.idling_seconds),
            None,
            region_of(point),
        )
        for vehicle, point in desk.points(company_id, start, end, node)
    ]
    return Table("NewDataSet", "General Report", columns, rows)


def operating(desk: Desk, company_id: str, start: datetime, end: datetime, node: str) -> Table:
    """The working day of each vehicle that moved."""
    names = ("Ignition On Duration", "Idling Duration", "Motion Time")
    turkish = ("Kontak Açık Süresi", "Rölanti Süresi", "Hareket Süresi")
    columns = (
        _PLATE,
        Column("Distance km", "Mesafe km"),
        Column("Maximum Speed km/h", "Maksimum Hız km/h", "double"),
        *(
            Column(f"{name} {unit}", f"{other} {andere}", "int")
            for name, other in zip(names, turkish, strict=True)
            for unit, andere in (("hr", "sa"), ("min", "dk"), ("sec", "sn"))
        ),
        Column("First Ignition On Alarm", "İlk Kontak Açma Alarmı"),
        Column("Last Ignition Off Alarm", "Son Kontak Kapama Alarmı"),
    )
    rows: list[tuple[Any, ...]] = []
    for vehicle, _, points in _vehicle_days(desk, company_id, start, end, node):
        first = next((point.at for point in points if point.kind == IGNITION_ON), None)
        last = next((point.at for point in reversed(points) if point.kind == IGNITION_OFF), None)
        on = int((points[-1].at - points[0].at).total_seconds())
        idling = sum(point.idling_seconds for point in points)
        motion = on - sum(point.pause_seconds for point in points)
        rows.append(
            (
                vehicle.written_plate,
                comma(sum(point.metres for point in points)),
                max(point.speed for point in points),
                *(part for length in (on, idling, motion) for part in _split(length)),
                _day_first(first),
                _day_first(last),
            )
        )
    return Table("NewDataSet", "Calisma", columns, rows)


def distance(desk: Desk, company_id: str, start: datetime, end: datetime, node: str) -> Table:
    """Distance and odometer of each vehicle in a window."""
    columns = (
        _DEVICE,
        _PLATE,
        _DRIVER,
        Column("Distance km", "Mesafe km"),
        Column("Initial Odometer Value km", "İlk Kilometre km"),
        Column("Initial Odometer Time", "İlk Kilometre Zamanı"),
        Column("Last Odometer Value km", "Son Kilometre km"),
        Column("Last Odometer Time", "Son Kilometre Zamanı"),
    )
    rows: list[tuple[Any, ...]] = []
    for vehicle, drive, points in _vehicle_days(desk, company_id, start, end, node):
        driven = sum(point.metres for point in points) + drive.miscounted_metres
        rows.append(
            (
                vehicle.node,
                vehicle.written_plate,
                vehicle.driver(points[-1].at).name,
                comma(driven),
                comma(drive.odometer_metres),
                _day_first(points[0].at),
                comma(drive.odometer_metres + driven),
                _day_first(points[-1].at),
            )
        )
    return Table("NewDataSet", "MesafeRaporu", columns, rows)


def speed_alarms(desk: Desk, company_id: str, start: datetime, end: datetime, node: str) -> Table:
    """Speed violations."""
    columns = (
        _DEVICE,
        _PLATE,
        _DRIVER,
        Column("Date/Time", "Tarih", "dateTime"),
        Column("Speed Limit", "Hız Limiti", "int"),
        Column("Speed km/h", "Hız", "double"),
        Column("Speed Violation Duration", "Hız İhlal Süresi"),
        _ADDRESS,
    )
    rows = [
        (
            vehicle.node,
            vehicle.written_plate,
            vehicle.driver(point.at).name,
            point.at.astimezone(ISTANBUL),
            SPEED_LIMIT,
            point.speed,
            clock((point.speed - SPEED_LIMIT) * 4),
            address_of(vehicle, point),
        )
        for vehicle, point in desk.points(company_id, start, end, node)
        if point.too_fast
    ]
    return Table("NewDataSet", "HizAlarm", columns, rows)


def address_of(vehicle: Vehicle, point: Point) -> str:
    """A street of the company's town; nothing where there is no fix."""
    if not point.latitude:
        return ""
    place = vehicle.company.address
    return f"{place.street} Cd. No:{point.course % 140 + 1}, {place.district}, {place.city}, Türkiye"


def region_of(point: Point) -> str:
    """The fleet's own name of the place: its yard."""
    return "Depo" if point.kind in (IGNITION_ON, IGNITION_OFF) else ""


def comma(metres: int) -> str:
    """Kilometres with a comma, as reports write them."""
    return f"{metres / 1000:.1f}".replace(".", ",")


def clock(length: int) -> str:
    """`hh:mm:ss`; empty for none."""
    return "{:02d}:{:02d}:{:02d}".format(*_split(length)) if length else ""


def _split(length: int) -> tuple[int, int, int]:
    return length // 3600, length % 3600 // 60, length % 60


def _day_first(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(ISTANBUL).strftime("%d.%m.%Y %H:%M:%S")


def _vehicle_days(
    desk: Desk, company_id: str, start: datetime, end: datetime, node: str
) -> Iterator[tuple[Vehicle, Drive, list[Point]]]:
    for vehicle in desk.fleet(company_id):
        if node and vehicle.node != node:
            continue
        for day in days_between(start, end):
            drive = desk.drive(vehicle, day)
            points = [point for point in drive.told(desk.now) if start <= point.at <= end and vehicle.listed(point.at)]
            if points:
                yield vehicle, drive, points
