"""What is wrong with a request is told by field, before anything is queued."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from connectors.actions import ActionKind
from connectors.iyzico.actions import CANCEL, KINDS, PAYMENT_LINK, PAYMENT_LINK_DISABLE, REFUND
from hub.message_texts import TEXTS

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(40)).decode()
GOOD: dict[str, dict[str, Any]] = {
    "iyzico.refund": {"payment_id": "7", "payment_transaction_id": "71", "amount": "1.50", "currency": "TRY"},
    "iyzico.cancel": {"payment_id": "7"},
    "iyzico.payment_link": {
        "name": "Kitap",
        "description": "On adet",
        "amount": "50",
        "currency": "TRY",
        "image": PNG,
    },
    "iyzico.payment_link_disable": {"token": "AAVSZg"},
}
FAST: dict[str, Any] = {"amount": "750.00", "currency": "TRY", "fast": True, "description": "Kapora"}
WHY = {"ip": "85.34.78.112", "reason": "BUYER_REQUEST", "description": "Müşteri vazgeçti"}


def problems(kind: ActionKind, payload: dict[str, Any]) -> set[tuple[str, str]]:
    return {(problem.path, problem.code) for problem in kind.check(payload)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_good_request_has_no_problem(kind: ActionKind) -> None:
    assert problems(kind, GOOD[kind.name]) == set()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_an_empty_request_misses_every_field_that_is_needed(kind: ActionKind) -> None:
    needed = set(GOOD[kind.name]) - {"payment_transaction_id"}
    assert problems(kind, {}) == {(name, "field_missing") for name in needed}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_field_that_nobody_knows_is_refused(kind: ActionKind) -> None:
    assert problems(kind, GOOD[kind.name] | {"price": "1"}) == {("price", "field_unknown")}


@pytest.mark.parametrize("amount", ["0", "0.00", "-1", "1,50", "1.005", "NaN", "1e3", 1.5, 2, "", "١"])
def test_an_amount_is_decimal_text_above_zero_in_whole_kurus(amount: object) -> None:
    found = problems(REFUND, GOOD["iyzico.refund"] | {"amount": amount})
    assert found in ({("amount", "field_not_an_amount")}, {("amount", "field_not_positive")})


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"currency": "TL"}, ("currency", "field_not_in_list")),
        ({"currency": "RUB"}, ("currency", "field_not_in_list")),
        ({"payment_id": "7a"}, ("payment_id", "field_wrong")),
        ({"payment_id": 7}, ("payment_id", "field_wrong")),
        ({"payment_transaction_id": "x"}, ("payment_transaction_id", "field_wrong")),
        ({"ip": "85.34.78"}, ("ip", "field_not_an_address")),
        ({"reason": "other"}, ("reason", "field_not_in_list")),
        ({"description": "x"}, ("reason", "field_missing")),
        ({"reason": "OTHER", "description": ""}, ("description", "field_empty")),
        ({"reason": "OTHER", "description": "x" * 256}, ("description", "field_too_long")),
        ({"reason": "OTHER", "payment_transaction_id": None}, ("payment_transaction_id", "field_missing")),
    ],
)
def test_what_is_wrong_with_a_refund_is_named(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(REFUND, GOOD["iyzico.refund"] | change) == {problem}


@pytest.mark.parametrize("kind", [REFUND, CANCEL], ids=lambda kind: kind.name)
def test_a_reason_may_be_given(kind: ActionKind) -> None:
    assert problems(kind, GOOD[kind.name] | WHY) == set()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"image": "not base64"}, ("image", "field_wrong")),
        ({"image": base64.b64encode(b"<svg/>").decode()}, ("image", "field_wrong")),
        ({"image": base64.b64encode(b"\xff\xd8\xff" + bytes(3 << 20)).decode()}, ("image", "field_too_large")),
        ({"stock": 0}, ("stock", "field_not_positive")),
        ({"stock": "5"}, ("stock", "field_wrong")),
        ({"address_ignorable": "yes"}, ("address_ignorable", "field_wrong")),
        ({"fast": "yes"}, ("fast", "field_wrong")),
        ({"name": " "}, ("name", "field_empty")),
    ],
)
def test_what_is_wrong_with_a_link_is_named(change: dict[str, Any], problem: tuple[str, str]) -> None:
    assert problems(PAYMENT_LINK, GOOD["iyzico.payment_link"] | change) == {problem}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, set()),
        ({"description": None}, set()),
        ({"amount": "750.01"}, {("amount", "field_too_large")}),
        ({"currency": "USD"}, {("currency", "field_not_in_list")}),
        ({"image": PNG}, {("image", "field_unknown")}),
    ],
)
def test_a_fast_link_is_small_and_has_no_picture(change: dict[str, Any], found: set[tuple[str, str]]) -> None:
    assert problems(PAYMENT_LINK, FAST | change) == found


def test_a_token_cannot_lead_elsewhere() -> None:
    assert problems(PAYMENT_LINK_DISABLE, {"token": "../products"}) == {("token", "field_wrong")}


def test_every_problem_has_a_text() -> None:
    payloads = [
        {},
        {"x": 1},
        GOOD["iyzico.refund"] | {"amount": "0", "ip": "x", "currency": "x", "description": "x" * 300},
    ]
    codes = {problem.code for kind in KINDS for payload in payloads for problem in kind.check(payload)}
    assert codes <= TEXTS.keys()
    assert len(codes) >= 6


def test_a_listing_shows_sums_and_numbers_only() -> None:
    assert REFUND.summary(GOOD["iyzico.refund"] | WHY) == GOOD["iyzico.refund"]
    assert PAYMENT_LINK.summary(GOOD["iyzico.payment_link"]) == {"amount": "50", "currency": "TRY"}
