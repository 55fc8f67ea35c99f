from __future__ import annotations

import asyncio
from typing import Any

import pytest

from connectors.arvento.session import ArventoSession
from connectors.arvento.settings import report_url, service_url
from connectors.failure import ProviderFailure
from connectors.sandbox.server import Sandbox, credentials
from tests.connectors.arvento.fleet import FLEET, in_session, session, spec
from tests.connectors.arvento.payloads import dataset, envelope
from tests.connectors.raw_server import http, raw_server
from tests.connectors.stand_still import spec_at

MAPPINGS = "GetLicensePlateNodeMappings"


async def _test(opened: ArventoSession) -> None:
    await opened.test()


def failure_of_test(connection: Any) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        in_session(connection, _test)
    return caught.value


class TestTheTest:
    def test_right_credentials_pass_with_one_request(self, sandbox: Sandbox) -> None:
        in_session(spec(sandbox), _test)
        assert sum(sandbox.world.requests.values()) == 1

    @pytest.mark.parametrize("change", [{"pin1": "wrong"}, {"pin2": "wrong"}, {"username": "nobody"}])
    def test_wrong_credentials_are_rejected_for_good(self, sandbox: Sandbox, change: dict[str, str]) -> None:
        failure = failure_of_test(spec_at(sandbox.url, sandbox.credentials(FLEET, "arvento") | change))
        assert (failure.kind, failure.code) == ("permanent", "credentials_rejected")
        assert sum(sandbox.world.requests.values()) == 1, "a rejection is not tried again"

    def test_credentials_of_another_sandbox_are_unknown(self, sandbox: Sandbox) -> None:
        other = credentials(sandbox.world.seed + 1, FLEET, "arvento")
        assert failure_of_test(spec_at(sandbox.url, other)).code == "credentials_rejected"

    def test_a_contract_without_the_list_of_vehicles_does_not_speak_against_the_credentials(
        self, sandbox: Sandbox
    ) -> None:
        sandbox.world.withheld.add(("arvento", FLEET, MAPPINGS))
        try:
            in_session(spec(sandbox), _test)
        finally:
            sandbox.world.withheld.clear()


class TestSettings:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("requests_per_minute", "many"),
            ("requests_per_minute", 0),
            ("request_timeout_seconds", []),
            ("interface", "ftp"),
            ("track_zone", "mars"),
            ("track_zone", ["utc"]),
        ],
    )
    def test_a_wrong_setting_is_named(self, sandbox: Sandbox, name: str, value: Any) -> None:
        failure = failure_of_test(spec(sandbox, **{name: value}))
        assert (failure.kind, failure.code, failure.field) == ("permanent", "settings_invalid", name)

    def test_a_missing_pin_is_named_and_the_second_may_be_missing(self, sandbox: Sandbox) -> None:
        keys = sandbox.credentials(FLEET, "arvento")
        assert failure_of_test(spec_at(sandbox.url, {"username": keys["username"]})).field == "pin1"
        without = {name: keys[name] for name in ("username", "pin1")}
        assert failure_of_test(spec_at(sandbox.url, without)).code == "credentials_rejected"

    @pytest.mark.parametrize(
        ("base", "report", "service"),
        [
            ("https://ws.arvento.com", "https://ws.arvento.com/v1/report.asmx", "https://ws.arvento.com/api/v1"),
            ("https://a.example/", "https://a.example/v1/report.asmx", "https://a.example/api/v1"),
            (
                "https://b.example/ulasim/Report.asmx",
                "https://b.example/ulasim/Report.asmx",
                "https://b.example/api/v1",
            ),
        ],
    )
    def test_a_municipalitys_own_server_may_have_another_path(self, base: str, report: str, service: str) -> None:
        assert (report_url(base), service_url(base)) == (report, service)


class TestRequest:
    def test_credentials_travel_in_the_body_of_a_post_and_nowhere_else(self) -> None:
        keys = {"username": "kullanici-1", "pin1": "birinci-pin", "pin2": "ikinci&pin<"}

        async def run() -> bytes:
            async with raw_server(http(200, envelope(MAPPINGS, dataset()))) as server:
                async with session(spec_at(server.url, keys)) as opened:
                    await opened.test()
                return server.requests[0]

        head, _, body = asyncio.run(run()).partition(b"\r\n\r\n")
        assert head.startswith(b"POST /v1/report.asmx HTTP/1.1")
        assert b'soapaction: "http://www.arvento.com/GetLicensePlateNodeMappings"' in head
        assert b"content-type: text/xml; charset=utf-8" in head
        assert b"<PIN2>ikinci&amp;pin&lt;</PIN2>" in body
        for value in keys.values():
            assert value.encode() not in head
