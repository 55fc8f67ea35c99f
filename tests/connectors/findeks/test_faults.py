"""Every fault of the sandbox, as a gateway words it: what it means, and that it quotes nobody."""

from __future__ import annotations

import pytest

from connectors.failure import ProviderFailure
from connectors.sandbox.faults import FAULT_KINDS, Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors import meanings
from tests.connectors.findeks.bureau import read, spec
from tests.connectors.meanings import ATTEMPTS
from tests.connectors.stand_still import StandStill

SICK, WELL = "shop-sick", "shop-well"
LIST, TOKEN = "/findeks/reports", "/oauth/token"
# Once with the token that no longer serves, once with a fresh one.
MEANINGS: meanings.Meanings = meanings.MEANINGS | {"credentials_expired": ("permanent", "credentials_rejected", 2)}


def outcome(sandbox: Sandbox, *, timeout: float = 30) -> ProviderFailure:
    with pytest.raises(ProviderFailure) as caught:
        read(spec(sandbox, SICK, request_timeout_seconds=timeout))
    return caught.value


def test_every_fault_is_tried() -> None:
    assert MEANINGS.keys() | {"undeclared_column"} == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", MEANINGS)
def test_a_fault_is_named_and_tried_no_more_often_than_it_deserves(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, provider="findeks", company=SICK, path=LIST, seconds=30))
    failure = outcome(sandbox, timeout=0.2 if kind in ("slow", "late") else 30)
    expected_kind, code, requests = MEANINGS[kind]
    assert (failure.kind, failure.code) == (expected_kind, code)
    assert sandbox.world.requests[("findeks", SICK, LIST)] == requests
    person = sandbox.world.company(SICK).customer(0)
    assert not any(word in str(failure) for word in (person.given_name, person.tckn, person.surname))
    assert failure.__context__ is None


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "truncated", "not_json", "redirect"])
def test_a_fault_of_the_token_is_named_too(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK, path=TOKEN))
    assert (outcome(sandbox).kind, outcome(sandbox).code) == MEANINGS[kind][:2]


def test_an_account_that_is_no_longer_good_is_permanent_and_never_a_sync_of_nothing(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("credentials_expired", provider="findeks", company=SICK))
    failure = outcome(sandbox)
    assert (failure.kind, failure.code, failure.status) == ("permanent", "credentials_rejected", 401)


@pytest.mark.parametrize("kind", ["rate_limited", "server_error", "truncated", "not_json"])
def test_a_fault_that_passes_is_not_noticed_and_loses_no_row(sandbox: Sandbox, kind: FaultKind) -> None:
    healthy = read(spec(sandbox, SICK))
    sandbox.world.faults.add(Fault(kind, company=SICK, times=ATTEMPTS - 1))
    assert read(spec(sandbox, SICK)) == healthy


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_a_fault_of_one_shop_does_not_touch_another(sandbox: Sandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, company=SICK))
    assert read(spec(sandbox, WELL))["reports"]


def test_the_pause_that_the_gateway_asks_for_is_kept(sandbox: Sandbox) -> None:
    time = StandStill()
    sandbox.world.faults.add(Fault("rate_limited", company=SICK, times=2, seconds=9))
    read(spec(sandbox, SICK), time=time)
    assert time.slept == [9.0, 9.0]


def test_a_wrong_type_in_a_report_names_its_column(sandbox: Sandbox) -> None:
    sandbox.world.faults.add(Fault("wrong_type", company=SICK, path=f"{LIST}/rpt"))
    assert outcome(sandbox).field in {"total_debt", "updated_at"}


def test_an_undeclared_column_travels_on_for_the_gate_to_name(sandbox: Sandbox) -> None:
    healthy = read(spec(sandbox, SICK))["reports"]
    sandbox.world.faults.add(Fault("undeclared_column", company=SICK, path=f"{LIST}/rpt"))
    rows = read(spec(sandbox, SICK))["reports"]
    assert all("buyer_note" in row for row in rows)
    assert [{name: row[name] for name in row if name != "buyer_note"} for row in rows] == healthy
