"""Every fault of the sandbox in both generations: what it means, that it stays with its office, and that it passes."""

from __future__ import annotations

import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.faults import FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors import meanings
from tests.connectors.bulutfon.calling import GENERATIONS, days, read, requests, spec
from tests.connectors.meanings import ATTEMPTS
from tests.connectors.stand_still import StandStill

SICK, WELL = "office-sick", "office-well"
MEANINGS: meanings.Meanings = meanings.MEANINGS | {"credentials_expired": ("permanent", "credentials_expired", 1)}
pytestmark = pytest.mark.parametrize("version", GENERATIONS)


def outcome(sandbox: Sandbox, version: str, stream: str = "calls", *, timeout: float = 30) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        read(spec(sandbox, SICK, version, request_timeout_seconds=timeout), stream, days(0.5))
    return caught.value


def test_every_fault_is_tried(version: str) -> None:
    assert version in GENERATIONS
    assert MEANINGS.keys() | {"undeclared_column"} == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", MEANINGS)
def test_a_fault_is_named_and_tried_no_more_often_than_it_deserves(
    sandbox: Sandbox, kind: FaultKind, version: str
) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, seconds=30))
    failure = outcome(sandbox, version, timeout=0.2 if kind in ("slow", "late") else 30)
    expected_kind, code, asked = MEANINGS[kind]
    assert (failure.kind, failure.code) == (expected_kind, code)
    assert requests(sandbox, company=SICK) == asked


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_of_one_office_does_not_touch_another(sandbox: Sandbox, kind: FaultKind, version: str) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK))
    assert read(spec(sandbox, WELL, version), "calls", days(1))["calls"]


@pytest.mark.parametrize("kind", [kind for kind in MEANINGS if kind not in ("slow", "late", "bomb")])
def test_an_office_is_well_again_when_its_fault_ends(sandbox: Sandbox, kind: FaultKind, version: str) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS))
    outcome(sandbox, version)
    sandbox.world.faults.clear()
    assert read(spec(sandbox, SICK, version), "calls", days(1))["calls"]


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "truncated", "not_json"])
def test_a_fault_that_passes_is_not_noticed_and_loses_no_row(sandbox: Sandbox, kind: FaultKind, version: str) -> None:
    for stream in ("calls", "call_steps"):
        healthy = read(spec(sandbox, SICK, version), stream, days(0.5))
        sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS - 1))
        assert read(spec(sandbox, SICK, version), stream, days(0.5)) == healthy


def test_the_pause_that_the_provider_asks_for_is_kept(sandbox: Sandbox, version: str) -> None:
    time, company = StandStill(), f"office-patient-{version}"
    sandbox.world.faults.add(Fault("rate_limited", company=company, times=2, seconds=9))
    read(spec(sandbox, company, version), "extensions", days(1), time)
    assert [seconds for seconds in time.slept if seconds > 1] == [9.0, 9.0]


@pytest.mark.parametrize(
    ("stream", "column"),
    [("calls", "call_time"), ("extensions", "registered"), ("groups", "timeout"), ("numbers", "number_id")],
)
def test_a_wrong_type_names_its_column(sandbox: Sandbox, version: str, stream: str, column: str) -> None:
    sandbox.world.faults.add(Fault("wrong_type", company=SICK))
    assert outcome(sandbox, version, stream).field == column


@pytest.mark.parametrize("stream", ["calls", "extensions", "groups", "numbers"])
def test_an_undeclared_column_travels_on_for_the_gate_to_name(sandbox: Sandbox, version: str, stream: str) -> None:
    healthy = read(spec(sandbox, SICK, version), stream, days(2))[stream]
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK))
    rows = read(spec(sandbox, SICK, version), stream, days(2))[stream]
    assert all("customer_note" in row for row in rows)
    assert [{name: row[name] for name in row if name != "customer_note"} for row in rows] == healthy


def test_a_fault_may_be_aimed_at_a_path(sandbox: Sandbox, version: str) -> None:
    path = "/extensions" if version == "v1" else "/v2/pbx/extensions"
    sandbox.world.faults.add(Fault("server_error", company=SICK, path=path))
    assert read(spec(sandbox, SICK, version), "calls", days(1))["calls"]
    with pytest.raises(ProviderFailure):
        read(spec(sandbox, SICK, version), "extensions")
