from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.actions import Refused, Taken, Unclear
from connectors.whatsapp.failures import MEANINGS
from hub.outbox.vocabulary import ACCOUNT_FAULTS
from tests.connectors.raw_server import http
from tests.connectors.whatsapp.sending import answered

ACCEPTED = {"messaging_product": "whatsapp", "messages": [{"id": "wamid.X", "message_status": "accepted"}]}
IN_EVERY_ANSWER = "Ayşe Yılmaz 905551112233"


def error(code: int, status: int = 400, *headers: str, **more: Any) -> bytes:
    document = {"error": {"message": IN_EVERY_ANSWER, "code": code, "error_data": {"details": IN_EVERY_ANSWER}, **more}}
    return http(status, json.dumps(document).encode(), *headers)


_SHEET = {
    "config": "0 3 10 190 200 250 299 368 131005 131031 131037 131042 131045 131048 131064 133010 133016",
    "transient": "2 4 80007 130429 131016 131049 131052 131053 131056 131057 132069 135000",
    "permanent": "100 130472 130497 131008 131009 131021 131026 131030 131047 131050 131051 131062"
    " 132000 132001 132005 132007 132008 132012 132015 132016 132068",
    "unclear": "1 131000",
}
SHEET = {int(code): standing for standing, codes in _SHEET.items() for code in codes.split()}


def test_the_table_is_the_sheets() -> None:
    standings = {code: meaning.standing for code, meaning in MEANINGS.items()}
    assert {code: standings[code] for code in SHEET} == SHEET
    assert set(standings) == set(SHEET) | set(range(200, 300))


def test_only_what_concerns_the_whole_account_holds_its_other_messages() -> None:
    holding = {code for code, meaning in MEANINGS.items() if meaning.code in {"rate_limited", *ACCOUNT_FAULTS}}
    config = {code for code, meaning in MEANINGS.items() if meaning.standing == "config"}
    assert holding == config | {4, 80007, 130429, 132069}


@pytest.mark.parametrize("code", [131026, 131047, 131050, 190, 131042, 132001])
def test_a_named_refusal_is_certain_and_final(code: int) -> None:
    outcome, requests = answered(error(code))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.provider_code) == ("permanent", str(code))
    assert outcome.opted_out == (code == 131050)
    assert len(requests) == 1


@pytest.mark.parametrize(("code", "status"), [(130429, 400), (131016, 503), (131056, 400)])
def test_what_may_pass_later_is_a_transient_refusal_whatever_the_http_status(code: int, status: int) -> None:
    outcome, requests = answered(error(code, status), http(200, json.dumps(ACCEPTED).encode()))
    assert isinstance(outcome, Refused)
    assert outcome.failure.kind == "transient"
    assert outcome.failure.retry_after is not None
    assert len(requests) == 1, "an attempt is one request"


@pytest.mark.parametrize(
    "script",
    [
        error(131000, 500),
        error(131000, 400),
        error(999999, 500),
        http(500, b"<html>"),
        http(502, b""),
        http(200, b"<html>"),
        http(200, b"{}"),
        http(200, b'{"messages":[{"id":{"not":"text"}}]}'),
        http(200, json.dumps(ACCEPTED).encode(), length=5000),
        b"",
    ],
)
def test_what_may_have_been_sent_is_unclear(script: bytes) -> None:
    outcome, requests = answered(script)
    assert isinstance(outcome, Unclear)
    assert len(requests) == 1


@pytest.mark.parametrize(
    ("more", "kind"), [({}, "permanent"), ({"is_transient": True}, "transient"), ({"is_transient": "yes"}, "permanent")]
)
def test_a_code_nobody_listed_is_a_refusal_under_4xx(more: dict[str, Any], kind: str) -> None:
    outcome, _ = answered(error(131999, 400, **more))
    assert isinstance(outcome, Refused)
    assert (outcome.failure.kind, outcome.failure.provider_code) == (kind, "131999")


@pytest.mark.parametrize(("status", "code"), [(401, "credentials_rejected"), (404, "request_refused")])
def test_a_refusal_without_readable_words_counts_by_its_status(status: int, code: str) -> None:
    outcome, _ = answered(http(status, b"<html>Ay\xc5\x9fe"))
    assert isinstance(outcome, Refused)
    assert outcome.failure.code == code


def test_waiting_for_the_same_person_grows_with_each_attempt() -> None:
    waits = [answered(error(131056), attempt=attempt)[0] for attempt in (1, 2, 3)]
    assert [each.failure.retry_after for each in waits if isinstance(each, Refused)] == [6.0, 24.0, 96.0]


def test_the_provider_may_ask_for_more_time_than_the_table() -> None:
    outcome, _ = answered(error(130429, 429, "Retry-After: 120"))
    assert isinstance(outcome, Refused)
    assert outcome.failure.retry_after == 120


def test_a_failed_upload_at_metas_side_is_tried_once_more_and_then_given_up() -> None:
    kinds = [answered(error(131053), attempt=attempt)[0] for attempt in (1, 2)]
    assert [each.failure.kind for each in kinds if isinstance(each, Refused)] == ["transient", "permanent"]


def test_a_person_spared_by_meta_is_left_alone_for_a_day() -> None:
    outcome, _ = answered(error(131049))
    assert isinstance(outcome, Refused)
    assert outcome.failure.retry_after == 24 * 3600


def test_a_code_of_unusual_size_is_not_repeated() -> None:
    outcome, _ = answered(error(905551112233))
    assert isinstance(outcome, Refused)
    assert outcome.failure.provider_code == "unrecognised"


@pytest.mark.parametrize("code", [131026, 131000, 131999])
def test_no_outcome_repeats_a_word_of_the_answer(code: int) -> None:
    outcome, _ = answered(error(code))
    assert isinstance(outcome, Refused | Unclear)
    for word in IN_EVERY_ANSWER.split():
        assert word not in repr(outcome) + str(outcome.failure) + repr(vars(outcome.failure))


def test_a_taken_message_shows_neither_its_id_nor_the_person() -> None:
    document = {**ACCEPTED, "contacts": [{"input": "905551112233", "wa_id": "905551112233", "user_id": "TR.1"}]}
    outcome, _ = answered(http(200, json.dumps(document).encode()))
    assert outcome == Taken(
        "wamid.X", facts={"message_status": "accepted"}, private={"wa_id": "905551112233", "user_id": "TR.1"}
    )
    assert "wamid" not in repr(outcome)
    assert "905551112233" not in repr(outcome)


def test_a_status_that_nobody_declared_is_not_shown() -> None:
    document = {"messages": [{"id": "wamid.X", "message_status": IN_EVERY_ANSWER}]}
    outcome, _ = answered(http(200, json.dumps(document).encode()))
    assert isinstance(outcome, Taken)
    assert outcome.facts == {}
