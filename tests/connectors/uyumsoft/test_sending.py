from __future__ import annotations

import logging

import pytest

from connectors.actions import Absent, CannotTell, Found, Refused, Taken, Unclear
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.gate import QUOTED_CUSTOMER
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, about, act, buyer, invoice, look_up, mailbox, perform
from tests.connectors.uyumsoft.calls import PATH, work


def ledger(sandbox: Sandbox, ettn: str) -> list[str]:
    return [deed.what for deed in sandbox.world.ledger.deeds(provider="uyumsoft") if deed.reference == ettn]


def test_an_invoice_is_taken_under_its_own_ettn_and_number(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    assert perform(sandbox, "uyumsoft.einvoice", request) == [Taken(document[0], facts={"number": document[1]})]
    assert ledger(sandbox, document[0]) == ["einvoice"]


def test_the_seal_is_left_to_uyumsoft_and_everything_else_arrives(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer, note="Ödeme: 30 gün & sonrası".replace("&", "&amp;"))
    perform(sandbox, "uyumsoft.einvoice", act("einvoice", document, alias=mailbox(sandbox, customer)))
    kept = work(sandbox, lambda session: session.integrator.fetch(document[0], "xml", box="einvoice")).decode()
    assert f"<cbc:UUID>{document[0]}</cbc:UUID>" in kept
    assert "Ödeme: 30 gün &amp; sonrası" in kept
    assert "Alıcı &amp; Ortakları A.Ş." in kept
    assert "UBLExtensions" not in kept
    assert "Signature" not in kept


@pytest.mark.parametrize("delivery", ["electronic", "paper"])
def test_an_earchive_invoice_goes_without_a_mailbox(sandbox: Sandbox, delivery: str) -> None:
    document = invoice(sandbox, buyer(sandbox, "none"), profile="EARSIVFATURA")
    (outcome,) = perform(sandbox, "uyumsoft.earchive", act("earchive", document, delivery=delivery))
    assert isinstance(outcome, Taken)
    assert ledger(sandbox, document[0]) == ["earchive"]


def test_a_second_send_of_the_same_document_is_a_success_and_does_nothing(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    perform(sandbox, "uyumsoft.einvoice", request)
    assert perform(sandbox, "uyumsoft.einvoice", request) == [Taken(document[0], facts={"already_there": 1})]
    assert ledger(sandbox, document[0]) == ["einvoice"]


def test_a_number_that_another_document_has_is_a_refusal_and_no_success(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    first = invoice(sandbox, customer)
    alias = mailbox(sandbox, customer)
    perform(sandbox, "uyumsoft.einvoice", act("einvoice", first, alias=alias))
    other = invoice(sandbox, customer, number=first[1])
    (outcome,) = perform(sandbox, "uyumsoft.einvoice", act("einvoice", other, alias=alias))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.code) == ("permanent", "request_refused")
    assert ledger(sandbox, other[0]) == []


@pytest.mark.parametrize(
    ("standing", "profile", "kind", "alias"),
    [
        ("one", "TEMELFATURA", "einvoice", "urn:mail:nobody@firma.com.tr"),
        ("several", "TEMELFATURA", "einvoice", None),
        ("none", "TEMELFATURA", "einvoice", "urn:mail:defaultpk@firma.com.tr"),
        ("one", "EARSIVFATURA", "earchive", None),
        ("none", "EARSIVFATURA", "einvoice", None),
    ],
)
def test_a_refusal_in_words_is_final_and_not_quoted(
    sandbox: Sandbox, standing: str, profile: str, kind: str, alias: str | None
) -> None:
    document = invoice(sandbox, buyer(sandbox, standing), profile=profile)  # type: ignore[arg-type]
    (outcome,) = perform(sandbox, f"uyumsoft.{kind}", act(kind, document, alias=alias))
    assert isinstance(outcome, Refused)
    assert str(outcome.failure) == "permanent request_refused status=200 provider_code=REFUSED"
    assert ledger(sandbox, document[0]) == []


class TestUnclear:
    @pytest.mark.parametrize(("kind", "done"), [("cut_before", False), ("cut_after", True), ("late", True)])
    def test_after_silence_the_status_by_ettn_says_what_happened(
        self, sandbox: Sandbox, kind: FaultKind, *, done: bool
    ) -> None:
        customer = buyer(sandbox)
        document = invoice(sandbox, customer)
        request = act("einvoice", document, alias=mailbox(sandbox, customer))
        sandbox.world.faults.add(Fault(kind, provider="uyumsoft", company=COMPANY, times=1, seconds=30))
        (outcome,) = perform(sandbox, "uyumsoft.einvoice", request, request_timeout_seconds=0.3)
        assert isinstance(outcome, Unclear)
        (finding,) = look_up(sandbox, "uyumsoft.einvoice", request)
        assert isinstance(finding, Found if done else Absent)
        assert ledger(sandbox, document[0]) == (["einvoice"] if done else [])
        (again,) = perform(sandbox, "uyumsoft.einvoice", request)
        assert isinstance(again, Taken)
        assert ledger(sandbox, document[0]) == ["einvoice"]

    def test_too_many_requests_is_a_certain_no_that_names_the_pause(self, sandbox: Sandbox) -> None:
        customer = buyer(sandbox)
        sandbox.world.faults.add(Fault("rate_limited", provider="uyumsoft", times=1, seconds=7))
        request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))
        (outcome,) = perform(sandbox, "uyumsoft.einvoice", request)
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.retry_after) == ("transient", 7.0)
        assert sandbox.world.requests[("uyumsoft", COMPANY, PATH)] == 1

    @pytest.mark.parametrize("kind", ["server_error", "truncated", "not_json"])
    def test_what_cannot_be_read_is_unclear_and_not_tried_again(self, sandbox: Sandbox, kind: FaultKind) -> None:
        customer = buyer(sandbox)
        sandbox.world.faults.add(Fault(kind, provider="uyumsoft"))
        request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))
        (outcome,) = perform(sandbox, "uyumsoft.einvoice", request)
        assert isinstance(outcome, Unclear)
        assert sandbox.world.requests[("uyumsoft", COMPANY, PATH)] == 1

    def test_when_uyumsoft_cannot_be_asked_nothing_is_concluded(self, sandbox: Sandbox) -> None:
        sandbox.world.faults.add(Fault("server_error", provider="uyumsoft"))
        ettn, *_ = invoice(sandbox, buyer(sandbox))
        (finding,) = look_up(sandbox, "uyumsoft.einvoice", about(ettn))
        assert isinstance(finding, CannotTell)

    def test_a_refusal_that_cannot_be_looked_into_stays_unclear(self, sandbox: Sandbox) -> None:
        customer = buyer(sandbox)
        request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))
        sandbox.world.faults.add(Fault("error_with_personal_data", provider="uyumsoft", times=1))
        sandbox.world.faults.add(Fault("server_error", provider="uyumsoft"))
        (outcome,) = perform(sandbox, "uyumsoft.einvoice", request)
        assert isinstance(outcome, Unclear)


def test_a_wrong_password_is_named_and_not_tried_again(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    sandbox.world.faults.add(Fault("credentials_expired", provider="uyumsoft"))
    request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))
    (outcome,) = perform(sandbox, "uyumsoft.einvoice", request)
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.code) == ("permanent", "credentials_rejected")
    assert sandbox.world.requests[("uyumsoft", COMPANY, PATH)] == 1


def test_a_provider_that_quotes_a_person_is_not_quoted(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    person = sandbox.world.company(COMPANY).customer(QUOTED_CUSTOMER)
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    sandbox.world.faults.add(Fault("error_with_personal_data", provider="uyumsoft", times=1))
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    with caplog.at_level(logging.DEBUG):
        (outcome,) = perform(sandbox, "uyumsoft.einvoice", request)
    assert isinstance(outcome, Refused)
    said = f"{outcome!r} {outcome.failure} {request!r} {caplog.text}"
    password = sandbox.credentials(COMPANY, "uyumsoft")["password"]
    for value in (person.surname, person.tckn, person.email, customer, mailbox(sandbox, customer), password):
        assert value not in said
