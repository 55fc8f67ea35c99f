"""The stand-in itself, in the shapes that Bulutfon's own documents and clients have."""

from __future__ import annotations

import hashlib
import json
import socket
from typing import Any

import httpx
import pytest

from connectors.istanbul import ISTANBUL
from connectors.sandbox.bulutfon.calls import Call
from connectors.sandbox.server import Sandbox
from tests.connectors.bulutfon.calling import booked, days, read, spec
from tests.connectors.stand_still import START

OFFICE = "office-5"
KEY_NAMES = {"v1": ("access_token", "access_token"), "v2": ("apikey", "api_key")}


def ask(sandbox: Sandbox, path: str, /, **query: Any) -> httpx.Response:
    version = "v2" if path.startswith("/v2/") else "v1"
    parameter, field = KEY_NAMES[version]
    key = sandbox.credentials(OFFICE, "bulutfon")[field]
    return httpx.get(f"{sandbox.url}{path}", params={parameter: key, **query}, trust_env=False)


def told(sandbox: Sandbox, path: str, /, **query: Any) -> Any:
    answer = ask(sandbox, path, **query)
    assert answer.status_code == 200
    return answer.json()


def one(sandbox: Sandbox, **wanted: Any) -> Call:
    book = booked(sandbox, OFFICE, days(7)).values()
    return next(call for call in book if all(getattr(call, name) == value for name, value in wanted.items()))


