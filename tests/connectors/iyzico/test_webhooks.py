"""iyzico's calls: the vendor's own signed examples as whole calls, and everything that must not pass for one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.iyzico.signing import subscription_webhook_signature_key_first
from connectors.iyzico.webhooks import HEADER, WEBHOOKS
from connectors.secret import Secret
from connectors.webhooks import Account, Call, CallMalformed, ReadAgain, Standing

KEY = "sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs"
HOSTED = (
    b'{"paymentConversationId":"conversationId","merchantId":3382172,"token":"e828c62d-fd12-4b1a-ad5a-380f15fe6596",'
    b'"status":"SUCCESS","iyziReferenceCode":"77e1635c-6b39-475a-8b7b-ca15ad0cd4ac",'
    b'"iyziEventType":"CHECKOUT_FORM_AUTH","iyziEventTime":1721825036103,"iyziPaymentId":22483975}'
)
DIRECT = (
    b'{"paymentConversationId":"conversationId","merchantId":3382172,"paymentId":22484059,"status":"SUCCESS",'
    b'"iyziReferenceCode":"a9af8e6b-4401-4928-b6b8-40419aaa3d0f","iyziEventType":"API_AUTH",'
    b'"iyziEventTime":1721825828467,"iyziPaymentId":22484059}'
)
SUBSCRIPTION = (
    b'{"orderReferenceCode":"ord-1","customerReferenceCode":"cus-1","subscriptionReferenceCode":"sub-1",'
    b'"iyziReferenceCode":"ref-1","iyziEventType":"subscription.order.success","iyziEventTime":1721825036103}'
)
SIGNATURES = {
    HOSTED: "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878",
    DIRECT: "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae",
    # Our own value: the vendor publishes none for a subscription.
    SUBSCRIPTION: "010c5656fc2f85b85579b5899ef49dc2e1cf3dc53d2db134861c7cad8107eddc",
}
OF_THE_MERCHANT: Mapping[str, Any] = {"merchant_id": "3382172"}

NOW = datetime.now(UTC)


def verdict(body: bytes, given: str | None, *, key: str = KEY, settings: Mapping[str, Any] = OF_THE_MERCHANT) -> str:
    headers = {} if given is None else {HEADER: given}
    return WEBHOOKS.verify(Call(body, headers), Account({"secret_key": Secret(key)}, settings))


@pytest.mark.parametrize("body", SIGNATURES, ids=["hosted", "direct", "subscription"])
def test_a_call_is_verified_in_each_of_the_three_formats(body: bytes) -> None:
    signature = SIGNATURES[body]

    assert verdict(body, signature) == verdict(body, signature.upper()) == "verified"
    assert verdict(json.dumps(json.loads(body), indent=2).encode(), signature) == "verified"  # fields, not bytes
    assert verdict(body, signature, key="another") == "wrong"
    assert verdict(body, signature, key="") == "wrong"
    # A subscription's event is a hint without a signature too, and never under a wrong one.
    bare = "unsigned" if body == SUBSCRIPTION else "missing"
    assert verdict(body, "") == verdict(body, None) == bare
    assert verdict(body, "é" * 64) == verdict(body, signature[:-1]) == verdict(body, signature + "0") == "wrong"


@pytest.mark.parametrize(
    ("body", "was", "became"),
    [
        (HOSTED, b"SUCCESS", b"FAILURE"),
        (HOSTED, b"22483975", b"22483976"),
        (HOSTED, b"e828c62d", b"e828c62e"),
        (DIRECT, b'"paymentId":22484059', b'"paymentId":22484058'),
        (DIRECT, b'"conversationId"', b'"conversationIe"'),
        (SUBSCRIPTION, b"ord-1", b"ord-2"),
        (SUBSCRIPTION, b"order.success", b"order.failure"),
    ],
)
def test_a_change_of_what_is_signed_is_found(body: bytes, was: bytes, became: bytes) -> None:
    assert was in body
    assert verdict(body.replace(was, became), SIGNATURES[body]) == "wrong"


def test_a_subscriptions_merchant_is_the_accounts_and_only_without_that_the_calls() -> None:
    named = SUBSCRIPTION.replace(b"{", b'{"merchantId":3382172,', 1)
    assert verdict(SUBSCRIPTION, SIGNATURES[SUBSCRIPTION], settings={}) == "unsigned"
    assert verdict(named, SIGNATURES[SUBSCRIPTION], settings={}) == "verified"
    assert verdict(named, SIGNATURES[SUBSCRIPTION], settings={"merchant_id": "1"}) == "wrong"


def test_a_subscription_s_signature_may_have_the_key_first() -> None:
    first = subscription_webhook_signature_key_first(
        Secret(KEY),
        merchant_id="3382172",
        event_type="subscription.order.success",
        subscription_reference="sub-1",
        order_reference="ord-1",
        customer_reference="cus-1",
    )
    assert first != SIGNATURES[SUBSCRIPTION]
    assert verdict(SUBSCRIPTION, first) == "verified"
    assert verdict(SUBSCRIPTION.replace(b"ord-1", b"ord-2"), first) == "wrong"
    assert verdict(SUBSCRIPTION, first, key="") == "wrong"


def test_an_unsigned_call_passes_only_where_the_account_says_so_in_so_many_words() -> None:
    assert verdict(DIRECT, None, settings={"webhook_unsigned": True}) == "unsigned"
    for other in (False, "false", "true", 1, None):
        assert verdict(DIRECT, None, settings={"webhook_unsigned": other}) == "missing"
    assert verdict(DIRECT, "0" * 64, settings={"webhook_unsigned": True}) == "wrong"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"\xff\xfe", b"[" * 100_000, b'{"a":', b'{"a":NaN'])
def test_a_body_that_cannot_be_read_is_not_signed_by_anybody(body: bytes) -> None:
    assert verdict(body, "0" * 64) == "wrong"
    with pytest.raises(CallMalformed):
        WEBHOOKS.events(Call(body))


def test_an_event_is_known_by_its_reference_and_without_one_by_what_is_signed() -> None:
    (event,) = WEBHOOKS.events(Call(DIRECT))
    assert (event.event_id, event.kind, event.body) == ("a9af8e6b-4401-4928-b6b8-40419aaa3d0f", "API_AUTH", DIRECT)

    def anonymous(**fields: Any) -> str:
        said = {"iyziEventType": "API_AUTH", "paymentId": 1, "status": "SUCCESS"} | fields
        return WEBHOOKS.events(Call(json.dumps(said).encode()))[0].event_id

    assert anonymous() == anonymous(iyziEventTime=5)
    assert len({anonymous(), anonymous(status="FAILURE"), anonymous(paymentId=2), anonymous(token="1")}) == 4


def test_whatever_an_event_says_the_lists_are_read_and_nothing_else() -> None:
    for body in SIGNATURES:
        (event,) = WEBHOOKS.events(Call(body))
        for verified in (True, False):
            assert list(WEBHOOKS.meanings(event, Standing(verified, NOW))) == [ReadAgain()]


def test_a_type_that_is_no_word_is_not_shown() -> None:
    for odd in ("Ayşe Yılmaz", "x" * 65, "a b"):
        body = json.dumps({"iyziEventType": odd}).encode()
        assert WEBHOOKS.events(Call(body))[0].kind == "other"
