"""Every fault of the sandbox: what it means, that it stays with the one it is aimed at, and that it passes."""

from __future__ import annotations

import logging
import traceback

import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.faults import FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.gate import QUOTED_CUSTOMER
from connectors.sandbox.server import Sandbox
from tests.connectors.arvento.fleet import SOAP_PATH, in_session, read, spec
from tests.connectors.meanings import ATTEMPTS, MEANINGS
from tests.connectors.stand_still import StandStill, days

SICK, WELL = "fleet-sick", "fleet-well"
STREAM = "distance_days"


def outcome(sandbox: Sandbox, stream: str = STREAM, *, timeout: float = 30) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        read(spec(sandbox, SICK, request_timeout_seconds=timeout), stream, days(2))
    return caught.value


def test_every_fault_is_tried() -> None:
    assert MEANINGS.keys() | {"undeclared_column"} == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", MEANINGS)
def test_a_fault_is_named_and_tried_no_more_often_than_it_deserves(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, seconds=30))
    failure = outcome(sandbox, timeout=0.2 if kind in ("slow", "late") else 30)
    expected_kind, code, requests = MEANINGS[kind]
    assert (failure.kind, failure.code) == (expected_kind, code)
    assert sandbox.world.requests[("arvento", SICK, SOAP_PATH)] == requests


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_of_one_fleet_does_not_touch_another(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK))
    assert read(spec(sandbox, WELL), STREAM, days(2))


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "truncated", "not_json"])
def test_a_fault_that_passes_is_not_noticed_and_loses_no_row(sandbox: Sandbox, kind: FaultKind) -> None:
    healthy = read(spec(sandbox, SICK), STREAM, days(2))
    sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS - 1))
    assert read(spec(sandbox, SICK), STREAM, days(2)) == healthy


def test_the_pause_that_the_provider_asks_for_is_kept(sandbox: Sandbox) -> None:
    time = StandStill()
    sandbox.world.faults.add(Fault("rate_limited", company=SICK, times=2, seconds=9))
    read(spec(sandbox, SICK), STREAM, days(1), time)
    assert time.slept == [9.0, 9.0]


@pytest.mark.parametrize("stream", ["vehicles", "drivers", "positions", "track", "operating_days", "speed_alarms"])
def test_refused_credentials_fail_every_stream_for_good(sandbox: Sandbox, stream: str) -> None:
    sandbox.world.faults.add(Fault("credentials_expired", company=SICK))
    failure = outcome(sandbox, stream)
    assert (failure.kind, failure.code, failure.status) == ("permanent", "credentials_rejected", 200)
    assert failure.provider_code == "ACCESS_DENIED"


@pytest.mark.parametrize(
    ("stream", "field"),
    [("positions", "speed"), ("track", "speed"), ("operating_days", "distance_km"), ("distance_days", "distance_km")],
)
def test_a_wrong_type_names_its_column(sandbox: Sandbox, stream: str, field: str) -> None:
    sandbox.world.faults.add(Fault("wrong_type", company=SICK))
    assert outcome(sandbox, stream).field == field


@pytest.mark.parametrize("stream", ["vehicles", "positions", "track", "speed_alarms", "operating_days"])
def test_an_undeclared_column_travels_on_for_the_gate_to_name(sandbox: Sandbox, stream: str) -> None:
    healthy = read(spec(sandbox, SICK), stream, days(5))
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK))
    rows = read(spec(sandbox, SICK), stream, days(5))
    assert rows
    assert all("note_text" in row for row in rows)
    assert [{name: row[name] for name in row if name != "note_text"} for row in rows] == healthy


def test_a_spoilt_last_status_in_json_is_noticed_too(sandbox: Sandbox) -> None:
    sandbox.world.withheld.update(
        ("arvento", SICK, name) for name in ("GetVehicleStatusV3", "GetVehicleStatusV4", "GetVehicleStatus")
    )
    try:
        sandbox.world.faults.add(Fault("undeclared_column", company=SICK))
        assert all("notetext" in row or "note_text" in row for row in read(spec(sandbox, SICK), "positions"))
        sandbox.world.faults.clear()
        sandbox.world.faults.add(Fault("wrong_type", company=SICK))
        assert outcome(sandbox, "positions").field == "speed"
    finally:
        sandbox.world.withheld.clear()


def test_nothing_of_a_person_or_a_secret_is_said(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    person = sandbox.world.company(SICK).customer(QUOTED_CUSTOMER)
    credentials = sandbox.credentials(SICK, "arvento")
    said = [repr(spec(sandbox, SICK))]

    async def looked_at(opened: object) -> None:
        said.extend([repr(opened), repr(vars(opened)), repr(vars(vars(opened)["_source"])["_client"].__dict__)])

    in_session(spec(sandbox, SICK), looked_at)
    with caplog.at_level(logging.DEBUG):
        for kind in FAULT_KINDS:
            if kind == "bomb":
                continue  # it costs seconds to unpack, and holds spaces
            sandbox.world.faults.clear()
            sandbox.world.faults.add(Fault(kind, company=SICK, seconds=0))
            for stream in ("positions", STREAM):
                try:
                    read(spec(sandbox, SICK), stream, days(1))
                except ProviderFailure as failure:
                    said.append("".join(traceback.format_exception(failure)))
    said.append(caplog.text)
    assert len(said) > 10
    secrets = [credentials[name] for name in ("username", "pin1", "pin2")]
    for value in (*secrets, person.surname, person.tckn, person.plain_phone, person.email, person.plate):
        assert not [text for text in said if value in text]
