from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.action_registry import kinds
from connectors.actions import ActionKind, Problem
from connectors.registry import CHANNELS

ETTN = "f47ac10b-58cc-4372-a567-0e02b2c3d479"
NUMBER = "KPR2026000000001"
GOOD = {
    "document_id": 5,
    "ettn": ETTN,
    "number": NUMBER,
    "kind": "einvoice",
    "alias": "urn:mail:pk@a.com.tr",
}
INTEGRATORS = ("nilvera", "uyumsoft")


def kind(name: str) -> ActionKind:
    return kinds()[name]


def found(name: str, payload: dict[str, Any]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in kind(name).check(payload)]


@pytest.mark.parametrize("provider", INTEGRATORS)
def test_every_integrator_offers_the_same_kinds_and_is_a_channel(provider: str) -> None:
    offered = {name.partition(".")[2] for name in kinds() if name.startswith(f"{provider}.")}
    assert offered == {"einvoice", "earchive", "cancel", "revert_cancel", "answer"}
    assert all(each.asking == "by_reference" for each in kinds().values() if each.provider == provider)
    assert CHANNELS[provider].streams == ()


@pytest.mark.parametrize("provider", INTEGRATORS)
def test_only_what_may_still_change_is_asked_after(provider: str) -> None:
    polled = {name for name, each in kinds().items() if each.provider == provider and each.polls_after is not None}
    assert polled == {f"{provider}.einvoice", f"{provider}.earchive"}


@pytest.mark.parametrize("provider", INTEGRATORS)
def test_an_invoice_is_asked_after_for_longer_than_its_buyer_may_take_to_answer(provider: str) -> None:
    assert kind(f"{provider}.einvoice").gives_up_after > timedelta(days=8)


class TestSending:
    def test_a_good_request_has_no_problems_even_before_its_bytes_are_there(self) -> None:
        assert found("nilvera.einvoice", GOOD) == []
        assert found("nilvera.earchive", {**GOOD, "kind": "earchive", "alias": None}) == []

    @pytest.mark.parametrize(
        ("change", "problem"),
        [
            ({"ettn": "none"}, ("ettn", "delivery_ettn_malformed")),
            ({"ettn": None}, ("ettn", "delivery_ettn_malformed")),
            ({"number": "KPR1999000000001"}, ("number", "delivery_number_malformed")),
            ({"number": "kpr2026000000001"}, ("number", "delivery_number_malformed")),
            ({"alias": None}, ("alias", "delivery_alias_missing")),
            ({"alias": "pk of a firm"}, ("alias", "delivery_alias_missing")),
            ({"kind": "earchive"}, ("kind", "delivery_kind_wrong")),
            ({"delivery": "pigeon"}, ("delivery", "delivery_way_unknown")),
        ],
    )
    def test_a_wrong_field_is_named(self, change: dict[str, Any], problem: tuple[str, str]) -> None:
        assert found("nilvera.einvoice", {**GOOD, **change}) == [problem]


class TestAnswering:
    def test_a_rejection_needs_its_reason(self) -> None:
        assert found("uyumsoft.answer", {"ettn": ETTN, "answer": "accepted"}) == []
        assert found("uyumsoft.answer", {"ettn": ETTN, "answer": "rejected", "note": "Mal gelmedi"}) == []
        assert found("uyumsoft.answer", {"ettn": ETTN, "answer": "rejected", "note": " "}) == [
            ("note", "delivery_reason_missing")
        ]

    def test_nothing_else_can_be_answered(self) -> None:
        assert found("nilvera.answer", {"ettn": ETTN, "answer": "returned"}) == [("answer", "delivery_answer_unknown")]

    def test_a_text_has_an_end(self) -> None:
        (problem,) = kind("nilvera.cancel").check({"ettn": ETTN, "reason": "x" * 1001})
        assert problem == Problem("reason", "delivery_note_too_long", {"limit": 1000})


def test_a_listing_shows_numbers_of_documents_and_nothing_a_payload_smuggles_in() -> None:
    assert kind("nilvera.einvoice").summary({**GOOD, "xml_base64": "PGE+"}) == {
        "ettn": ETTN,
        "number": NUMBER,
        "document_id": 5,
    }
    smuggled = {"ettn": "Ayşe Yılmaz", "number": "5321234567", "document_id": "a@b.c", "answer": "accepted"}
    assert kind("nilvera.answer").summary(smuggled) == {"answer": "accepted"}
    assert kind("nilvera.answer").summary({"answer": "Ayşe Yılmaz"}) == {}
