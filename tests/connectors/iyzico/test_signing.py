"""Every vector of the spec sheet: computed by the vendor's clients, or published by the vendor."""

from __future__ import annotations

import base64
from decimal import Decimal

import pytest

from connectors.iyzico.signing import (
    authorization,
    direct_webhook_signature,
    hosted_webhook_signature,
    request_signature,
    response_signature,
    same_signature,
    subscription_webhook_signature,
)
from connectors.secret import Secret

API_KEY, SECRET_KEY = Secret("sandbox-apikey-hub"), Secret("sandbox-secret-hub")
RANDOM_KEY = "rnd12345"
TRANSACTIONS = "/v2/reporting/payment/transactions"

CLIENT_VECTORS = {
    "python bin check": (
        "/payment/bin/check",
        b'{"locale": "tr", "conversationId": "123456789", "binNumber": "554960"}',
        "30a093e7d68f4a4ba56c5fd077badc26e3d85bef4008397d9014c2128fc91b14",
    ),
    "python get": (TRANSACTIONS, b"null", "55403187b1e26d0468cc27c5b3d3bbc9f53ed3733e4c659f18ea4048430da4fe"),
    "python turkish letters": (
        "/reporting/settlement/payoutcompleted",
        rb'{"locale": "tr", "conversationId": "\u00f6deme-1", "date": "2026-11-22"}',
        "b1fdb8b386bae187ba8f451f6452867bb59f8f344272bae88f421ef28cc3dfff",
    ),
    "python refund": (
        "/v2/payment/refund",
        b'{"locale": "tr", "conversationId": "c-1", "paymentId": "22483975", "price": "3.0", "ip": "85.34.78.112"}',
        "8e36be19f426b416da8fb1bfa19076a090bb9308e7e1095443aaa4892a95bc5c",
    ),
    "python scroll": (
        "/v2/reporting/payment/scroll-transactions",
        b"null",
        "5c5323208882c63c37bae1d128caae692193d022964bd067a2444149b3496bde",
    ),
    "node bin check": (
        "/payment/bin/check",
        b'{"locale":"tr","conversationId":"123456789","binNumber":"554960"}',
        "8e704a0ad2d32cd6ebf56c690816d953eeb79b00f8fc646880d6318463987707",
    ),
    "node get": (TRANSACTIONS, b"{}", "b846b15ac76bb280a391f0cf84056eb05be38fb15ca4e2b365a6c2649d77390d"),
    "java and net get": (TRANSACTIONS, b"", "19fe7fc31a6866621b4a163ebf778dfef9e6c556ec7135da1182da6b962b4cb4"),
}

FULL_HEADERS = {
    "python bin check": (
        "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpa2V5LWh1YiZyYW5kb21LZXk6cm5kMTIzNDUmc2lnbmF0dXJlOjMwYTA5M2U3ZDY4"
        "ZjRhNGJhNTZjNWZkMDc3YmFkYzI2ZTNkODViZWY0MDA4Mzk3ZDkwMTRjMjEyOGZjOTFiMTQ="
    ),
    "python get": (
        "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpa2V5LWh1YiZyYW5kb21LZXk6cm5kMTIzNDUmc2lnbmF0dXJlOjU1NDAzMTg3YjFl"
        "MjZkMDQ2OGNjMjdjNWIzZDNiYmM5ZjUzZWQzNzMzZTRjNjU5ZjE4ZWE0MDQ4NDMwZGE0ZmU="
    ),
    "python turkish letters": (
        "IYZWSv2 YXBpS2V5OnNhbmRib3gtYXBpa2V5LWh1YiZyYW5kb21LZXk6cm5kMTIzNDUmc2lnbmF0dXJlOmIxZmRiOGIzODZi"
        "YWUxODdiYThmNDUxZjY0NTI4NjdiYjU5ZjhmMzQ0MjcyYmFlODhmNDIxZWYyOGNjM2RmZmY="
    ),
}

# api key, secret key, random key, path, body, token
VENDOR_VECTORS = {
    "node UtilsTest": (
        "api_key",
        "secret_key",
        "random_string",
        "uri",
        b'"body"',
        (
            "YXBpS2V5OmFwaV9rZXkmcmFuZG9tS2V5OnJhbmRvbV9zdHJpbmcmc2lnbmF0dXJlOjAxNzUwODkyMWEyOWVlNTYwMWJjZDFm"
            "YmU4M2VmZDJlMmJlNDNhZjAyZWNlZmYzMGNmMmU5MWE1MzlhYWIzNTU="
        ),
    ),
    "java IyziAuthV2GeneratorTest": (
        "apiKey",
        "secretKey",
        "random",
        "/v2/uri",
        rb'"[data\u003dvalue]"',
        (
            "YXBpS2V5OmFwaUtleSZyYW5kb21LZXk6cmFuZG9tJnNpZ25hdHVyZTphOTBlYzFhZWNkNjhlMzdjYzMwOTQyZjg1Y2U2YjBk"
            "NTM0MzVhNGNhNDVlMDQ3NjliNDZlM2MzNWQ4MWJmNmZl"
        ),
    ),
    "java null request": (
        "apiKey",
        "secretKey",
        "random",
        "/v2/uri?test=true",
        b"",
        (
            "YXBpS2V5OmFwaUtleSZyYW5kb21LZXk6cmFuZG9tJnNpZ25hdHVyZTpiN2EyZjYzNGRlOWNkNTkzYWNjZDlhNTNhZjI4Zjc4"
            "YjgyZWM3NmRjMjYyN2Y2NTdmNjY0M2NmNjYyYzI2Njdh"
        ),
    ),
}

