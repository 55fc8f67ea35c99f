from __future__ import annotations

import json
from typing import Any

import pytest

from tests.hub.cli.conftest import Outcome, Run

TCKN = "10000000146"
MARKERS = (TCKN, "Denemeoğlu", "ayse@ornek.invalid")
FIELDS = {
    "type": "object_automated",
    "channel": "kep",
    "identifiers": [{"kind": "tckn", "value": TCKN}],
    "contact": {"name": "Ayşe Denemeoğlu", "email": "ayse@ornek.invalid"},
    "text": "Puanıma itiraz ediyorum.",
}


class Desk:
    def __init__(self, hub: Run, tenant: dict[str, Any]) -> None:
        self.hub = hub
        self.tenant = tenant["tenant_id"]
        self.shown: list[Outcome] = []

    def __call__(self, *arguments: str, stdin: str = "") -> Outcome:
        outcome = self.hub("kvkk", "requests", *arguments, "--tenant", self.tenant, "--json", stdin=stdin)
        self.shown.append(outcome)
        return outcome

    def opened(self, **changes: Any) -> str:
        outcome = self("open", "--from-file", "-", "--by", "memur", stdin=json.dumps(FIELDS | changes))
        assert outcome.status == 0, outcome.err
        return outcome.json()["request_id"]

    def code(self, *arguments: str, stdin: str = "") -> str:
        outcome = self(*arguments, stdin=stdin)
        assert outcome.status == 1
        return json.loads(outcome.err)["error"]["code"]


@pytest.fixture
def desk(hub: Run, tenant: dict[str, Any]) -> Desk:
    return Desk(hub, tenant)


def test_a_request_is_handled_from_receipt_to_closed_without_showing_the_person(desk: Desk) -> None:
    request = desk.opened()
    assert desk.code("start", request) == "request_identity_open"
    assert desk("identify", request, "--method", "in_person").json()["state"] == "identity_check"
    assert desk("assign", request, "--to", "uzman", "--with-email", stdin="uzman@ornek.invalid").status == 0
    assert desk.code("start", request, "--by", "memur") == "request_not_yours"
    assert desk("start", request, "--by", "uzman").json()["state"] == "in_progress"
    answer = desk("answer", request, "--text-file", "-", "--by", "uzman", stdin="Sayın Denemeoğlu, inceledik.")
    closed = desk("close", request)
    listed = desk("list", "--all").json()

    assert answer.json()["outcome"] == "accepted"
    assert closed.json()["state"] == "closed"
    assert [each["request_id"] for each in listed] == [request]
    assert desk("list").json() == []
    desk("show", request)
    shown = "".join(each.out + each.err for each in desk.shown)
    assert not [marker for marker in MARKERS if marker in shown]


def test_what_is_sealed_is_shown_when_it_is_asked_for(desk: Desk) -> None:
    request = desk.opened()
    shown = desk("show", request, "--content", "--by", "uzman").json()

    assert shown["sealed"]["contact"]["name"] == "Ayşe Denemeoğlu"
    assert shown["article"] == "KVKK 11/1-g"
    assert any(each.startswith("findeks.") for each in shown["lists"])
    assert [each["event"] for each in shown["history"]] == ["open"]


def test_identifiers_and_contact_are_asked_for_in_turn(desk: Desk) -> None:
    outcome = desk(
        *("open", "--type", "access", "--channel", "written", "--identifier-kind", "tckn"),
        *("--identifier-kind", "phone"),
        stdin=f"{TCKN}\n0532 000 00 01\nAyşe Denemeoğlu\n\nAtatürk Cad. 1\n\n",
    )

    assert outcome.status == 0, outcome.err
    shown = desk("show", outcome.json()["request_id"], "--content").json()
    assert shown["sealed"]["contact"] == {"name": "Ayşe Denemeoğlu", "address": "Atatürk Cad. 1"}


def test_a_refusal_is_kept_with_its_ground_and_article(desk: Desk) -> None:
    request = desk.opened()
    refusal = ("refuse", request, "--text-file", "-", "--ground", "statutory_retention")

    assert desk.code(*refusal, stdin="Saklamak zorundayız.") == "refusal_without_article"
    refused = desk(
        *refusal, "--article", "TTK 82", "--destruction-due", "2036-12-31", stdin="Saklamak zorundayız."
    ).json()
    assert (refused["outcome"], refused["refusal_article"], refused["destruction_due"]) == (
        "refused",
        "TTK 82",
        "2036-12-31",
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("identify", "--method", "passport_photo"), "request_word_unknown"),
        (("ask", "--missing", "Ayşe'nin kimliği"), "request_code_malformed"),
        (("refuse", "--text-file", "-", "--ground", "because"), "refusal_ground_unknown"),
        (("answer", "--text-file", "-", "--medium-cost", "çok"), "fee_figures_wrong"),
        (
            ("refuse", "--text-file", "-", "--ground", "exempt", "--destruction-due", "31.12.2036"),
            "request_date_malformed",
        ),
        (("identify", "--method", "matched_identifiers"), "request_identity_doubtful"),
    ],
)
def test_what_is_wrong_is_named(desk: Desk, arguments: tuple[str, ...], code: str) -> None:
    request = desk.opened()

    assert desk.code(arguments[0], request, *arguments[1:], stdin="Metin") == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"identifiers": [{"kind": "tckn", "value": "10000000147"}]}, "subject_malformed"),
        ({"identifiers": TCKN}, "request_identifiers_malformed"),
        ({"identifiers": []}, "request_without_identifier"),
        ({"contact": {"name": "Ayşe Denemeoğlu"}}, "input_invalid"),
        ({"contact": {"name": "Ayşe Denemeoğlu", "email": "Ayşe Denemeoğlu"}}, "input_invalid"),
        ({"type": "portability"}, "input_invalid"),
        ({"corrections": [{"source": "bulutfon", "field": "name", "value": "x"}]}, "input_invalid"),
    ],
)
def test_a_wrong_application_is_refused_without_repeating_what_it_said(
    desk: Desk, changes: dict[str, Any], code: str
) -> None:
    assert desk.code("open", "--from-file", "-", stdin=json.dumps(FIELDS | changes)) == code
    assert not [marker for marker in (*MARKERS, "1000000014") if marker in desk.shown[-1].out + desk.shown[-1].err]


def test_a_person_reads_it_in_both_languages(hub: Run, tenant: dict[str, Any], desk: Desk) -> None:
    request = desk.opened()
    reference = ("--tenant", tenant["tenant_id"])

    assert "itself decides nothing" in hub("kvkk", "requests", "show", request, *reference).out
    assert "kendisi karar vermez" in hub("--lang", "tr", "kvkk", "requests", "show", request, *reference).out
    assert "Kalan gün" in hub("--lang", "tr", "kvkk", "requests", "list", *reference).out
    assert tenant["tenant_id"] in hub("--lang", "tr", "kvkk", "requests", "summary").out
    assert " 29 " in hub("kvkk", "requests", "list", *reference).out


def test_the_desk_is_set_and_a_choice_is_taken_back(desk: Desk) -> None:
    assert desk("settings").json() == {
        "request_answer_days": 30,
        "request_clock_starts": "receipt",
        "dpo_email": None,
    }
    chosen = desk("settings", "--dpo-email", "kvkk@ornek.invalid", "--clock-starts", "identity").json()
    assert (chosen["dpo_email"], chosen["request_clock_starts"]) == ("kvkk@ornek.invalid", "identity")
    assert desk("settings", "--dpo-email", "").json() == {**chosen, "dpo_email": None}
    assert desk.code("settings", "--answer-days", "0") == "input_invalid"
