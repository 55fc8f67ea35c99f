"""Each stream over real HTTP, against the stand-in's own books."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from connectors.arvento import PROVIDER
from connectors.arvento.readers.positions import pages
from connectors.arvento.readers.track import nightly, rows_of, spans
from connectors.arvento.soap.operations import DISTANCE, OPERATING, SPEED_ALARM, STATUS, TRACK
from connectors.arvento.values import has_fix, plate_key
from connectors.contract import Window
from connectors.istanbul import start_of
from connectors.sandbox.arvento.drives import drives
from connectors.sandbox.arvento.fleet import DRIVER_CHANGES_AFTER, VANISHES_AFTER, fleets
from connectors.sandbox.server import Sandbox
from connectors.sandbox.world import Pace
from tests.connectors.arvento.fleet import FLEET, SOAP_PATH, keyed, read, spec, withhold
from tests.connectors.stand_still import START, StandStill, days

TODAY = date(2026, 11, 18)


@pytest.fixture(autouse=True)
def _whole_contract(sandbox: Sandbox) -> Any:
    yield
    sandbox.world.withheld.clear()


class TestVehicles:
    def test_every_vehicle_is_there_under_its_plate_and_the_remark_apart(self, sandbox: Sandbox) -> None:
        rows = read(spec(sandbox), "vehicles")
        fleet = fleets(sandbox.world)(FLEET)
        assert [(row["node"], row["plate"]) for row in rows] == [(each.node, plate_key(each.plate)) for each in fleet]
        assert {row["license_plate"] for row in rows}.isdisjoint(
            {each.written_plate for each in fleet if " -" in each.written_plate}
        )
        assert {row["plate_note"] for row in rows} == {None, "Servis", "yedek araç"}
        assert {row["last_listed_on"] for row in rows} == {TODAY}

    def test_drivers_are_the_companys_own_people(self, sandbox: Sandbox) -> None:
        rows = keyed("drivers", read(spec(sandbox), "drivers"))
        company = sandbox.world.company(FLEET)
        fleet = fleets(sandbox.world)(FLEET)
        assert set(rows) == {(each.node, company.employee(each.index).name) for each in fleet if each.index != 3}

    def test_lists_follow_the_fleet_and_say_when_they_last_had_whom(self, moving_sandbox: Sandbox) -> None:
        before = keyed("vehicles", read(spec(moving_sandbox), "vehicles"))
        first = {row["driver"] for row in read(spec(moving_sandbox), "drivers")}
        moving_sandbox.advance(hours=max(VANISHES_AFTER, DRIVER_CHANGES_AFTER).total_seconds() / 3600 + 1)
        time = StandStill(moving_sandbox.world.clock.now())
        after = keyed("vehicles", read(spec(moving_sandbox), "vehicles", time=time))
        second = {row["driver"] for row in read(spec(moving_sandbox), "drivers", time=time)}
        assert len(before.keys() - after.keys()) == 1
        assert {row["last_listed_on"] for row in after.values()} == {date(2026, 11, 19)}
        assert first - second
        assert second - first


class TestPositions:
    def test_a_fix_is_told_in_utc_with_its_numbers(self, sandbox: Sandbox) -> None:
        rows = keyed("positions", read(spec(sandbox), "positions"))
        drive = drives(sandbox.world)
        for vehicle in fleets(sandbox.world)(FLEET):
            told = drive(vehicle, TODAY).told(START)[-1]
            row = rows[vehicle.node, told.at.astimezone(UTC)]
            assert (row["latitude"], row["speed"]) == (Decimal(str(told.latitude)), told.speed)
            assert row["odometer_km"] > 20_000

    @pytest.mark.parametrize("licensed", range(len(STATUS)))
    def test_every_form_of_the_status_tells_the_same(self, sandbox: Sandbox, licensed: int) -> None:
        named = ("node", "gps_time", "latitude", "longitude", "speed", "address")
        whole = [{name: row[name] for name in named} for row in read(spec(sandbox), "positions")]
        withhold(sandbox, *(operation.name for operation in STATUS[:licensed]))
        rows = read(spec(sandbox), "positions")
        assert [{name: row[name] for name in named} for row in rows] == whole

    def test_a_short_list_is_asked_for_again_and_the_fullest_kept(self, sandbox: Sandbox) -> None:
        asked = set[float]()
        for _ in range(3):
            time = StandStill()
            assert len(read(spec(sandbox), "positions", time=time)) == 8
            asked.update(time.slept)
        assert asked == {1.8}

    def told(self, *nodes: str, **fix: Any) -> tuple[list[Any], int, list[float]]:
        """Rows, requests and pauses where K1 and K2 are listed and each status tells only of `nodes`."""

        class Fleet:
            asked = 0

            async def vehicles(self) -> list[dict[str, Any]]:
                return [{"node": "K1"}, {"node": "K2"}]

            async def statuses(self) -> list[dict[str, Any]]:
                self.asked += 1
                return [{"node": node, "time": START, "latitude": "41", "longitude": "29", **fix} for node in nodes]

        async def run() -> tuple[list[Any], int, list[float]]:
            source, time = Fleet(), StandStill()
            found: Any = source
            (page,) = [page async for page in pages(found, time.clock())]
            return list(page.rows), source.asked, time.slept

        return asyncio.run(run())

    def test_an_absent_vehicle_is_not_waited_for_again_and_again(self) -> None:
        rows, asked, slept = self.told("K1")
        assert (len(rows), asked, slept) == (1, 2, [1.8])

    @pytest.mark.parametrize("fix", [{"latitude": "0", "longitude": "0"}, {"latitude": None}, {"time": None}])
    def test_a_unit_that_does_not_know_where_it_is_counts_as_listed_and_leaves_no_row(self, fix: Any) -> None:
        assert self.told("K1", "K2", **fix) == ([], 1, [])

    def test_units_without_satellites_are_left_out(self) -> None:

        assert not has_fix({"latitude": Decimal(0), "longitude": Decimal(0)})
        assert not has_fix({"latitude": None, "longitude": Decimal(29)})
        assert not has_fix({"latitude": Decimal(95), "longitude": Decimal(29)})
        assert has_fix({"latitude": Decimal(0), "longitude": Decimal(29)})


class TestTrack:
    def test_every_uploaded_point_with_a_fix_is_there_once(self, sandbox: Sandbox) -> None:
        window = days(3)
        rows = keyed("track", read(spec(sandbox), "track", window))
        drive = drives(sandbox.world)
        expected: set[tuple[Any, ...]] = set()
        lost = 0
        for vehicle in fleets(sandbox.world)(FLEET):
            for back in range(4):
                for point in drive(vehicle, TODAY - timedelta(days=back)).told(START):
                    if window.start <= point.at < window.end:
                        lost += not point.latitude
                        fix = (vehicle.node, point.at.astimezone(UTC), point.kind, Decimal(str(point.latitude)))
                        expected |= {fix} if point.latitude else set()
        assert lost
        assert {(*key[:3], row["latitude"]) for key, row in rows.items()} == expected
        assert {key[3] for key in rows} == {0, 1}, "two points of one second are told apart"

    @pytest.mark.parametrize("operation", TRACK[1:])
    def test_other_forms_of_the_report_stand_in(self, sandbox: Sandbox, operation: Any) -> None:
        withhold(sandbox, *(each.name for each in TRACK[: TRACK.index(operation)]))
        assert read(spec(sandbox), "track", days(1))

    def test_windows_touch_and_share_no_point(self, sandbox: Sandbox) -> None:
        later = StandStill(START + timedelta(days=9))
        whole = keyed("track", read(spec(sandbox), "track", days(1), later))
        some = next(key[1] for key in sorted(whole, key=lambda key: key[1]) if key[1] > START - timedelta(hours=20))
        before = keyed("track", read(spec(sandbox), "track", Window(START - timedelta(days=1), some), later))
        after = keyed("track", read(spec(sandbox), "track", Window(some, START), later))
        assert before.keys().isdisjoint(after)
        assert before.keys() | after.keys() == whole.keys()
        assert any(key[1] == some for key in after)

    def test_reading_a_group_again_with_a_late_point_in_it_loses_none(self) -> None:

        def record(latitude: str) -> dict[str, Any]:
            return {"node": "K1", "time": START, "event_type": "x", "latitude": latitude, "longitude": "29"}

        landed = {row["sequence"]: row["latitude"] for row in rows_of([record("41.2")])}
        landed |= {
            row["sequence"]: row["latitude"] for row in rows_of([record("41.2"), record("41.1"), record("41.2")])
        }
        assert sorted(landed.values()) == [Decimal("41.1"), Decimal("41.2")]

    def test_a_late_point_is_found_by_reading_the_last_hours_again(self, moving_sandbox: Sandbox) -> None:
        early = keyed("track", read(spec(moving_sandbox), "track", days(1)))
        moving_sandbox.advance(hours=5)
        late = keyed("track", read(spec(moving_sandbox), "track", days(1)))
        assert late.keys() > early.keys()


NIGHT = start_of(TODAY) + timedelta(hours=3)


class TestNightlyReading:
    def test_the_first_sync_after_three_reads_yesterday_again(self) -> None:
        window = Window(NIGHT - timedelta(hours=6, minutes=10), NIGHT + timedelta(minutes=5))
        assert nightly(window, now=window.end) == Window(start_of(TODAY - timedelta(days=1)), window.end)

    @pytest.mark.parametrize("minutes", [-10, 70, 600])
    def test_no_other_sync_does(self, minutes: int) -> None:
        end = NIGHT + timedelta(minutes=minutes)
        window = Window(end - timedelta(hours=6, minutes=60), end)
        assert nightly(window, now=end) == window

    def test_a_window_of_the_past_is_read_as_it_is(self) -> None:
        window = Window(NIGHT - timedelta(hours=23), NIGHT + timedelta(hours=1))
        assert nightly(window, now=NIGHT + timedelta(days=9)) == window

    def test_pieces_touch_and_end_with_the_window(self) -> None:
        window = Window(START - timedelta(hours=5), START)
        pieces = list(spans(window))
        assert [end - start for start, end in pieces] == [timedelta(hours=2)] * 2 + [timedelta(hours=1)]
        assert (pieces[0][0], pieces[-1][1]) == (window.start, window.end)
        assert all(left[1] == right[0] for left, right in pairwise(pieces))


class TestRequests:
    @pytest.mark.parametrize(
        ("operation", "start", "end"),
        [
            (TRACK[0], "20261117210000", "20261118205959"),
            (OPERATING, "20261117210000", "20261118205959"),
            (DISTANCE, "11172026210000", "11182026205959"),
            (SPEED_ALARM, "11172026210000", "11182026205959"),
        ],
    )
    def test_each_operation_has_its_own_layout_and_ends_a_second_before_the_window(
        self, operation: Any, start: str, end: str
    ) -> None:
        window = (datetime(2026, 11, 17, 18, tzinfo=UTC), datetime(2026, 11, 18, 18, tzinfo=UTC))
        assert operation.bounds(*window) == {"StartDate": start, "EndDate": end}

    def test_a_window_that_ends_within_a_second_asks_for_that_second(self) -> None:
        end = datetime(2026, 11, 18, 18, 0, 0, 500, tzinfo=UTC)
        assert TRACK[0].bounds(START, end)["EndDate"] == "20261118210000"

    def test_bounds_of_old_days_are_written_in_the_summer_time_of_then(self) -> None:
        bounds = OPERATING.bounds(start_of(date(2014, 7, 1)), start_of(date(2014, 7, 2)))
        assert bounds == {"StartDate": "20140701000000", "EndDate": "20140701235959"}
        assert start_of(date(2014, 7, 1)) == datetime(2014, 6, 30, 21, tzinfo=UTC)

    def test_every_stream_is_read(self, sandbox: Sandbox) -> None:
        for stream in PROVIDER.streams:
            assert read(spec(sandbox), stream.name, days(9))
        assert set(sandbox.world.requests) == {("arvento", FLEET, SOAP_PATH)}, "credentials are in no address"


def test_a_steady_fleet_has_every_point_in_time() -> None:
    with Sandbox(start=START, pace=Pace(points_per_day=6, history_days=2, steady=True)) as steady:
        assert len(read(spec(steady), "track", days(1, start_of(TODAY)))) == 48 - _lost(steady)


def _lost(steady: Sandbox) -> int:
    drive = drives(steady.world)
    fleet = fleets(steady.world)(FLEET)
    return sum(not point.latitude for each in fleet for point in drive(each, TODAY - timedelta(days=1)).points)
