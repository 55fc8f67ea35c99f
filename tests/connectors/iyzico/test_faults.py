"""Every fault of the sandbox: what it means, that it stays with the one it is aimed at, and that it passes."""

from __future__ import annotations

import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.faults import FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.meanings import ATTEMPTS, MEANINGS
from tests.connectors.stand_still import StandStill, days, read, spec

SICK, WELL = "shop-sick", "shop-well"
PATH = "/v2/reporting/payment/transactions"


def outcome(sandbox: Sandbox, *, timeout: float = 30) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        read(spec(sandbox, SICK, request_timeout_seconds=timeout), "transactions", days(2))
    return caught.value


def test_every_fault_is_tried() -> None:
    assert MEANINGS.keys() | {"undeclared_column"} == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", MEANINGS)
def test_a_fault_is_named_and_tried_no_more_often_than_it_deserves(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, seconds=30))
    failure = outcome(sandbox, timeout=0.2 if kind in ("slow", "late") else 30)
    expected_kind, code, requests = MEANINGS[kind]
    assert (failure.kind, failure.code) == (expected_kind, code)
    assert sandbox.world.requests[("iyzico", SICK, PATH)] == requests


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_of_one_shop_does_not_touch_another(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK))
    assert read(spec(sandbox, WELL), "transactions", days(2))["transactions"]


@pytest.mark.parametrize("kind", [kind for kind in MEANINGS if kind not in ("slow", "late", "bomb")])
def test_a_shop_is_well_again_when_its_fault_ends(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS))
    outcome(sandbox)
    sandbox.world.faults.clear()
    assert read(spec(sandbox, SICK), "transactions", days(2))["transactions"]


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "truncated", "not_json"])
def test_a_fault_that_passes_is_not_noticed_and_loses_no_row(sandbox: Sandbox, kind: FaultKind) -> None:
    healthy = read(spec(sandbox, SICK), "transactions", days(2))
    sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS - 1))
    assert read(spec(sandbox, SICK), "transactions", days(2)) == healthy


def test_the_pause_that_the_provider_asks_for_is_kept(sandbox: Sandbox) -> None:
    time = StandStill()
    sandbox.world.faults.add(Fault("rate_limited", company=SICK, times=2, seconds=9))
    read(spec(sandbox, SICK), "transactions", days(2), time)
    assert time.slept == [9.0, 9.0]


def test_a_wrong_type_names_its_column(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("wrong_type", company=SICK))
    assert outcome(sandbox).field == "price"


def test_an_undeclared_column_travels_on_for_the_gate_to_name(sandbox: Sandbox) -> None:
    healthy = read(spec(sandbox, SICK), "transactions", days(2))["transactions"]
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK))
    rows = read(spec(sandbox, SICK), "transactions", days(2))["transactions"]
    assert all("buyer_note" in row for row in rows)
    assert [{name: row[name] for name in row if name != "buyer_note"} for row in rows] == healthy


def test_a_fault_may_be_aimed_at_a_path(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("server_error", company=SICK, path="/v2/subscription/"))
    assert read(spec(sandbox, SICK), "transactions", days(2))["transactions"]
    with pytest.raises(ProviderFailure):
        read(spec(sandbox, SICK), "subscriptions")
