"""What the mart of vehicle days says of every kind of day. All of it is one dbt run over two tenants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from hub.models.dbt import build_models
from tests.dbt.warehouse import land, mart

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.models.dbt_results import ModelRun
    from hub.settings import Settings

DAY = "2026-11-20"


def worked(vehicle: str, distance: str, **more: Any) -> dict[str, Any]:
    """A row of the operating report; each vehicle is named after what it is there for."""
    return {
        "day": DAY,
        "node": vehicle,
        "license_plate": f"plate-{vehicle}",
        "distance_km": distance,
        "maximum_speed": 110,
        "ignition_on_seconds": 18_000,
        "idling_seconds": 600,
        "motion_seconds": 15_000,
        "first_ignition_on_at": "2026-11-20T07:58:11+03:00",
        "last_ignition_off_at": "2026-11-20T18:02:00+03:00",
    } | more


def driven(vehicle: str, distance: str, **more: Any) -> dict[str, Any]:
    """A row of the distance report."""
    return {
        "day": DAY,
        "node": vehicle,
        "license_plate": f"plate-{vehicle}",
        "driver": f"driver-{vehicle}",
        "distance_km": distance,
        "first_odometer_km": 1000,
        "last_odometer_km": 1100,
    } | more


def sped(vehicle: str, at: str, speed: int, seconds: int | None = 30) -> dict[str, Any]:
    """A speed alarm at a limit of 90."""
    return {
        "node": vehicle,
        "alarm_type": "speed",
        "alarm_time": at,
        "license_plate": f"plate-{vehicle}",
        "driver": f"driver-{vehicle}",
        "speed_limit": 90,
        "speed": speed,
        "violation_seconds": seconds,
    }


def listed(vehicle: str, plate: str, day: str, **more: Any) -> dict[str, Any]:
    """A row of the list of vehicles."""
    return {"node": vehicle, "plate": plate, "license_plate": plate, "last_listed_on": day} | more


@dataclass(frozen=True)
class Fleet:
    """The tenant with every kind of day, its neighbour with one, and the run that modelled both."""

    database: Database
    tenant_id: str
    neighbour: str
    run: ModelRun

    def day(self, vehicle: str, day: date = date(2026, 11, 20)) -> dict[str, Any]:
        rows = mart(self.database, "vehicle_days", self.tenant_id)
        (row,) = [row for row in rows if (row["vehicle_id"], row["day"]) == (vehicle, day)]
        return row

    def findings(self) -> dict[str, dict[str, int]]:
        own = (self.tenant_id, self.neighbour)
        counted = {
            test.name: {tenant: rows for tenant, rows in test.failing.items() if tenant in own}
            for test in self.run.tests
        }
        return {name: rows for name, rows in counted.items() if rows}


@pytest.fixture(scope="module")
def fleet(installation: Settings, database: Database, make_tenant: Callable[..., str]) -> Fleet:
    tenant_id, neighbour = make_tenant(), make_tenant()

    def have(stream: str, *rows: dict[str, Any], tenant: str = tenant_id) -> None:
        land(database, tenant, stream, rows, provider="arvento")

    have(
        "operating_days",
        worked("agrees", "100.0"),
        worked("differs", "95.8"),
        worked("rest", "50", license_plate=None),
        worked("pool", "70"),
        worked("impossible", "10", idling_seconds=20_000),
    )
    have(
        "distance_days",
        driven("agrees", "100.6"),
        driven("differs", "100"),
        driven("odometer", "12.5"),
        driven("backwards", "1", last_odometer_km=900),
    )
    have(
        "speed_alarms",
        sped("agrees", "2026-11-20T10:00:00+03:00", 112),
        sped("agrees", "2026-11-20T11:00:00+03:00", 131, None),
        sped("night", "2026-11-20T21:30:00Z", 99),
    )
    have(
        "vehicles",
        listed("rest", "older", "2026-11-01", vehicle_class="KAMYON"),
        listed("rest", "newer", "2026-11-19", vehicle_class="OTOMOBIL"),
    )
    have(
        "drivers",
        {"node": "rest", "driver": "only", "last_listed_on": "2026-11-19"},
        {"node": "pool", "driver": "one", "last_listed_on": "2026-11-01"},
        {"node": "pool", "driver": "two", "last_listed_on": "2026-11-19"},
        {"node": "agrees", "driver": "another", "last_listed_on": "2026-11-19"},
    )
    have("operating_days", worked("agrees", "7"), tenant=neighbour)
    return Fleet(database, tenant_id, neighbour, build_models(database, installation))


@pytest.mark.parametrize(
    ("vehicle", "status", "distance", "difference"),
    [
        ("agrees", "agrees", "100.6", "0.6"),
        ("differs", "differs", "100", "4.2"),
        ("rest", "operating_only", "50", None),
        ("odometer", "distance_only", "12.5", None),
    ],
)
def test_the_odometer_counts_and_is_held_against_the_points(
    fleet: Fleet, vehicle: str, status: str, distance: str, difference: str | None
) -> None:
    row = fleet.day(vehicle)
    expected = None if difference is None else Decimal(difference)
    assert (row["status"], row["distance_km"], row["distance_difference_km"]) == (status, Decimal(distance), expected)


def test_a_day_has_its_times_and_its_speeding(fleet: Fleet) -> None:
    row = fleet.day("agrees")
    assert (row["ignition_on_seconds"], row["idling_seconds"], row["motion_seconds"]) == (18_000, 600, 15_000)
    assert row["first_ignition_on_at"] == datetime(2026, 11, 20, 4, 58, 11, tzinfo=UTC)
    assert (row["speedings"], row["speeding_seconds"], row["worst_excess"]) == (2, 30, 41)
    assert fleet.day("differs")["speedings"] == 0
    assert fleet.day("differs")["worst_excess"] is None


def test_an_alarm_late_at_night_counts_on_the_istanbul_day(fleet: Fleet) -> None:
    row = fleet.day("night", date(2026, 11, 21))
    assert (row["status"], row["speedings"], row["distance_km"]) == ("alarms_only", 1, None)
    assert (row["plate"], row["driver"]) == ("plate-night", "driver-night")


def test_the_driver_is_whom_the_report_names(fleet: Fleet) -> None:
    assert fleet.day("agrees")["driver"] == "driver-agrees"


def test_a_driver_is_taken_from_the_list_only_where_there_was_never_another(fleet: Fleet) -> None:
    assert fleet.day("rest")["driver"] == "only"
    assert fleet.day("pool")["driver"] is None


def test_plate_and_class_come_from_the_latest_list_where_the_report_has_none(fleet: Fleet) -> None:
    assert (fleet.day("rest")["plate"], fleet.day("rest")["vehicle_class"]) == ("newer", "OTOMOBIL")
    assert fleet.day("pool")["plate"] == "plate-pool"


def test_two_tenants_with_the_same_unit_keep_their_own_days(fleet: Fleet) -> None:
    (row,) = mart(fleet.database, "vehicle_days", fleet.neighbour)
    assert (row["vehicle_id"], row["distance_km"], row["status"]) == ("agrees", 7, "operating_only")


def test_findings_are_counted_for_the_tenant_they_are_about_and_fail_nothing(fleet: Fleet) -> None:
    assert fleet.run.ok
    assert fleet.findings() == {
        "vehicle_days_reconciled": {fleet.tenant_id: 1},
        "vehicle_days_times_fit": {fleet.tenant_id: 1},
        "vehicle_days_odometer_forward": {fleet.tenant_id: 1},
    }
