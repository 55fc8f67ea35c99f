from __future__ import annotations

import pytest

from connectors.failure import ProviderFailure
from connectors.http import Answer
from connectors.uyumsoft.failures import Said, read
from connectors.uyumsoft.statuses import of_inbox, of_outbox
from connectors.xml import Element, parse


def value(code: object, envelope: object = 0) -> Element:
    return parse(f'<Value Status="x" StatusCode="{code}" EnvelopeStatusCode="{envelope}" />'.encode())


def said(status: int, body: str) -> Said:
    envelope = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{body}</s:Body></s:Envelope>'
    return read(Answer(status, envelope.encode(), None), "SendInvoice")


def result(flags: str) -> str:
    return f'<SendInvoiceResponse xmlns="http://tempuri.org/"><SendInvoiceResult {flags} /></SendInvoiceResponse>'


@pytest.mark.parametrize(
    ("code", "envelope", "state"),
    [
        (0, 0, "pending"),
        (10, 0, "failed"),
        (100, 0, "pending"),
        (200, 1100, "pending"),
        (300, 1200, "pending"),
        (1000, 1300, "delivered"),
        (1100, 1300, "delivered"),
        (1200, 1300, "delivered"),
        (1400, 0, "delivered"),
        (2000, 1150, "failed"),
        (2000, 1163, "pending"),
        (2000, 0, "failed"),
        (7777, 0, "pending"),
    ],
)
def test_a_state_is_what_the_guide_says(code: int, envelope: int, state: str) -> None:
    assert of_outbox(value(code, envelope), commercial=False).state == state


def test_approved_is_an_answer_only_of_a_commercial_invoice() -> None:
    assert of_outbox(value(1000, 1300), commercial=True).answer == "accepted"
    assert of_outbox(value(1000, 1300), commercial=False).answer == "none"
    assert of_outbox(value(1400), commercial=False).cancelled


@pytest.mark.parametrize(("code", "answer"), [(1000, "accepted"), (1100, "waiting"), (1200, "rejected"), (300, "none")])
def test_an_incoming_invoice_is_answered_as_its_state_says(code: int, answer: str) -> None:
    assert of_inbox(code) == answer


def test_an_envelope_code_that_is_not_gibs_is_left_out() -> None:
    assert of_outbox(value(300, 42), commercial=False).gib_code is None


def test_a_state_without_a_code_is_malformed() -> None:
    with pytest.raises(ProviderFailure, match="answer_malformed"):
        of_outbox(value(""), commercial=False)


@pytest.mark.parametrize(
    ("message", "code", "kind"),
    [
        ("Fatura bulunamadı", "NOT_FOUND", "permanent"),
        ("FATURA BULUNAMADI", "NOT_FOUND", "permanent"),
        ("İşlem zaman aşımına uğradı: ZAMAN AŞIMI", "TEMPORARY", "transient"),
        ("Unauthorized", "ACCESS_DENIED", "permanent"),
        ("Ayşe Yılmaz için fatura kesilemez", "REFUSED", "permanent"),
        ("", "REFUSED", "permanent"),
    ],
)
def test_a_refusal_in_words_becomes_a_word_of_ours(message: str, code: str, kind: str) -> None:
    found = said(200, result(f'IsSucceded="false" Message="{message}"'))
    assert found.failure is not None
    assert (found.failure.kind, found.failure.provider_code) == (kind, code)
    assert found.certain
    assert "Ayşe" not in repr(found)


@pytest.mark.parametrize(
    ("fault", "text", "code", "certain"),
    [
        ("s:Client", "Bad request", "CLIENT_FAULT", True),
        ("a:FailedAuthentication", "", "ACCESS_DENIED", True),
        ("wsse:InvalidSecurity", "", "ACCESS_DENIED", True),
        ("a:InternalServiceFault", "Object reference", "SERVER_FAULT", False),
        ("a:InternalServiceFault", "AuthorizedServiceMethodAttribute", "ACCESS_DENIED", True),
        ("s:Server", "", "SERVER_FAULT", False),
    ],
)
def test_a_fault_says_whether_anything_may_have_been_done(fault: str, text: str, code: str, *, certain: bool) -> None:
    body = f"<s:Fault><faultcode>{fault}</faultcode><faultstring>{text}</faultstring></s:Fault>"
    found = said(500, body)
    assert found.failure is not None
    assert (found.failure.provider_code, found.certain) == (code, certain)


def test_a_success_of_another_operation_is_malformed() -> None:
    with pytest.raises(ProviderFailure, match="answer_malformed"):
        said(200, "<OtherResponse/>")


@pytest.mark.parametrize(("status", "certain"), [(503, False), (408, False), (429, True), (404, True)])
def test_a_status_without_words_is_certain_only_below_500(status: int, *, certain: bool) -> None:
    assert read(Answer(status, b"", None), "SendInvoice").certain is certain