class TestFirstGeneration:
    @pytest.mark.parametrize(
        "path", ["/me", "/cdrs", "/extensions", "/groups", "/dids", "/extensions/601", "/dids/301"]
    )
    def test_every_path_is_answered_with_and_without_json(self, sandbox: Sandbox, path: str) -> None:
        assert told(sandbox, path).keys() == told(sandbox, f"{path}.json").keys()

    def test_numbers_are_integers_and_a_withheld_one_is_null(self, sandbox: Sandbox) -> None:
        rows = [row for page in range(1, 20) for row in told(sandbox, "/cdrs", page=page)["cdrs"]]
        assert {type(row["caller"]) for row in rows} == {int, type(None)}
        assert {type(row["callee"]) for row in rows} == {int}
        assert all(("extension" in row) == (row["direction"] == "OUT") for row in rows)

    def test_a_list_has_pages_whose_links_hold_the_token(self, sandbox: Sandbox) -> None:
        first = told(sandbox, "/cdrs", limit=3)["pagination"]
        assert first.keys() == {"page", "total_count", "total_pages", "limit", "previous_page", "next_page"}
        assert (first["page"], first["limit"], first["previous_page"]) == (1, 3, None)
        assert first["total_pages"] == -(-first["total_count"] // 3)
        assert sandbox.credentials(OFFICE, "bulutfon")["access_token"] in first["next_page"]

    def test_a_list_is_filtered_and_ordered(self, sandbox: Sandbox) -> None:
        day = told(sandbox, "/cdrs", time_limit="day", order="call_time,asc")["cdrs"]
        assert [row["call_time"] for row in day] == sorted(row["call_time"] for row in day)
        latest = told(sandbox, "/cdrs")["cdrs"][0]["call_time"]
        assert latest >= day[-1]["call_time"]
        assert {row["missing_call"] for row in told(sandbox, "/cdrs", missing_call="true")["cdrs"]} == {True}
        number = str(next(row["callee"] for row in day if row["direction"] == "IN"))
        assert {str(row["callee"]) for row in told(sandbox, "/cdrs", callee=f"1,{number}")["cdrs"]} == {number}
        for row in told(sandbox, "/cdrs", caller_or_callee=number)["cdrs"]:
            assert number in (str(row["caller"]), str(row["callee"]))
        assert ask(sandbox, "/cdrs", time_limit="year").status_code == 422

    def test_a_calls_details_tell_who_rang(self, sandbox: Sandbox) -> None:
        call = one(sandbox, direction="IN", group=101)
        record = told(sandbox, f"/cdrs/{call.uuid}.json")["cdr"]
        (last,) = [step for step in record["call_flow"] if step["redirection"] == "CONNECTING_TO_GROUP"]
        assert (last["callee"], len(last["origination"])) == (101, 4)
        assert ask(sandbox, "/cdrs/b75d34a7-0000-4801-8530-406c6aea0e02").status_code == 404
        assert ask(sandbox, "/cdrs/none").status_code == 404

    def test_a_request_for_the_whole_address_is_accepted(self, sandbox: Sandbox) -> None:
        """As the Ruby SDK sends it: `GET http://host/me?… HTTP/1.1`."""
        token = sandbox.credentials(OFFICE, "bulutfon")["access_token"]
        with socket.create_connection(("127.0.0.1", sandbox.port)) as connection:
            target = f"{sandbox.url}/me?access_token={token}"
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 200")
        assert json.loads(answer.partition(b"\r\n\r\n")[2]).keys() == {"user", "pbx", "credit"}


class TestSecondGeneration:
    def test_numbers_are_text_and_a_recording_is_an_address(self, sandbox: Sandbox) -> None:
        rows = [row for page in range(1, 20) for row in told(sandbox, "/v2/cdr/list", page=page)["data"]]
        assert {type(row["caller"]) for row in rows} == {str}
        assert "anonymous" in {row["caller"] for row in rows}
        assert {row["call_record"].partition(":")[0] for row in rows} == {"NO", "http"}

    def test_filters_compare_times_numbers_and_text(self, sandbox: Sandbox) -> None:
        since = START.astimezone(ISTANBUL).replace(hour=0).isoformat()
        today = told(sandbox, "/v2/cdr/list", **{"call_time[ge]": since})["data"]
        assert today
        assert all(row["call_time"] >= since for row in today)
        long = told(sandbox, "/v2/cdr/list", **{"duration[gt]": "99", "duration[le]": "1000"})["data"]
        assert long
        assert all(99 < row["duration"] <= 1000 for row in long)
        inside = told(sandbox, "/v2/cdr/list", **{"direction[eq]": "LOCAL", "caller[cont]": "10"})["data"]
        assert {row["direction"] for row in inside} == {"LOCAL"}
        assert "LOCAL" not in {
            row["direction"] for row in told(sandbox, "/v2/cdr/list", **{"direction[ne]": "LOCAL"})["data"]
        }

    @pytest.mark.parametrize("name", ["call_time[after]", "colour[eq]"])
    def test_a_filter_that_is_none_is_refused(self, sandbox: Sandbox, name: str) -> None:
        assert ask(sandbox, "/v2/cdr/list", **{name: "1"}).status_code == 422

    def test_a_calls_details_are_found_under_its_day_only(self, sandbox: Sandbox) -> None:
        call = one(sandbox, direction="IN", group=102)
        day = f"{call.at.astimezone(ISTANBUL):%Y/%m/%d}"
        assert told(sandbox, f"/v2/cdr/{day}/{call.uuid}")["data"]["call_flow"]
        assert ask(sandbox, f"/v2/cdr/2026/01/01/{call.uuid}").status_code == 404

    def test_paths_have_no_suffix(self, sandbox: Sandbox) -> None:
        assert ask(sandbox, "/v2/pbx/extensions.json").status_code == 404


class TestKeys:
    @pytest.mark.parametrize("path", ["/cdrs", "/v2/cdr/list"])
    @pytest.mark.parametrize("query", ["", "?access_token=x&apikey=x", "?access_token=bfv1-x-y&apikey=bfv2-%C4%9F-y"])
    def test_a_wrong_key_is_turned_away_with_words_and_a_code(self, sandbox: Sandbox, path: str, query: str) -> None:
        answer = httpx.get(f"{sandbox.url}{path}{query}", trust_env=False)
        assert (answer.status_code, answer.json()) == (401, {"error": "Invalid token", "code": 401})

    @pytest.mark.parametrize(
        ("path", "name", "field"),
        [("/me", "access_token", "api_key"), ("/v2/cdr/list", "apikey", "access_token")],
    )
    def test_a_key_of_the_other_generation_is_a_wrong_one(
        self, sandbox: Sandbox, path: str, name: str, field: str
    ) -> None:
        key = sandbox.credentials(OFFICE, "bulutfon")[field]
        answer = httpx.get(f"{sandbox.url}{path}", params={name: key}, trust_env=False)
        assert (answer.status_code, answer.json()) == (401, {"error": "Wrong token", "code": 401})


class TestRecordings:
    def test_audio_opens_to_the_master_token_and_to_the_recordings_own(self, sandbox: Sandbox) -> None:
        uuid = told(sandbox, "/cdrs")["cdrs"][0]["uuid"]
        token = sandbox.credentials(OFFICE, "bulutfon")["access_token"]
        own = hashlib.sha1((token + uuid).encode(), usedforsecurity=False).hexdigest()
        for path in (f"/call-records/{uuid}", f"/call-records/{uuid}/stream"):
            assert ask(sandbox, path).content.startswith(b"OggS")
            answer = httpx.get(f"{sandbox.url}{path}", params={"access_token": own}, trust_env=False)
            assert answer.content.startswith(b"OggS")
            refused = httpx.get(f"{sandbox.url}{path}", params={"access_token": own[::-1]}, trust_env=False)
            assert refused.status_code == 401


class TestPeople:
    def test_those_who_pay_are_among_those_who_call(self, sandbox: Sandbox) -> None:
        company = sandbox.world.company(OFFICE)
        regulars = {company.customer(index).phone for index in range(sandbox.world.pace.subscribers)}
        phones = {f"+{row['customer_phone']}" for row in read(spec(sandbox, OFFICE), "calls", days(20))["calls"]}
        assert len(regulars & phones) > len(regulars) / 2
        assert phones - {company.customer(index).phone for index in range(company.CUSTOMERS)}, "strangers call too"

    def test_a_steady_pace_is_exact(self) -> None:
        from connectors.sandbox.world import Pace

        pace = Pace(history_days=3, steady=True, calls_per_day=7)
        with Sandbox(start=START.replace(hour=20, minute=59), pace=pace) as steady:
            window = days(3, START.replace(hour=20))
            assert len(read(spec(steady, OFFICE), "calls", window)["calls"]) == 21
