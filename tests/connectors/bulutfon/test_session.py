"""Keys, settings and what is never said."""

from __future__ import annotations

import asyncio
import json
import logging
import traceback
from typing import Any

import pytest

from connectors.bulutfon.session import BulutfonSession
from connectors.failure import ProviderFailure
from connectors.sandbox.faults import FAULT_KINDS, Fault
from connectors.sandbox.gate import QUOTED_CUSTOMER
from connectors.sandbox.server import Sandbox, credentials
from tests.connectors.bulutfon.calling import GENERATIONS, days, in_session, read, requests, session, spec
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import spec_at

OFFICE = "office-4"
OTHER = {"v1": "api_key", "v2": "access_token"}
MINE = {"v1": "access_token", "v2": "api_key"}


async def _test(opened: BulutfonSession) -> None:
    await opened.test()


def failure_of_test(url: str, keys: dict[str, str], version: str) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        in_session(spec_at(url, keys, api_version=version), _test)
    return caught.value


def failure_of_answer(status: int, body: bytes, version: str = "v2", *headers: str) -> ProviderFailure:
    async def run() -> None:
        async with raw_server(http(status, body, *headers)) as server:
            connection = spec_at(server.url, {"api_key": "k", "access_token": "t"}, api_version=version)
            async with session(connection) as opened:
                await opened.test()

    with pytest.raises(ProviderFailure) as caught:
        asyncio.run(run())
    return caught.value


@pytest.mark.parametrize("version", GENERATIONS)
class TestTheTest:
    def test_the_right_key_passes_with_one_request(self, sandbox: Sandbox, version: str) -> None:
        in_session(spec(sandbox, OFFICE, version), _test)
        assert requests(sandbox) == 1

    def test_a_key_nobody_gave_is_rejected_for_good(self, sandbox: Sandbox, version: str) -> None:
        keys = sandbox.credentials(OFFICE, "bulutfon") | {MINE[version]: "nobody's"}
        failure = failure_of_test(sandbox.url, keys, version)
        assert (failure.kind, failure.code) == ("permanent", "credentials_rejected")
        assert (failure.provider_code, requests(sandbox)) == ("INVALID_TOKEN", 1)

    def test_a_key_of_the_other_generation_is_rejected_and_said_to_be_one(self, sandbox: Sandbox, version: str) -> None:
        keys = sandbox.credentials(OFFICE, "bulutfon")
        failure = failure_of_test(sandbox.url, {MINE[version]: keys[OTHER[version]]}, version)
        assert (failure.kind, failure.code) == ("permanent", "credentials_rejected")
        assert (failure.status, failure.provider_code) == (401, "WRONG_TOKEN")

    def test_without_this_generations_key_nothing_is_sent(self, sandbox: Sandbox, version: str) -> None:
        keys = sandbox.credentials(OFFICE, "bulutfon")
        failure = failure_of_test(sandbox.url, {OTHER[version]: keys[OTHER[version]]}, version)
        assert (failure.kind, failure.code, failure.field) == ("permanent", "credentials_rejected", MINE[version])
        assert requests(sandbox) == 0

    def test_keys_of_another_sandbox_are_unknown(self, sandbox: Sandbox, version: str) -> None:
        keys = credentials(sandbox.world.seed + 1, OFFICE, "bulutfon")
        assert failure_of_test(sandbox.url, keys, version).code == "credentials_rejected"

    def test_a_wrong_key_never_makes_a_sync_of_no_rows(self, sandbox: Sandbox, version: str) -> None:
        for stream in ("calls", "call_steps", "extensions", "groups", "numbers"):
            with pytest.raises(ProviderFailure, match="permanent credentials_rejected"):
                read(spec_at(sandbox.url, {MINE[version]: "nobody's"}, api_version=version), stream)


