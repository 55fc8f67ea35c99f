"""Daily reports over real HTTP, against the stand-in's own books; and what a thin contract leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date
from decimal import Decimal
from typing import Any

import pytest

from connectors.arvento.readers.days import operating_pages
from connectors.arvento.readers.plates import PlateBook
from connectors.arvento.soap.operations import DISTANCE, OPERATING, SPEED_ALARM, STATUS, TRACK, VEHICLES
from connectors.arvento.values import plate_key
from connectors.failure import ProviderFailure
from connectors.istanbul import day_of, start_of
from connectors.sandbox.arvento.drives import drives
from connectors.sandbox.arvento.fleet import fleets
from connectors.sandbox.server import Sandbox
from tests.connectors.arvento.fleet import FLEET, keyed, read, spec, withhold
from tests.connectors.stand_still import START, days

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _whole_contract(sandbox: Sandbox) -> Iterator[None]:
    yield
    sandbox.world.withheld.clear()


class TestDays:
    def test_the_working_day_is_the_points_of_the_day(self, sandbox: Sandbox) -> None:
        rows = keyed("operating_days", read(spec(sandbox), "operating_days", days(2)))
        drive = drives(sandbox.world)
        for vehicle in fleets(sandbox.world)(FLEET):
            told = drive(vehicle, TODAY).told(START)
            row = rows[TODAY, vehicle.node]
            assert abs(row["distance_km"] * 1000 - sum(point.metres for point in told)) <= 50
            assert row["maximum_speed"] == max(point.speed for point in told)
            assert row["first_ignition_on_at"] == told[0].at.astimezone(UTC)
            assert row["last_ignition_off_at"] is None, "the day is not over"
            assert row["ignition_on_seconds"] == (told[-1].at - told[0].at).total_seconds()

    def test_distance_is_the_odometers(self, sandbox: Sandbox) -> None:
        for row in read(spec(sandbox), "distance_days", days(5)):
            assert abs(row["last_odometer_km"] - row["first_odometer_km"] - row["distance_km"]) <= Decimal("0.1")
            assert day_of(row["first_odometer_at"]) == row["day"]

    def test_both_reports_know_the_same_vehicles(self, sandbox: Sandbox) -> None:
        operating = keyed("operating_days", read(spec(sandbox), "operating_days", days(5)))
        assert operating.keys() == keyed("distance_days", read(spec(sandbox), "distance_days", days(5))).keys()

    def test_speed_alarms_are_the_points_above_the_limit(self, sandbox: Sandbox) -> None:
        rows = keyed("speed_alarms", read(spec(sandbox), "speed_alarms", days(9)))
        assert rows
        for row in rows.values():
            assert row["speed"] > row["speed_limit"]
            assert row["violation_seconds"] == (row["speed"] - row["speed_limit"]) * 4

    def test_a_plate_that_no_list_knows_stands_for_the_unit(self, sandbox: Sandbox) -> None:
        withhold(sandbox, VEHICLES.name, DISTANCE.name)
        nodes = {row["node"] for row in read(spec(sandbox), "operating_days", days(1))}
        assert nodes == {plate_key(vehicle.plate) for vehicle in fleets(sandbox.world)(FLEET)}

    def test_a_plate_that_left_the_list_is_found_in_the_days_distance_report(self, sandbox: Sandbox) -> None:
        whole = read(spec(sandbox), "operating_days", days(2))
        withhold(sandbox, VEHICLES.name)
        assert read(spec(sandbox), "operating_days", days(2)) == whole

    def test_two_units_under_one_plate_are_asked_for_apart(self) -> None:

        class Twins:
            async def vehicles(self) -> list[dict[str, Any]]:
                return [{"node": node, "license_plate": "34 ABC 123"} for node in ("K1", "K2")]

            async def operating(self, _day: date, node: str = "") -> list[dict[str, Any]]:
                distances = {"K1": ["1"], "K2": ["2"], "": ["1", "2"]}[node]
                return [{"license_plate": "34ABC123", "distance": each} for each in distances]

        async def run() -> list[Any]:
            source: Any = Twins()
            found = operating_pages(source, PlateBook(source), days(1, start_of(TODAY)))
            return [row async for page in found for row in page.rows]

        assert [(row["node"], row["distance_km"]) for row in asyncio.run(run())] == [("K1", 1), ("K2", 2)]


class TestContract:
    @pytest.mark.parametrize(
        ("stream", "operations"),
        [
            ("vehicles", (VEHICLES,)),
            ("track", TRACK),
            ("positions", STATUS),
            ("operating_days", (OPERATING,)),
            ("distance_days", (DISTANCE,)),
            ("speed_alarms", (SPEED_ALARM,)),
        ],
    )
    def test_a_report_outside_the_contract_fails_its_stream_alone(
        self, sandbox: Sandbox, stream: str, operations: Any
    ) -> None:
        withhold(sandbox, *(operation.name for operation in operations))
        with pytest.raises(ProviderFailure) as caught:
            read(spec(sandbox), stream)
        assert (caught.value.kind, caught.value.code) == ("permanent", "not_licensed")
        for other in ("drivers", "speed_alarms", "distance_days", "positions"):
            if other != stream:
                assert read(spec(sandbox), other, days(9))
