from __future__ import annotations

from dataclasses import replace

import pytest

from connectors.actions import Absent, CannotTell, Found, Refused, Taken, Unclear
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from tests.connectors.invoicing import COMPANY, about, act, buyer, invoice, look_up, mailbox, perform
from tests.connectors.nilvera.calls import work

PATH = "/einvoice/Send/Xml"


def sent(sandbox: Sandbox, **more: str) -> tuple[str, str, bytes]:
    """An e-Fatura invoice that was taken."""
    customer = buyer(sandbox)
    document = invoice(sandbox, customer, **more)
    (outcome,) = perform(sandbox, "nilvera.einvoice", act("einvoice", document, alias=mailbox(sandbox, customer)))
    assert isinstance(outcome, Taken)
    return document


def ledger(sandbox: Sandbox, ettn: str) -> list[str]:
    return [deed.what for deed in sandbox.world.ledger.deeds(provider="nilvera") if deed.reference == ettn]


def test_an_invoice_is_taken_under_its_own_ettn_and_number(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    (outcome,) = perform(sandbox, "nilvera.einvoice", request)
    assert outcome == Taken(document[0], facts={"number": document[1]})
    assert ledger(sandbox, document[0]) == ["einvoice"]


def test_a_send_is_as_the_api_describes_it_and_the_bytes_are_kept(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    ettn, number, ubl = invoice(sandbox, customer)

    async def send(session: object) -> object:
        from connectors.einvoice.contract import Document

        document = Document(ettn, "einvoice", number, ubl, mailbox(sandbox, customer))
        taken = await session.integrator.send(document)  # type: ignore[attr-defined]
        kept = await session.integrator.fetch(ettn, "xml", box="einvoice")  # type: ignore[attr-defined]
        return taken, kept

    assert work(sandbox, send, template_uuid="12345678-1234-4234-8234-123456789012") == (
        Taken(ettn, facts={"number": number}),
        ubl,
    )


def test_an_earchive_invoice_goes_without_a_mailbox(sandbox: Sandbox) -> None:
    document = invoice(sandbox, buyer(sandbox, "none"), profile="EARSIVFATURA")
    (outcome,) = perform(sandbox, "nilvera.earchive", act("earchive", document))
    assert isinstance(outcome, Taken)
    assert ledger(sandbox, document[0]) == ["earchive"]


def test_a_second_send_of_the_same_document_is_a_success_and_does_nothing(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    perform(sandbox, "nilvera.einvoice", request)
    (outcome,) = perform(sandbox, "nilvera.einvoice", request)
    assert outcome == Taken(document[0], facts={"already_there": 1})
    assert ledger(sandbox, document[0]) == ["einvoice"]


def test_a_number_that_another_document_has_is_a_refusal_and_no_success(sandbox: Sandbox) -> None:
    _ettn, number, _ubl = sent(sandbox)
    customer = buyer(sandbox)
    other = invoice(sandbox, customer, number=number)
    (outcome,) = perform(sandbox, "nilvera.einvoice", act("einvoice", other, alias=mailbox(sandbox, customer)))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.status) == ("permanent", 409)
    assert ledger(sandbox, other[0]) == []


@pytest.mark.parametrize(
    ("standing", "profile", "kind", "alias", "code"),
    [
        ("one", "TEMELFATURA", "einvoice", "urn:mail:nobody@firma.com.tr", "3002"),
        ("several", "TEMELFATURA", "einvoice", None, "3000"),
        ("dead", "TEMELFATURA", "einvoice", "urn:mail:eskipk@firma.com.tr", "4003"),
        ("none", "TEMELFATURA", "einvoice", "urn:mail:defaultpk@firma.com.tr", "4003"),
        ("one", "EARSIVFATURA", "earchive", None, "4004"),
        ("none", "EARSIVFATURA", "einvoice", None, "4006"),
    ],
)
def test_a_refusal_keeps_nilveras_code_and_nothing_else(
    sandbox: Sandbox, standing: str, profile: str, kind: str, alias: str | None, code: str
) -> None:
    document = invoice(sandbox, buyer(sandbox, standing), profile=profile)  # type: ignore[arg-type]
    (outcome,) = perform(sandbox, f"nilvera.{kind}", act(kind, document, alias=alias))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.code, outcome.failure.provider_code) == (
        "permanent",
        "request_refused",
        code,
    )
    assert ledger(sandbox, document[0]) == []


def test_a_document_of_another_company_is_refused(sandbox: Sandbox) -> None:
    customer = buyer(sandbox)
    document = invoice(sandbox, customer, supplier=buyer(sandbox, "one", 3))
    (outcome,) = perform(sandbox, "nilvera.einvoice", act("einvoice", document, alias=mailbox(sandbox, customer)))
    assert isinstance(outcome, Refused)
    assert outcome.failure.provider_code == "4005"


class TestWhatIsNotSent:
    @pytest.mark.parametrize("field", ["ettn", "number"])
    def test_bytes_of_another_document_are_never_sent(self, sandbox: Sandbox, field: str) -> None:
        customer = buyer(sandbox)
        document, other = invoice(sandbox, customer), invoice(sandbox, customer)
        request = act("einvoice", document, alias=mailbox(sandbox, customer))
        wrong = {**request.payload, field: other[0 if field == "ettn" else 1]}
        (outcome,) = perform(sandbox, "nilvera.einvoice", replace(request, payload=wrong))
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.field) == ("permanent", field)
        assert sum(sandbox.world.requests.values()) == 0

    @pytest.mark.parametrize(
        "wrong", [{"xml_base64": ""}, {"xml_base64": "%%%"}, {"xml_base64": "PGEvPg=="}, {"sha256": "0" * 64}]
    )
    def test_missing_broken_or_altered_bytes_are_never_sent(self, sandbox: Sandbox, wrong: dict[str, str]) -> None:
        customer = buyer(sandbox)
        request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer), **wrong)
        (outcome,) = perform(sandbox, "nilvera.einvoice", request)
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.field) == ("permanent", "xml_base64")
        assert sum(sandbox.world.requests.values()) == 0


