"""The REST service: the same streams where it has them, and a session that anybody else's login ends."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from connectors.arvento.rest.client import read_envelope
from connectors.arvento.session import ArventoSession
from connectors.failure import ProviderFailure
from connectors.http import Answer
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.arvento.fleet import FLEET, in_session, keyed, read, session, spec
from tests.connectors.stand_still import days, spec_at

LOGIN = ("arvento", FLEET, "/api/v1/login")
VEHICLE = ("arvento", FLEET, "/api/v1/vehicle")


def rest(sandbox: Sandbox, **settings: Any) -> Any:
    return spec(sandbox, interface="rest", **settings)


async def _test(opened: ArventoSession) -> None:
    await opened.test()


async def _vehicles(opened: ArventoSession) -> int:
    return sum([len(page.rows) async for page in opened.pages("vehicles", days(1))])


class TestSameStreams:
    @pytest.mark.parametrize("stream", ["positions", "operating_days", "drivers"])
    def test_what_both_interfaces_tell_is_the_same(self, sandbox: Sandbox, stream: str) -> None:
        assert keyed(stream, read(rest(sandbox), stream)) == keyed(stream, read(spec(sandbox), stream))

    def test_vehicles_come_with_class_and_group(self, sandbox: Sandbox) -> None:
        over_rest = keyed("vehicles", read(rest(sandbox), "vehicles"))
        over_soap = keyed("vehicles", read(spec(sandbox), "vehicles"))
        assert over_rest.keys() == over_soap.keys()
        assert {row["vehicle_group"] for row in over_rest.values()} == {"Merkez"}
        assert {row["vehicle_class"] for row in over_rest.values()} <= {"OTOMOBIL", "KAMYON", "KAMYONET"}

    def test_the_track_has_the_same_points_without_their_types(self, sandbox: Sandbox) -> None:
        def points(rows: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
            return {(row["node"], row["event_time"], row["latitude"], row["longitude"], row["speed"]) for row in rows}

        rows = read(rest(sandbox), "track", days(1))
        assert points(rows) == points(read(spec(sandbox), "track", days(1)))
        keyed("track", rows)

    def test_the_zone_of_the_track_is_a_setting_and_the_raw_time_is_kept(self, sandbox: Sandbox) -> None:
        utc, local = (
            {(row["node"], row["reported_time"]): row["event_time"] for row in read(connection, "track", days(1))}
            for connection in (rest(sandbox), rest(sandbox, track_zone="istanbul"))
        )
        assert utc.keys() == local.keys()
        assert {utc[key] - local[key] for key in utc} == {timedelta(hours=3)}

    @pytest.mark.parametrize("stream", ["distance_days", "speed_alarms"])
    def test_reports_that_the_service_has_not_are_empty_and_not_asked_for(self, sandbox: Sandbox, stream: str) -> None:
        assert read(rest(sandbox), stream) == []
        assert not sandbox.world.requests


class TestSession:
    def test_one_login_serves_a_session(self, sandbox: Sandbox) -> None:
        async def twice(opened: ArventoSession) -> None:
            await opened.test()
            await opened.test()

        in_session(rest(sandbox), twice)
        assert (sandbox.world.requests[LOGIN], sandbox.world.requests[VEHICLE]) == (1, 2)

    def test_somebody_elses_login_costs_one_more_login(self, sandbox: Sandbox) -> None:
        async def run() -> int:
            async with session(rest(sandbox)) as ours, session(rest(sandbox)) as theirs:
                await ours.test()
                await theirs.test()
                return await _vehicles(ours)

        assert asyncio.run(run()) == 8
        assert sandbox.world.requests[LOGIN] == 3

    def test_a_session_that_dies_at_once_is_not_chased(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("credentials_expired", company=FLEET, path="/api/v1/vehicle"))
        with pytest.raises(ProviderFailure) as caught:
            in_session(rest(sandbox), _test)
        assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")
        assert (sandbox.world.requests[LOGIN], sandbox.world.requests[VEHICLE]) == (2, 2)

    @pytest.mark.parametrize("change", [{"rest_password": "wrong"}, {"username": "nobody"}])
    def test_wrong_credentials_are_rejected_for_good(self, sandbox: Sandbox, change: dict[str, str]) -> None:
        connection = spec_at(sandbox.url, sandbox.credentials(FLEET, "arvento") | change, interface="rest")
        with pytest.raises(ProviderFailure) as caught:
            in_session(connection, _test)
        assert (caught.value.kind, caught.value.code) == ("permanent", "credentials_rejected")
        assert sum(sandbox.world.requests.values()) == 1

    def test_a_missing_password_is_named(self, sandbox: Sandbox) -> None:
        keys = {name: value for name, value in sandbox.credentials(FLEET, "arvento").items() if name != "rest_password"}
        with pytest.raises(ProviderFailure) as caught:
            in_session(spec_at(sandbox.url, keys, interface="rest"), _test)
        assert (caught.value.code, caught.value.field) == ("settings_invalid", "rest_password")


class TestEnvelope:
    @pytest.mark.parametrize(
        ("body", "kind", "code", "provider_code"),
        [
            (b'{"HasError":true,"Status":1012,"Message":"x"}', "permanent", "request_refused", "1012"),
            (b'{"HasError":true,"Status":1000,"Message":null}', "permanent", "request_refused", "1000"),
            (b'{"HasError":true,"Status":5,"Message":"Ali"}', "transient", "provider_error", "5"),
            (b'{"HasError":false,"Status":5,"Message":"Ali"}', "transient", "provider_error", "5"),
            (
                b'{"HasError":true,"Status":9,"Message":"yetkiniz yoktur"}',
                "permanent",
                "not_licensed",
                "NOT_AUTHORIZED",
            ),
            (b'{"List":[]}', "transient", "answer_malformed", None),
            (b"[]", "transient", "answer_malformed", None),
        ],
    )
    def test_failures_under_200_are_told_apart(self, body: bytes, kind: str, code: str, provider_code: Any) -> None:
        with pytest.raises(ProviderFailure) as caught:
            read_envelope(Answer(200, body, None))
        found = caught.value
        assert (found.kind, found.code, found.provider_code) == (kind, code, provider_code)
        assert "Ali" not in str(found)

    @pytest.mark.parametrize(
        ("kind", "code"),
        [
            ("rate_limited", "rate_limited"),
            ("server_error", "provider_error"),
            ("wrong_type", "wrong_type"),
            ("truncated", "answer_truncated"),
            ("not_json", "answer_malformed"),
            ("error_with_personal_data", "request_refused"),
        ],
    )
    def test_faults_mean_the_same_as_over_soap(self, sandbox: Sandbox, kind: FaultKind, code: str) -> None:
        sandbox.world.faults.add(Fault(kind, company=FLEET, path="/api/v1/vehicle/lastEvents"))
        with pytest.raises(ProviderFailure) as caught:
            read(rest(sandbox), "positions")
        assert caught.value.code == code

    def test_a_service_outside_the_contract_fails_its_stream_alone(self, sandbox: Sandbox) -> None:
        sandbox.world.withheld.add(("arvento", FLEET, "/report/general"))
        try:
            with pytest.raises(ProviderFailure) as caught:
                read(rest(sandbox), "track")
            assert (caught.value.kind, caught.value.code) == ("permanent", "not_licensed")
            assert read(rest(sandbox), "positions")
        finally:
            sandbox.world.withheld.clear()
