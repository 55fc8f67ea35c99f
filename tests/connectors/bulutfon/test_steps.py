"""The way of answered calls, one request each, within a bound."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from connectors.bulutfon import PROVIDER
from connectors.bulutfon.settings import DETAILS_UNKNOWN_AT_FIRST, STEPS_EVERY, WINDOWS_BEYOND_BOUND
from connectors.contract import Row, Window
from connectors.failure import ProviderFailure
from connectors.sandbox.bulutfon.calls import Call, passed_on
from connectors.sandbox.bulutfon.switchboard import extension_number, lines
from connectors.sandbox.server import Sandbox
from hub.sync.windows import plan_windows
from tests.connectors.bulutfon.calling import GENERATIONS, booked, days, keyed, read, requests, session, spec
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import START, spec_at

OFFICE = "office-2"
DETAILS = {"v1": "/cdrs/", "v2": "/v2/cdr/2026/"}


def answered(sandbox: Sandbox, window: Window) -> dict[str, Call]:
    book = booked(sandbox, OFFICE, window)
    now = sandbox.world.clock.now()
    return {
        uuid: call
        for uuid, call in book.items()
        if call.direction == "IN" and call.answered_at is not None and call.ended_at <= now
    }


def six_hours(count: int) -> list[Window]:
    """So many windows in a row; the last one ends at the start of the sandbox."""
    edges = [START - timedelta(hours=6 * back) for back in range(count, -1, -1)]
    return [Window(start, end) for start, end in pairwise(edges)]


def takers(targets: list[Row]) -> dict[str, list[str]]:
    """The numbers that took each call."""
    taken: dict[str, list[str]] = {}
    for row in targets:
        if row["result"] == "ANSWERED":
            taken.setdefault(row["call_id"], []).append(row["destination"])
    return taken


@pytest.mark.parametrize("version", GENERATIONS)
class TestSteps:
    def test_each_answered_incoming_call_that_is_over_is_asked_for_once(self, sandbox: Sandbox, version: str) -> None:
        found = read(spec(sandbox, OFFICE, version), "call_steps", days(3))
        assert {row["call_id"] for row in found["call_steps"]} == answered(sandbox, days(3)).keys()
        assert requests(sandbox, DETAILS[version]) == len(answered(sandbox, days(3)))

    def test_rows_hold_the_declared_columns_and_have_keys_of_their_own(self, sandbox: Sandbox, version: str) -> None:
        for name, rows in read(spec(sandbox, OFFICE, version), "call_steps", days(3)).items():
            declared = {column.name for column in PROVIDER.stream(name).columns}
            assert all(row.keys() == declared for row in keyed(name, rows).values())

    def test_the_agent_is_whoever_picked_up(self, sandbox: Sandbox, version: str) -> None:
        found = read(spec(sandbox, OFFICE, version), "call_steps", days(10))
        taken = takers(found["call_step_targets"])
        company = sandbox.world.company(OFFICE)
        ways: set[str] = set()
        for uuid, call in answered(sandbox, days(10)).items():
            took = [str(extension_number(call.agent))]
            if passed_on(call):
                ways.add("mobile")
                took = [company.employee(call.agent).phone.removeprefix("+")]
            if call.transferred_to is not None:
                ways.add("handed over")
                took.append(str(extension_number(call.transferred_to)))
            assert taken[uuid] == took
        assert ways == {"mobile", "handed over"}

    def test_a_telephone_outside_is_told_from_an_extension(self, sandbox: Sandbox, version: str) -> None:
        rows = read(spec(sandbox, OFFICE, version), "call_steps", days(10))["call_step_targets"]
        for row in rows:
            assert row["destination_kind"] == ("short" if len(row["destination"]) == 4 else "phone")
        assert {row["destination_kind"] for row in rows} == {"short", "phone"}

    def test_a_call_is_followed_from_its_line_to_where_it_ended(self, sandbox: Sandbox, version: str) -> None:
        rows = read(spec(sandbox, OFFICE, version), "call_steps", days(3))["call_steps"]
        ours = {str(line.number) for line in lines(sandbox.world, OFFICE)}
        assert {row["callee"] for row in rows if row["step"] == 1} == ours
        assert {row["redirection"] for row in rows} >= {
            "REDIRECTED_TO_MENU",
            "REDIRECTED_TO_GROUP",
            "CONNECTING_TO_GROUP",
        }

    def test_the_setting_turns_them_off_without_a_request(self, sandbox: Sandbox, version: str) -> None:
        assert read(spec(sandbox, OFFICE, version, call_steps="false"), "call_steps", days(3)) == {}
        assert requests(sandbox) == 0

    def test_a_sync_that_reaches_its_bound_keeps_what_it_has_and_says_that_it_goes_on_later(
        self, sandbox: Sandbox, version: str
    ) -> None:
        windows = six_hours(WINDOWS_BEYOND_BOUND + 2)
        calls_in = [len(answered(sandbox, window)) for window in windows]
        bound = sum(calls_in[:-1])
        assert calls_in[-1] > 0
        done: list[Window] = []

        async def run() -> None:
            async with session(spec(sandbox, OFFICE, version, call_steps_at_most=bound)) as opened:
                for window in windows:
                    async for _ in opened.pages("call_steps", window):
                        pass
                    done.append(window)

        with pytest.raises(ProviderFailure, match="transient rate_limited"):
            asyncio.run(run())
        assert done == windows[:-1]
        assert requests(sandbox, DETAILS[version]) == bound

    def test_the_bound_never_keeps_a_sync_from_getting_past_what_it_reads_again(
        self, sandbox: Sandbox, version: str
    ) -> None:
        windows = six_hours(WINDOWS_BEYOND_BOUND)
        asked = sum(len(answered(sandbox, window)) for window in windows)
        assert asked > 1

        async def run() -> None:
            async with session(spec(sandbox, OFFICE, version, call_steps_at_most=1)) as opened:
                for window in windows:
                    async for _ in opened.pages("call_steps", window):
                        pass

        asyncio.run(run())
        assert requests(sandbox, DETAILS[version]) == asked


def test_a_sync_reads_fewer_windows_again_than_the_bound_lets_pass() -> None:
    stream = PROVIDER.stream("call_steps")
    cursor = START - timedelta(hours=3, minutes=7)
    windows = plan_windows(stream, cursor=cursor, now=START)
    assert sum(window.end <= cursor for window in windows) < WINDOWS_BEYOND_BOUND


def test_calls_that_are_told_hours_late_are_followed_too(sandbox: Sandbox) -> None:
    month = answered(sandbox, days(30)).values()
    latest = max(call.told_at - call.at for call in month)
    assert latest > timedelta(hours=6)
    # It was told right after a sync, so the next one must still reach back to when it began.
    first = plan_windows(PROVIDER.stream("call_steps"), cursor=START, now=START + STEPS_EVERY)[0]
    assert first.start <= START - latest


def listing(count: int, **changed: Any) -> bytes:
    calls = [
        {
            "uuid": f"b75d34a7-0000-4801-8530-{number:012d}",
            "direction": "IN",
            "caller": 905550000002,
            "callee": 908500000001,
            "call_time": "2026-11-18T00:30:00+03:00",
            "answer_time": "2026-11-18T00:30:09+03:00",
            "hangup_time": "2026-11-18T00:33:40+03:00",
        }
        | changed
        for number in range(count)
    ]
    return http(200, json.dumps({"cdrs": calls, "data": calls, "pagination": {"total_pages": 1}}).encode())


GONE = http(404, b'{"error":"Not found","code":404}')


def details(**changed: Any) -> bytes:
    step = {"callee": 101, "start_time": None, "redirection": "CONNECTING_TO_GROUP", "origination": None} | changed
    return http(200, json.dumps({"cdr": {"call_flow": [step]}, "data": {"call_flow": [step]}}).encode())


def steps_of(version: str, *scripts: bytes) -> tuple[list[Row], list[bytes]]:
    async def run() -> tuple[list[Row], list[bytes]]:
        async with raw_server(*scripts) as server:
            connection = spec_at(server.url, {"api_key": "k", "access_token": "t"}, api_version=version)
            async with session(connection) as opened:
                rows = [row async for page in opened.pages("call_steps", days(1)) for row in page.rows]
            return rows, server.requests

    return asyncio.run(run())


class TestShapes:
    @pytest.mark.parametrize("changed", [{"hangup_time": None}, {"answer_time": None}, {"direction": "OUT"}])
    def test_calls_that_go_on_were_not_answered_or_went_out_are_not_asked_for(self, changed: dict[str, Any]) -> None:
        rows, requests_made = steps_of("v1", listing(2, **changed), details())
        assert (rows, len(requests_made)) == ([], 1)

    def test_a_call_that_is_gone_meanwhile_is_passed_over(self) -> None:
        rows, _ = steps_of("v1", listing(3), GONE, details(), GONE)
        assert [row["call_id"][-1] for row in rows] == ["1"]

    def test_if_no_call_is_known_we_ask_in_the_wrong_place(self) -> None:
        with pytest.raises(ProviderFailure, match="permanent request_refused status=404"):
            steps_of("v1", listing(DETAILS_UNKNOWN_AT_FIRST), GONE)

    def test_the_second_generations_path_names_the_istanbul_day(self) -> None:
        _, requests_made = steps_of("v2", listing(1), details())
        assert requests_made[1].startswith(b"GET /v2/cdr/2026/11/18/b75d34a7-0000-4801-8530-000000000000?apikey=k ")

    def test_a_group_that_rang_nobody_has_no_targets(self) -> None:
        (row,), _ = steps_of("v1", listing(1), details(callee=None, redirection_target="Mesai dışı"))
        assert (row["callee"], row["callee_kind"], row["redirection_target"]) == (None, "withheld", None)

    def test_a_wrong_type_names_its_column(self) -> None:
        for changed, column in (({"origination": 3}, "origination"), ({"callee": []}, "callee")):
            with pytest.raises(ProviderFailure) as caught:
                steps_of("v1", listing(1), details(**changed))
            assert (caught.value.code, caught.value.field) == ("wrong_type", column)