class TestUnclear:
    @pytest.mark.parametrize(("kind", "done"), [("cut_before", False), ("cut_after", True), ("late", True)])
    def test_after_silence_the_status_by_ettn_says_what_happened(
        self, sandbox: Sandbox, kind: FaultKind, *, done: bool
    ) -> None:
        customer = buyer(sandbox)
        document = invoice(sandbox, customer)
        request = act("einvoice", document, alias=mailbox(sandbox, customer))
        sandbox.world.faults.add(Fault(kind, provider="nilvera", company=COMPANY, path=PATH, times=1, seconds=30))
        (outcome,) = perform(sandbox, "nilvera.einvoice", request, request_timeout_seconds=0.3)
        assert isinstance(outcome, Unclear)
        (finding,) = look_up(sandbox, "nilvera.einvoice", request)
        assert isinstance(finding, Found if done else Absent)
        assert ledger(sandbox, document[0]) == (["einvoice"] if done else [])
        (again,) = perform(sandbox, "nilvera.einvoice", request)
        assert isinstance(again, Taken)
        assert ledger(sandbox, document[0]) == ["einvoice"]

    def test_too_many_requests_is_a_certain_no_that_names_the_pause(self, sandbox: Sandbox) -> None:
        customer = buyer(sandbox)
        document = invoice(sandbox, customer)
        sandbox.world.faults.add(Fault("rate_limited", provider="nilvera", path=PATH, times=1, seconds=7))
        request = act("einvoice", document, alias=mailbox(sandbox, customer))
        (outcome,) = perform(sandbox, "nilvera.einvoice", request)
        assert isinstance(outcome, Refused)
        assert (outcome.failure.kind, outcome.failure.retry_after) == ("transient", 7.0)
        assert sandbox.world.requests[("nilvera", COMPANY, PATH)] == 1

    def test_a_fault_of_the_server_is_unclear_and_not_tried_again(self, sandbox: Sandbox) -> None:
        customer = buyer(sandbox)
        sandbox.world.faults.add(Fault("server_error", provider="nilvera", path=PATH))
        request = act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))
        (outcome,) = perform(sandbox, "nilvera.einvoice", request)
        assert isinstance(outcome, Unclear)
        assert sandbox.world.requests[("nilvera", COMPANY, PATH)] == 1

    def test_when_nilvera_cannot_be_asked_nothing_is_concluded(self, sandbox: Sandbox) -> None:
        ettn, *_ = sent(sandbox)
        sandbox.world.faults.add(Fault("server_error", provider="nilvera", path="/einvoice/Sale"))
        (finding,) = look_up(sandbox, "nilvera.einvoice", about(ettn))
        assert isinstance(finding, CannotTell)

    def test_a_conflict_that_cannot_be_looked_into_stays_unclear(self, sandbox: Sandbox) -> None:
        customer = buyer(sandbox)
        document = invoice(sandbox, customer)
        request = act("einvoice", document, alias=mailbox(sandbox, customer))
        perform(sandbox, "nilvera.einvoice", request)
        sandbox.world.faults.add(Fault("server_error", provider="nilvera", path="/einvoice/Sale"))
        (outcome,) = perform(sandbox, "nilvera.einvoice", request)
        assert isinstance(outcome, Unclear)


def test_a_provider_that_quotes_a_person_is_not_quoted(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    import logging

    from connectors.sandbox.gate import QUOTED_CUSTOMER

    person = sandbox.world.company(COMPANY).customer(QUOTED_CUSTOMER)
    customer = buyer(sandbox)
    document = invoice(sandbox, customer)
    sandbox.world.faults.add(Fault("error_with_personal_data", provider="nilvera", path=PATH))
    request = act("einvoice", document, alias=mailbox(sandbox, customer))
    with caplog.at_level(logging.DEBUG):
        (outcome,) = perform(sandbox, "nilvera.einvoice", request)
    assert isinstance(outcome, Refused)
    said = f"{outcome!r} {request!r} {caplog.text}"
    key = sandbox.credentials(COMPANY, "nilvera")["api_key"]
    for value in (person.surname, person.tckn, person.email, customer, mailbox(sandbox, customer), key):
        assert value not in said