WEBHOOK_KEY = Secret("sandbox-UuLnD7wZa0a3DmytfIrwHQqAMfqCNJrs")


class TestRequests:
    @pytest.mark.parametrize("name", CLIENT_VECTORS)
    def test_a_request_is_signed_as_the_vendors_client_signs_it(self, name: str) -> None:
        path, body, signature = CLIENT_VECTORS[name]
        assert request_signature(SECRET_KEY, random_key=RANDOM_KEY, path=path, body=body) == signature

    @pytest.mark.parametrize("name", FULL_HEADERS)
    def test_the_whole_header_equals_the_vendors(self, name: str) -> None:
        path, body, _ = CLIENT_VECTORS[name]
        header = authorization(API_KEY, SECRET_KEY, random_key=RANDOM_KEY, path=path, body=body)
        assert header == FULL_HEADERS[name]

    @pytest.mark.parametrize("name", VENDOR_VECTORS)
    def test_the_vectors_that_the_vendor_published_come_out(self, name: str) -> None:
        api_key, secret_key, random_key, path, body, token = VENDOR_VECTORS[name]
        header = authorization(Secret(api_key), Secret(secret_key), random_key=random_key, path=path, body=body)
        assert header == f"IYZWSv2 {token}"
        assert base64.b64decode(token).startswith(f"apiKey:{api_key}&randomKey:{random_key}&".encode())


class TestAnswers:
    def test_a_payments_signature_leaves_trailing_zeros_out(self) -> None:
        values = ("22416032", "TRY", "basketId", "conversationId", Decimal("10.50"), Decimal("10.5"))
        assert (
            response_signature(Secret("sandbox-qaIiLIxhjMgx3LSKIVvp6j17NunHOFtD"), values)
            == "836c3a6c8db86c81043f2ca74edb13518b54a813f454f8dd762f0dd658610173"
        )

    def test_what_is_null_counts_as_empty(self) -> None:
        values = (None, "", "1", "22484292", "success")
        assert (
            response_signature(Secret("jLc7GQHD2pyJoqXDeEcTnGHYtP7Ai5jl"), values)
            == "a4f73b80bb32a6ef8358090bbd8609a49a7b53f463048f8ef147496e236d04f0"
        )

    @pytest.mark.parametrize(("amount", "text"), [("50.00", "50"), ("10.50", "10.5"), ("100", "100"), ("0.05", "0.05")])
    def test_amounts_are_signed_without_trailing_zeros(self, amount: str, text: str) -> None:
        key = Secret("k")
        assert response_signature(key, (Decimal(amount),)) == response_signature(key, (text,))


class TestWebhooks:
    def test_a_hosted_pages_event_has_the_published_signature(self) -> None:
        signature = hosted_webhook_signature(
            WEBHOOK_KEY,
            event_type="CHECKOUT_FORM_AUTH",
            payment_id="22483975",
            token="e828c62d-fd12-4b1a-ad5a-380f15fe6596",
            conversation_id="conversationId",
            status="SUCCESS",
        )
        assert signature == "4031c575763486a2d2bf3f7ace0baebfcd6bed65393ab4df3fe80c00d5fd6878"

    def test_a_direct_payments_event_has_the_published_signature(self) -> None:
        signature = direct_webhook_signature(
            WEBHOOK_KEY,
            event_type="API_AUTH",
            payment_id="22484059",
            conversation_id="conversationId",
            status="SUCCESS",
        )
        assert signature == "92c7a72b7741bc83eb696066605c894778c87297b2c88d6037670666230e18ae"

    def test_a_subscriptions_event_keeps_the_order_that_integrators_quote(self) -> None:
        signature = subscription_webhook_signature(
            WEBHOOK_KEY,
            merchant_id="3382172",
            event_type="subscription.order.success",
            subscription_reference="sub-1",
            order_reference="ord-1",
            customer_reference="cus-1",
        )
        assert signature == "010c5656fc2f85b85579b5899ef49dc2e1cf3dc53d2db134861c7cad8107eddc"

    def test_a_signature_in_capitals_is_the_same_and_another_is_not(self) -> None:
        assert same_signature("abc1", "ABC1")
        assert not same_signature("abc1", "abc2")
        assert not same_signature("abc1", "ğ")
