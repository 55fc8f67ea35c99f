from __future__ import annotations

from typing import Any

import pytest

from connectors.einvoice.contract import Status
from connectors.failure import ProviderFailure
from connectors.http import Answer
from connectors.nilvera.failures import failure_of
from connectors.nilvera.settings import NilveraSettings
from connectors.nilvera.statuses import gib_code, of_earchive, of_einvoice


def document(word: str, code: Any = 0, answer: str = "unknown", profile: str = "TEMELFATURA") -> dict[str, Any]:
    return {
        "InvoiceProfile": profile,
        "InvoiceStatus": {"Code": word},
        "EnvelopeInfo": {"GIBCode": code},
        "Answer": {"AnswerCode": answer},
    }


@pytest.mark.parametrize(
    ("word", "code", "state"),
    [
        ("waiting", 0, "pending"),
        ("waiting", 1300, "delivered"),
        ("waiting", 1150, "pending"),
        ("succeed", 0, "delivered"),
        ("succeed", 1200, "pending"),
        ("succeed", 1220, "pending"),
        ("error", 0, "failed"),
        ("error", 1150, "failed"),
        ("error", 1163, "pending"),
        ("succeed", 1163, "pending"),
        ("unknown", 0, "pending"),
        ("unknown", 1300, "delivered"),
        ("never heard of", 0, "pending"),
    ],
)
def test_gibs_code_says_what_is_done_and_nilvera_what_failed(word: str, code: int, state: str) -> None:
    assert of_einvoice(document(word, code)).state == state


@pytest.mark.parametrize(
    ("profile", "answer", "expected"),
    [
        ("TICARIFATURA", "waitingForApproval", "waiting"),
        ("IHRACAT", "waitingForApproval", "waiting"),
        ("TEMELFATURA", "waitingForApproval", "none"),
        ("TICARIFATURA", "documentAnsweredAutomatically", "implied"),
        ("TICARIFATURA", "something new", "none"),
    ],
)
def test_only_a_profile_that_knows_answers_waits_for_one(profile: str, answer: str, expected: str) -> None:
    assert of_einvoice(document("succeed", 1300, answer, profile)).answer == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [(1300, 1300), ("1300", 1300), (0, None), ("", None), (None, None), (True, None), ("x", None)],
)
def test_a_code_is_a_number_or_a_text_or_not_there_yet(value: Any, code: int | None) -> None:
    assert gib_code(value) == code


def test_fields_that_are_null_are_read_as_missing() -> None:
    empty = {"InvoiceProfile": None, "InvoiceStatus": None, "EnvelopeInfo": None, "Answer": None}
    assert of_einvoice(empty) == Status("pending", code="UNKNOWN")
    assert of_earchive({"StatusCode": None}) == Status("pending", code="UNKNOWN", reported=False)


@pytest.mark.parametrize("wrong", [[], "text", None, {"InvoiceStatus": "waiting"}])
def test_another_shape_is_malformed(wrong: Any) -> None:
    with pytest.raises(ProviderFailure, match="answer_malformed"):
        of_einvoice(wrong)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"Message":"x","Errors":[{"Code":3002,"Description":"x"}]}', "3002"),
        (b'{"Errors":[{"Code":"3009"}]}', "3009"),
        (b'{"Errors":[{"Code":"Ay\xc5\x9fe"}]}', None),
        (b'{"Errors":[]}', None),
        (b'{"Errors":{"a":1}}', None),
        (b"[]", None),
        (b"<html>", None),
    ],
)
def test_of_a_refusal_only_a_code_of_digits_is_kept(body: bytes, code: str | None) -> None:
    failure = failure_of(Answer(422, body, None))
    assert failure is not None
    assert (failure.kind, failure.code, failure.provider_code) == ("permanent", "request_refused", code)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, ("permanent", "credentials_rejected")),
        (403, ("permanent", "not_licensed")),
        (429, ("transient", "rate_limited")),
        (500, ("transient", "provider_error")),
    ],
)
def test_a_status_says_whose_fault_it_is(status: int, expected: tuple[str, str]) -> None:
    failure = failure_of(Answer(status, b"", 3.0))
    assert failure is not None
    assert (failure.kind, failure.code) == expected


@pytest.mark.parametrize("value", ["short", 5, "x" * 37])
def test_a_template_that_is_no_uuid_is_refused_by_name(value: Any) -> None:
    with pytest.raises(ProviderFailure) as caught:
        NilveraSettings.of({"template_uuid": value})
    assert caught.value.field == "template_uuid"