class TestMeanings:
    @pytest.mark.parametrize(
        ("status", "body", "meaning"),
        [
            (401, b'{"error":"Token expired","code":401}', ("permanent", "credentials_expired", "TOKEN_EXPIRED")),
            (401, b'{"error":"token expired."}', ("permanent", "credentials_expired", "TOKEN_EXPIRED")),
            (200, b'{"error":"Token expired"}', ("permanent", "credentials_expired", "TOKEN_EXPIRED")),
            (401, b"", ("permanent", "credentials_rejected", None)),
            (401, b'{"error":["Ayse"],"code":401}', ("permanent", "credentials_rejected", None)),
            (200, b'{"error":"Ayse","code":401}', ("permanent", "credentials_rejected", None)),
            (200, b'{"error":"Ayse"}', ("transient", "provider_error", None)),
            (400, b"", ("permanent", "request_refused", None)),
            (404, b"<html>", ("permanent", "request_refused", None)),
            (422, b'{"error":"Ayse 905550000002"}', ("permanent", "request_refused", None)),
            (429, b"", ("transient", "rate_limited", None)),
            (500, b'{"error":"Token expired"}', ("transient", "provider_error", None)),
            (502, b"<html>", ("transient", "provider_error", None)),
            (200, b"<html>", ("transient", "answer_malformed", None)),
            (200, b"[]", ("transient", "answer_malformed", None)),
        ],
    )
    def test_an_answer_means(self, status: int, body: bytes, meaning: tuple[str, str, str | None]) -> None:
        failure = failure_of_answer(status, body)
        assert (failure.kind, failure.code, failure.provider_code) == meaning
        assert "Ayse" not in "".join(traceback.format_exception(failure))

    def test_a_right_that_a_second_generations_key_lacks_is_told_from_a_wrong_key(self) -> None:
        body = b'{"error":"Forbidden","code":403}'
        assert failure_of_answer(403, body, "v2").code == "not_licensed"
        assert failure_of_answer(403, body, "v1").code == "credentials_rejected"

    @pytest.mark.parametrize("state", ["SUSPENDED", "TERMINATED", "CANCEL", "RECANTED"])
    def test_a_switchboard_that_is_shut_down_is_no_working_account(self, state: str) -> None:
        failure = failure_of_answer(200, json.dumps({"user": {}, "pbx": {"state": state}}).encode(), "v1")
        assert (failure.kind, failure.code) == ("permanent", "account_frozen")

    def test_an_account_without_a_switchboard_is_no_account(self) -> None:
        assert failure_of_answer(200, b'{"user":{}}', "v1").code == "answer_malformed"


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("api_version", "3"),
            ("api_version", "vv"),
            ("api_version", True),
            ("key_in_header", "maybe"),
            ("call_steps", 7),
            ("call_steps_at_most", 0),
            ("call_steps_at_most", "many"),
            ("requests_per_minute", -5),
            ("requests_per_minute", True),
            ("request_timeout_seconds", "nan"),
        ],
    )
    def test_a_wrong_setting_is_named(self, sandbox: Sandbox, name: str, value: Any) -> None:
        connection = spec_at(sandbox.url, sandbox.credentials(OFFICE, "bulutfon"), **{name: value})
        with pytest.raises(ProviderFailure) as caught:
            in_session(connection, _test)
        assert (caught.value.kind, caught.value.code, caught.value.field) == ("permanent", "settings_invalid", name)

    @pytest.mark.parametrize(("value", "path"), [(1, "/me"), ("1", "/me"), ("V1", "/me"), ("v2", "/v2/"), (2, "/v2/")])
    def test_the_generation_is_a_setting(self, sandbox: Sandbox, value: Any, path: str) -> None:
        in_session(spec_at(sandbox.url, sandbox.credentials(OFFICE, "bulutfon"), api_version=value), _test)
        assert requests(sandbox, path) == 1

    def test_the_second_generation_is_the_ordinary_one(self, sandbox: Sandbox) -> None:
        in_session(spec_at(sandbox.url, sandbox.credentials(OFFICE, "bulutfon")), _test)
        assert requests(sandbox, "/v2/cdr/list") == 1

    @pytest.mark.parametrize("version", GENERATIONS)
    def test_a_key_in_the_header_is_not_in_the_address(self, version: str) -> None:
        async def run() -> bytes:
            async with raw_server(http(200, b'{"data":[],"pbx":{}}')) as server:
                keys = {"api_key": "geheim-2", "access_token": "geheim-1"}
                connection = spec_at(f"{server.url}/proxy/", keys, api_version=version, key_in_header=True)
                async with session(connection) as opened:
                    await opened.test()
                return server.requests[0]

        address, _, headers = asyncio.run(run()).decode().partition("\r\n")
        if version == "v2":
            assert address == "GET /proxy/v2/cdr/list?limit=1&page=1 HTTP/1.1"
            assert "apikey: geheim-2" in headers
        else:
            assert address == "GET /proxy/me?access_token=geheim-1 HTTP/1.1"

    def test_a_key_with_a_letter_that_no_header_knows_is_rejected_and_not_quoted(self, sandbox: Sandbox) -> None:
        connection = spec_at(sandbox.url, {"api_key": "anahtarım-çok-gizli"}, key_in_header=True)
        with pytest.raises(ProviderFailure, match="credentials_rejected") as caught:
            in_session(connection, _test)
        assert "gizli" not in "".join(traceback.format_exception(caught.value))

    def test_the_stand_in_takes_the_header_too(self, sandbox: Sandbox) -> None:
        assert read(spec(sandbox, OFFICE, key_in_header="true"), "calls", days(2))["calls"]


@pytest.mark.parametrize("version", GENERATIONS)
class TestWhatIsNeverSaid:
    def test_keys_are_in_no_repr_log_row_or_exception(
        self, sandbox: Sandbox, version: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        keys = sandbox.credentials(OFFICE, "bulutfon")
        connection = spec(sandbox, OFFICE, version)
        said: list[str] = [repr(connection)]

        async def work(opened: BulutfonSession) -> None:
            said.extend([repr(opened), repr(vars(opened)), repr(vars(vars(opened)["_client"]))])
            said.extend([repr(page) async for page in opened.pages("calls", days(2))])

        with caplog.at_level(logging.DEBUG):
            for kind in (None, *FAULT_KINDS):
                sandbox.world.faults.clear()
                if kind not in (None, "slow", "late"):
                    sandbox.world.faults.add(Fault(kind))
                try:
                    in_session(connection, work)
                except ProviderFailure as failure:
                    said.append("".join(traceback.format_exception(failure)))
        said.append(caplog.text)
        assert len(said) > 10
        for text in said:
            for key in keys.values():
                assert key not in text
            assert "access_token" not in text.replace("'access_token'", "")
            assert "apikey=" not in text

    def test_a_provider_that_quotes_a_person_is_not_quoted(
        self, sandbox: Sandbox, version: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        person = sandbox.world.company(OFFICE).customer(QUOTED_CUSTOMER)
        sandbox.world.faults.add(Fault("error_with_personal_data", company=OFFICE))
        with caplog.at_level(logging.DEBUG), pytest.raises(ProviderFailure) as caught:
            read(spec(sandbox, OFFICE, version), "calls")
        said = "".join(traceback.format_exception(caught.value)) + caplog.text
        assert (caught.value.kind, caught.value.code) == ("permanent", "request_refused")
        for value in (person.surname, person.tckn, person.plain_phone, person.email, person.plate, person.upper_name):
            assert value not in said
