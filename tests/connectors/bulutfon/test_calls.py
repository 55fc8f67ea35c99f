"""What the calls stream brings over real HTTP, in both generations, against the stand-in's own book."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from connectors.bulutfon import PROVIDER
from connectors.contract import ColumnType, Row, Window
from connectors.sandbox.bulutfon.switchboard import extension_number, lines
from connectors.sandbox.server import Sandbox
from tests.connectors.bulutfon.calling import (
    DOCUMENTED_V2,
    GENERATIONS,
    advance_into_a_call,
    booked,
    days,
    keyed,
    read,
    requests,
    session,
    spec,
)
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import START, StandStill, spec_at

OFFICE = "office-1"
PYTHON_TYPES: dict[ColumnType, tuple[type, ...]] = {
    "text": (str,),
    "int": (int,),
    "decimal": (Decimal,),
    "bool": (bool,),
    "timestamp": (datetime,),
    "date": (object,),
    "json": (object,),
}


def calls(sandbox: Sandbox, version: str, window: Window | None = None) -> dict[str, Row]:
    return keyed("calls", read(spec(sandbox, OFFICE, version), "calls", window or days(7))["calls"])


@pytest.mark.parametrize("version", GENERATIONS)
class TestBothGenerations:
    def test_every_call_of_the_window_comes_once(self, sandbox: Sandbox, version: str) -> None:
        assert calls(sandbox, version).keys() == booked(sandbox, OFFICE, days(7)).keys()
        assert requests(sandbox, company=OFFICE) > 3, "there are several pages"

    def test_rows_hold_exactly_the_declared_columns_in_their_types(self, sandbox: Sandbox, version: str) -> None:
        for name, rows in read(spec(sandbox, OFFICE, version), "calls", days(7)).items():
            declared = {column.name: column for column in PROVIDER.stream(name).columns}
            for row in rows:
                assert row.keys() == declared.keys()
                for column, value in row.items():
                    assert value is None or isinstance(value, PYTHON_TYPES[declared[column].type]), column
                    assert value is not None or declared[column].nullable, column
                    assert not declared[column].allowed or value in (None, *declared[column].allowed), column

    def test_the_customer_is_the_party_outside_and_ours_is_one_of_our_lines(
        self, sandbox: Sandbox, version: str
    ) -> None:
        told_rows, book = calls(sandbox, version, days(20)), booked(sandbox, OFFICE, days(20))
        ours = {str(line.number) for line in lines(sandbox.world, OFFICE)}
        assert {call.direction for call in book.values()} == {"IN", "OUT", "LOCAL"}
        for uuid, call in book.items():
            row = told_rows[uuid]
            assert row["customer_phone"] == (None if call.outside is None else str(call.outside))
            assert (row["our_number"] in ours) == (call.direction != "LOCAL")

    def test_extensions_and_withheld_numbers_are_no_phones(self, sandbox: Sandbox, version: str) -> None:
        told_rows, book = calls(sandbox, version, days(40)), booked(sandbox, OFFICE, days(40))
        local = [told_rows[uuid] for uuid, call in book.items() if call.direction == "LOCAL"]
        assert local
        assert {(row["caller_kind"], row["callee_kind"]) for row in local} == {("short", "short")}
        assert all(len(row["caller_short"]) == len(row["callee_short"]) == 4 for row in local)
        hidden = [told_rows[uuid] for uuid, call in book.items() if call.direction == "IN" and call.outside is None]
        assert hidden
        assert {(row["caller_kind"], row["customer_phone"]) for row in hidden} == {("withheld", None)}

    def test_waits_and_talks_are_worked_out(self, sandbox: Sandbox, version: str) -> None:
        told_rows = calls(sandbox, version)
        for uuid, call in booked(sandbox, OFFICE, days(7)).items():
            row = told_rows[uuid]
            if call.ended_at > START:
                continue
            assert row["answered"] == (call.answered_at is not None)
            assert row["talk_seconds"] == (call.talk_seconds() if row["answered"] else None)
            assert row["wait_seconds"] == ((call.answered_at or call.ended_at) - call.at).seconds

    def test_a_call_that_goes_on_changes_when_it_ends(self, moving_sandbox: Sandbox, version: str) -> None:
        going_on = advance_into_a_call(moving_sandbox, OFFICE)
        window = Window(START, START + timedelta(days=3))
        before = calls(moving_sandbox, version, window)[going_on]
        moving_sandbox.advance(hours=2)
        after = calls(moving_sandbox, version, window)[going_on]
        assert (before["in_progress"], before["hangup_time"], before["talk_seconds"]) == (True, None, None)
        assert (after["in_progress"], after["answered"]) == (False, True)
        assert after["talk_seconds"] > 0

    def test_some_calls_are_told_late(self, moving_sandbox: Sandbox, version: str) -> None:
        before = calls(moving_sandbox, version, days(3))
        moving_sandbox.advance(hours=9)
        assert calls(moving_sandbox, version, days(3)).keys() > before.keys()

    def test_of_a_recording_only_its_existence_is_told(self, sandbox: Sandbox, version: str) -> None:
        found = read(spec(sandbox, OFFICE, version), "calls", days(20))
        recordings = keyed("recordings", found["recordings"])
        assert recordings.keys() == keyed("calls", found["calls"]).keys()
        kinds = {row["availability"] for row in recordings.values()}
        assert kinds == ({"YES", "NO", "REMOVED"} if version == "v1" else {"YES", "NO"})
        assert "http" not in repr(found)
        assert requests(sandbox, "/call-records") == requests(sandbox, "/v2/call-records") == 0

    def test_a_removed_recording_changes_its_row(self, moving_sandbox: Sandbox, version: str) -> None:
        def recordings() -> dict[str, str]:
            rows = read(spec(moving_sandbox, OFFICE, version), "calls", days(2))["recordings"]
            return {row["call_id"]: row["availability"] for row in rows}

        before = recordings()
        moving_sandbox.advance(hours=36)
        changes = {(before[uuid], after) for uuid, after in recordings().items() if before.get(uuid, after) != after}
        assert ("YES", "REMOVED" if version == "v1" else "NO") in changes

    def test_two_sandboxes_with_one_seed_tell_the_same(self, sandbox: Sandbox, version: str) -> None:
        with Sandbox(seed=sandbox.world.seed, start=START, pace=sandbox.world.pace) as twin:
            assert calls(twin, version) == calls(sandbox, version)


class TestBetweenGenerations:
    def test_both_tell_the_same_calls(self, sandbox: Sandbox) -> None:
        first, second = calls(sandbox, "v1"), calls(sandbox, "v2")
        # The calling line is told by the first where the second tells the extension.
        assert {uuid: row | {"extension": None} for uuid, row in first.items()} == {
            uuid: row | {"extension": None} for uuid, row in second.items()
        }

    def test_who_called_out_is_an_extension_or_a_line(self, sandbox: Sandbox) -> None:
        first, second = calls(sandbox, "v1"), calls(sandbox, "v2")
        for uuid, call in booked(sandbox, OFFICE, days(7)).items():
            expected = str(extension_number(call.agent)) if call.direction == "OUT" else None
            assert second[uuid]["extension"] == expected
            assert first[uuid]["extension"] in (expected, first[uuid]["our_number"])


class TestFirstGeneration:
    def test_a_window_far_back_is_found_without_reading_the_whole_list(self, sandbox: Sandbox) -> None:
        early = days(1, START - timedelta(days=30))
        found = calls(sandbox, "v1", early)
        assert found.keys() == booked(sandbox, OFFICE, early).keys()
        asked = requests(sandbox, "/cdrs", OFFICE)
        whole = len(booked(sandbox, OFFICE, days(60))) / sandbox.world.pace.page_size
        assert asked < whole / 4

    def test_a_list_in_no_order_is_read_to_its_end(self) -> None:
        """A server that knows no `order` still gives every call."""
        times = ["2026-11-18T10:00:00+03:00", "2026-10-01T10:00:00+03:00", "2026-11-18T11:00:00+03:00"]
        pages = [
            {
                "cdrs": [
                    DOCUMENTED_V2 | {"uuid": f"u{page}{place}", "call_time": time} for place, time in enumerate(order)
                ],
                "pagination": {"page": page, "total_pages": 5},
            }
            for page, order in enumerate([sorted(times), times, times, times[::-1], times], start=1)
        ]

        async def run() -> tuple[list[Row], list[bytes]]:
            scripts = [http(200, json.dumps(pages[number - 1]).encode()) for number in (1, 3, 2, 3, 4, 5)]
            async with raw_server(*scripts) as server:
                connection = spec_at(server.url, {"access_token": "t"}, api_version="v1")
                async with session(connection) as opened:
                    rows = [row async for page in opened.pages("calls", days(1)) for row in page.rows]
                return rows, server.requests

        rows, asked = asyncio.run(run())
        assert len(keyed("calls", rows)) == 10
        assert len(asked) == 6

    def test_the_trailing_window_is_asked_for_with_a_limit(self) -> None:
        async def run() -> bytes:
            async with raw_server(http(200, b'{"cdrs":[],"pagination":{"total_pages":1}}')) as server:
                connection = spec_at(server.url, {"access_token": "t"}, api_version="v1")
                async with session(connection) as opened:
                    assert [page async for page in opened.pages("calls", days(2))] == []
                return server.requests[0]

        request = asyncio.run(run())
        assert request.startswith(b"GET /cdrs?")
        for part in (b"order=call_time%2Casc", b"time_limit=month", b"limit=100", b"page=1", b"access_token=t"):
            assert part in request


def test_requests_keep_to_one_a_second(sandbox: Sandbox) -> None:
    for settings, seconds in (({}, 1.0), ({"requests_per_minute": 30}, 2.0)):
        sandbox.world.requests.clear()
        time = StandStill()
        connection = replace(spec(sandbox, f"office-{seconds}"), settings=settings)
        read(connection, "calls", days(10), time)
        asked = requests(sandbox, company=f"office-{seconds}")
        assert asked > 10
        assert time.slept == [seconds] * (asked - 1)
