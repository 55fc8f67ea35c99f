from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.classify import CodeTable, of_status, retry_after_seconds
from connectors.failure import ProviderFailure
from connectors.http import Answer
from connectors.iyzico.failures import CODES, read_answer

NOW = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (301, "permanent", "address_refused"),
        (400, "permanent", "request_refused"),
        (401, "permanent", "credentials_rejected"),
        (403, "permanent", "credentials_rejected"),
        (404, "permanent", "request_refused"),
        (408, "transient", "provider_timeout"),
        (429, "transient", "rate_limited"),
        (500, "transient", "provider_error"),
        (504, "transient", "provider_timeout"),
    ],
)
def test_a_status_means_one_thing(status: int, kind: str, code: str) -> None:
    failure = of_status(status)
    assert failure is not None
    assert (failure.kind, failure.code, failure.status) == (kind, code, status)


def test_success_is_no_failure() -> None:
    assert of_status(200) is None
    assert of_status(204) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        (" 5 ", 5.0),
        ("Wed, 18 Nov 2026 09:01:00 GMT", 60.0),
        ("Wed, 18 Nov 2026 08:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("99999999999999999999", 999999999.0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(value, now=NOW) == seconds


@pytest.mark.parametrize("code", ["Ayşe Yılmaz", "10000000146", "05321234567", "x" * 50, "AYŞE", ""])
def test_a_code_of_unusual_shape_is_not_repeated(code: str) -> None:
    failure = CodeTable({}).failure(code, status=400)
    assert failure.provider_code == "unrecognised"


@pytest.mark.parametrize(
    ("code", "kind", "meaning"),
    [
        ("1", "transient", "provider_error"),
        ("12", "permanent", "request_refused"),
        ("1000", "permanent", "credentials_rejected"),
        ("1001", "permanent", "credentials_rejected"),
        ("5062", "permanent", "request_refused"),
        ("9000", "permanent", "account_frozen"),
        ("10051", "permanent", "request_refused"),
        ("10214", "transient", "provider_error"),
        ("10202", "transient", "provider_error"),
        ("50000", "transient", "rate_limited"),
        ("777777", "transient", "provider_error"),
    ],
)
def test_iyzicos_codes_are_sorted(code: str, kind: str, meaning: str) -> None:
    failure = CODES.failure(code, status=200)
    assert (failure.kind, failure.code, failure.provider_code) == (kind, meaning, code)


def iyzico_failure(status: int, body: bytes, retry_after: float | None = None) -> tuple[str, str, str | None]:
    with pytest.raises(ProviderFailure) as caught:
        read_answer(Answer(status, body, retry_after))
    return caught.value.kind, caught.value.code, caught.value.provider_code


class TestIyzicosAnswers:
    def test_success_is_what_the_status_field_says_whatever_http_says(self) -> None:
        assert read_answer(Answer(422, b'{"status":"success"}', None)) == {"status": "success"}

    def test_a_failure_under_http_200_is_a_failure(self) -> None:
        body = b'{"status":"failure","errorCode":"1001","errorMessage":"..."}'
        assert iyzico_failure(200, body) == ("permanent", "credentials_rejected", "1001")

    def test_an_error_code_may_be_a_number(self) -> None:
        assert iyzico_failure(200, b'{"status":"failure","errorCode":50000}') == ("transient", "rate_limited", "50000")

    def test_a_server_error_is_transport_whatever_its_body_says(self) -> None:
        body = b'{"status":"failure","errorCode":"1001"}'
        assert iyzico_failure(500, body) == ("transient", "provider_error", None)

    def test_the_subscription_services_not_found_has_no_status_word(self) -> None:
        body = b'{"timestamp":1,"status":404,"error":"Not Found","path":"/x"}'
        assert iyzico_failure(404, body) == ("permanent", "request_refused", None)

    def test_a_page_in_place_of_a_document_leaves_the_word_to_http(self) -> None:
        assert iyzico_failure(403, b"<html>") == ("permanent", "credentials_rejected", None)
        assert iyzico_failure(200, b"<html>") == ("transient", "answer_malformed", None)

    def test_a_document_without_a_word_is_malformed(self) -> None:
        for body in (b"{}", b"[]", b"null", b'{"status":true}'):
            assert iyzico_failure(200, body)[1] == "answer_malformed"

    def test_a_failure_without_a_code_is_transient(self) -> None:
        assert iyzico_failure(200, b'{"status":"failure"}') == ("transient", "provider_error", None)
