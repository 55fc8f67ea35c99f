"""Calls in every shape in which they are seen or assumed: one answer each, from a server that says it byte for byte."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import Row
from connectors.failure import ProviderFailure
from tests.connectors.bulutfon.calling import DOCUMENTED_V2, GENERATIONS, days, session
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import StandStill, spec_at


def told(version: str, *records: dict[str, Any]) -> dict[str, list[Row]]:
    """Rows of one answer with these records."""
    body = {"cdrs" if version == "v1" else "data": records, "pagination": {"page": 1, "total_pages": 1}}

    async def run() -> dict[str, list[Row]]:
        async with raw_server(http(200, json.dumps(body).encode())) as server:
            connection = spec_at(server.url, {"api_key": "k", "access_token": "t"}, api_version=version)
            async with session(connection) as opened:
                pages = [page async for page in opened.pages("calls", days(1))]
        return {
            "calls": [row for page in pages for row in page.rows],
            "recordings": [row for page in pages for row in page.children["recordings"]],
        }

    return asyncio.run(run())


def told_call(version: str = "v2", /, **changed: Any) -> Row:
    (row,) = told(version, DOCUMENTED_V2 | changed)["calls"]
    return row


class TestSecondGeneration:
    def test_a_window_is_asked_for_by_its_bounds(self) -> None:
        async def run() -> bytes:
            async with raw_server(http(200, b'{"data":[],"pagination":{"total_pages":1}}')) as server:
                async with session(spec_at(server.url, {"api_key": "k"})) as opened:
                    assert [page async for page in opened.pages("calls", days(2))] == []
                return server.requests[0]

        request = asyncio.run(run())
        assert b"call_time%5Bge%5D=2026-11-16T12%3A00%3A00%2B03%3A00" in request
        assert b"call_time%5Blt%5D=2026-11-18T12%3A00%3A01%2B03%3A00" in request

    def test_what_is_seen_in_public_is_enough(self) -> None:
        row = told_call()
        assert (row["answered"], row["talk_seconds"], row["in_progress"]) == (True, 151, False)
        assert (row["customer_phone"], row["our_number"]) == ("905550000002", "908500000001")
        assert row["wait_seconds"] is None
        row = told_call(duration=0)
        assert (row["answered"], row["talk_seconds"]) == (False, None)

    def test_calls_outside_of_the_window_are_left_out_where_the_filter_is_not_heeded(self) -> None:
        assert told("v2", DOCUMENTED_V2 | {"call_time": "2026-10-01T10:00:00+03:00"}) == {"calls": [], "recordings": []}


class TestShapes:
    @pytest.mark.parametrize("direction", ["out", "OUT", None, "SIDEWAYS"])
    def test_unless_a_call_came_in_the_callee_is_outside(self, direction: str | None) -> None:
        row = told_call(direction=direction, caller=1004, callee="905550000009")
        assert (row["customer_phone"], row["our_number"], row["caller_short"]) == ("905550000009", None, "1004")
        assert row["direction"] == (direction.upper() if direction else None)

    @pytest.mark.parametrize(
        ("told_as", "availability"),
        [
            ("YES", "YES"),
            ("no", "NO"),
            ("REMOVED", "REMOVED"),
            (True, "YES"),
            ("https://api.bulutfon.com/v2/x?apikey=k", "YES"),
            ("/v2/call-records/x?apikey=k", "YES"),
            ("apikey=k", "OTHER"),
        ],
    )
    def test_a_recordings_address_is_a_yes_and_goes_no_further(self, told_as: Any, availability: str) -> None:
        found = told("v2", DOCUMENTED_V2 | {"call_record": told_as})
        assert [row["availability"] for row in found["recordings"]] == [availability]
        assert "apikey" not in repr(found)

    def test_a_call_of_which_no_recording_is_told_has_none(self) -> None:
        assert told("v2", DOCUMENTED_V2 | {"call_record": None})["recordings"] == []

    @pytest.mark.parametrize(("price", "expected"), [("0.70", Decimal("0.70")), ("", None), (None, None), (1, 1)])
    def test_a_price_is_exact_or_absent(self, price: Any, expected: Any) -> None:
        assert told_call(call_price=price)["call_price"] == expected

    def test_times_of_older_rows_have_another_offset(self) -> None:
        row = told_call(call_time="2026-11-18T09:01:00+02:00", answer_time="", hangup_time="")
        assert row["call_time"] == datetime(2026, 11, 18, 7, 1, tzinfo=UTC)
        assert (row["answer_time"], row["hangup_time"]) == (None, None)

    def test_a_cause_that_nobody_listed_is_accepted(self) -> None:
        assert told_call(hangup_cause="RECOVERY_ON_TIMER_EXPIRE")["hangup_cause"] == "RECOVERY_ON_TIMER_EXPIRE"

    @pytest.mark.parametrize(
        ("field", "value", "column"),
        [
            ("call_time", None, "call_time"),
            ("call_time", "dün", "call_time"),
            ("uuid", None, "call_id"),
            ("caller", {}, "caller"),
            ("duration", "uzun", "talk_seconds"),
            ("call_record", 7, "availability"),
            ("missing_call", "belki", "missed"),
        ],
    )
    def test_a_wrong_type_names_its_column(self, field: str, value: Any, column: str) -> None:
        with pytest.raises(ProviderFailure) as caught:
            told_call(**{field: value})
        assert (caught.value.kind, caught.value.code, caught.value.field) == ("transient", "wrong_type", column)

    @pytest.mark.parametrize("version", GENERATIONS)
    @pytest.mark.parametrize("body", [b"{}", b'{"pagination":{}}', b"[]", b'{"cdrs":null,"data":null}'])
    def test_an_answer_without_its_list_is_no_quiet_day(self, version: str, body: bytes) -> None:
        async def run() -> None:
            async with raw_server(http(200, body)) as server:
                connection = spec_at(server.url, {"api_key": "k", "access_token": "t"}, api_version=version)
                async with session(connection, StandStill()) as opened:
                    _ = [page async for page in opened.pages("calls", days(1))]

        with pytest.raises(ProviderFailure) as caught:
            asyncio.run(run())
        assert caught.value.kind == "transient"
        assert caught.value.code in {"answer_malformed", "wrong_type"}
