from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.einvoice.check.checker import RulesChecker
from hub.einvoice.envelope.model import Address, Envelope
from hub.einvoice.envelope.read import read
from hub.einvoice.envelope.write import enclosed, write
from hub.einvoice.responses.model import ApplicationResponse
from hub.einvoice.responses.read import read_response
from hub.einvoice.responses.write import Answer, answer_to
from hub.einvoice.seal.sign import sign
from hub.einvoice.seal.signer import KeySigner
from hub.einvoice.seal.verify import verify
from hub.errors import HubError
from tests.support.seals import NOW
from tests.support.ubl_samples import draft

UUID = "0b6a7d3e-8c1f-4a2b-9d3e-5f6a7b8c9d0e"
REJECTION = Answer("rejected", "YNT2026000000001", UUID, NOW, "Mal gelmedi & eksik")
ACCEPTANCE = replace(REJECTION, verdict="accepted", note="")
INVOICE = draft(profile="TICARIFATURA")
TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(("answer", "code"), [(REJECTION, "rejected"), (ACCEPTANCE, "accepted")])
def test_an_answer_says_what_it_should_to_whom_it_should(answer: Answer, code: str) -> None:
    found = read_response(answer_to(INVOICE, answer, received=TODAY))
    assert found == ApplicationResponse(
        uuid=UUID,
        number="YNT2026000000001",
        profile="TICARIFATURA",
        verdict=code,  # type: ignore[arg-type]
        document="f0e3846e-dcf4-43a5-b9ee-309d5c84038a",
        issued=TODAY,
        sender="9205121120",
        receiver="1234567808",
        note="Mal gelmedi & eksik" if code == "rejected" else "KABUL",
    )


def test_a_signed_answer_breaks_no_rule_alone_and_in_its_envelope(signer: KeySigner) -> None:
    signed = sign(answer_to(INVOICE, REJECTION, received=TODAY), signer, now=NOW)
    checker = RulesChecker(today=lambda: TODAY)
    buyer, seller = Address("urn:mail:pk@alici.com.tr", "9205121120"), Address("urn:mail:gb@a.com.tr", "1234567808")
    envelope = write(Envelope(UUID, "POSTBOXENVELOPE", buyer, seller, NOW, (enclosed(signed),)))
    for document, kind in ((signed, "application-response"), (envelope, "envelope")):
        findings = checker.check(document, kind=kind)  # type: ignore[arg-type]
        assert [finding.code for finding in findings if finding.severity == "error"] == []
    (inside,) = read(envelope).documents
    assert verify(inside.content)[0].holds


@pytest.mark.parametrize(
    ("answer", "received", "code"),
    [
        (REJECTION, TODAY - timedelta(days=9), "response_too_late"),
        (replace(REJECTION, note=" "), TODAY, "response_reason_missing"),
        (replace(REJECTION, uuid="x"), TODAY, "response_id_malformed"),
        (replace(REJECTION, number=""), TODAY, "response_id_malformed"),
    ],
)
def test_an_answer_that_could_not_count_is_not_written(answer: Answer, received: date, code: str) -> None:
    with pytest.raises(HubError) as caught:
        answer_to(INVOICE, answer, received=received)
    assert caught.value.code == code


def test_the_eighth_day_is_in_time() -> None:
    assert answer_to(INVOICE, REJECTION, received=TODAY - timedelta(days=8))


@pytest.mark.parametrize("profile", ["TEMELFATURA", "IHRACAT"])
def test_an_invoice_that_knows_no_answer_of_ours_is_not_answered(profile: str) -> None:
    with pytest.raises(HubError) as caught:
        answer_to(draft(profile=profile), REJECTION, received=TODAY)
    assert caught.value.code == "response_too_late"


def test_only_an_invoice_is_answered() -> None:
    with pytest.raises(HubError) as caught:
        answer_to(answer_to(INVOICE, REJECTION, received=TODAY), REJECTION, received=TODAY)
    assert caught.value.code == "response_not_an_invoice"
