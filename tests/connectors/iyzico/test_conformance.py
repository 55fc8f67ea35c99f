"""iyzico's own Python client against the stand-in: if both misread the sheet alike, this is where it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import iyzipay
import pytest
import trustme

from connectors.sandbox.server import Certificate, Sandbox
from tests.connectors.iyzico.shop import of_today, untouched
from tests.connectors.iyzico.test_checks import PNG
from tests.connectors.stand_still import START

SHOP = "shop-5"

# The client never closes its connections.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def tls_sandbox(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    directory: Path = tmp_path_factory.mktemp("tls")
    issued = authority.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(directory / "key.pem")
    for part in issued.cert_chain_pems:
        part.write_to_path(directory / "certificate.pem", append=True)
    with Sandbox(seed=7, start=START, tls=Certificate(directory / "certificate.pem", directory / "key.pem")) as running:
        yield running


@pytest.fixture
def options(
    tls_sandbox: Sandbox, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What iyzipay takes; it is HTTPS only and trusts what OpenSSL's environment says."""
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return {**tls_sandbox.credentials(SHOP), "base_url": f"127.0.0.1:{tls_sandbox.port}"}


def document(response: Any) -> dict[str, Any]:
    return json.loads(response.read())


def transactions(options: dict[str, str], day: str = "2026-11-17", page: str = "1") -> dict[str, Any]:
    return document(iyzipay.RetrieveTransactions().retrieve({"transactionDate": day, "page": page}, options))


def test_the_daily_list_is_signed_and_read(options: dict[str, str]) -> None:
    answer = transactions(options)
    assert answer["status"] == "success"
    assert {row["transactionType"] for row in answer["transactions"]} >= {"PAYMENT"}


def test_a_payments_details_are_read_by_its_id(options: dict[str, str]) -> None:
    row = transactions(options)["transactions"][0]
    answer = document(iyzipay.RetrievePaymentDetails().retrieve({"paymentId": str(row["paymentId"])}, options))
    assert [payment["paymentId"] for payment in answer["payments"]] == [row["paymentId"]]


def test_a_payments_details_are_read_by_the_merchants_reference(options: dict[str, str]) -> None:
    row = next(row for row in transactions(options)["transactions"] if row["conversationId"].startswith("SIP-"))
    # Without a paymentId the client sends the text None and forgets the reference.
    request = {"paymentId": "", "paymentConversationId": row["conversationId"]}
    answer = document(iyzipay.RetrievePaymentDetails().retrieve(request, options))
    assert [payment["paymentId"] for payment in answer["payments"]] == [row["paymentId"]]


def test_the_text_none_that_the_client_sends_for_no_id_is_no_payment(options: dict[str, str]) -> None:
    answer = document(iyzipay.RetrievePaymentDetails().retrieve({"paymentConversationId": "SIP-1"}, options))
    assert (answer["status"], answer["errorCode"]) == ("failure", "11")


def test_completed_payouts_are_read_and_turkish_letters_signed(options: dict[str, str]) -> None:
    request = {"locale": "tr", "conversationId": "ödeme-1", "date": "2026-11-17 00:00:00"}
    answer = document(iyzipay.PayoutCompletedTransactionList().retrieve(request, options))
    assert answer["conversationId"] == "ödeme-1"
    assert answer["payoutCompletedTransactions"]


def test_a_retrieved_payment_carries_a_signature_that_the_client_verifies(
    options: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    row = transactions(options)["transactions"][0]
    request = {"locale": "tr", "conversationId": "c-1", "paymentId": str(row["paymentId"])}
    client = iyzipay.Payment()
    answer = document(client.retrieve(request, options))
    signed = [answer["paymentId"], answer["currency"], answer["basketId"], answer["conversationId"]]
    signed += [client.strip_zero(str(answer[name])) for name in ("paidPrice", "price")]
    client.verify_signature(signed, options["secret_key"], answer["signature"])
    assert capsys.readouterr().out == "Signature verified: True\n"


def test_a_card_number_is_looked_up(options: dict[str, str]) -> None:
    answer = document(
        iyzipay.BinNumber().retrieve({"locale": "tr", "conversationId": "1", "binNumber": "552608"}, options)
    )
    assert (answer["cardFamily"], answer["bankCode"]) == ("Axess", 46)


def test_the_test_of_reach_passes(options: dict[str, str]) -> None:
    assert document(iyzipay.ApiTest().retrieve(options))["status"] == "success"


def test_a_wrong_secret_is_an_invalid_signature(options: dict[str, str]) -> None:
    assert transactions(options | {"secret_key": "wrong"})["errorCode"] == "1000"


def test_an_unknown_key_is_told_apart(options: dict[str, str]) -> None:
    assert transactions(options | {"api_key": "sandbox-nobody"})["errorCode"] == "1001"


def test_without_the_authority_the_client_refuses_the_stand_in(
    options: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(ssl.SSLCertVerificationError):
        transactions(options)


class TestActing:
    """Refund, cancel and links by iyzico's own client, read back by it."""

    def test_a_refund_of_a_line_is_signed_and_stands_in_the_details(
        self, options: dict[str, str], tls_sandbox: Sandbox, capsys: pytest.CaptureFixture[str]
    ) -> None:
        payment = untouched(tls_sandbox, SHOP)
        request = {
            "locale": "tr",
            "conversationId": "iade-1",
            "paymentTransactionId": str(payment.item_id(0)),
            "price": "3.0",
            "currency": "TRY",
            "ip": "85.34.78.112",
        }
        client = iyzipay.Refund()
        answer = document(client.create(request, options))
        assert (answer["status"], answer["price"], answer["retryable"]) == ("success", 3.0, False)
        signed = [answer["paymentId"], client.strip_zero(str(answer["price"])), answer["currency"], "iade-1"]
        client.verify_signature(signed, options["secret_key"], answer["signature"])
        assert capsys.readouterr().out == "Signature verified: True\n"
        details = document(iyzipay.RetrievePaymentDetails().retrieve({"paymentId": str(payment.payment_id)}, options))
        refunds = details["payments"][0]["itemTransactions"][0]["refunds"]
        assert [each["refundConversationId"] for each in refunds] == ["iade-1"]

    def test_a_refund_by_amount_is_taken_and_one_of_too_much_refused(
        self, options: dict[str, str], tls_sandbox: Sandbox
    ) -> None:
        payment = untouched(tls_sandbox, SHOP, items=2)
        request = {
            "locale": "tr",
            "conversationId": "iade-2",
            "paymentId": str(payment.payment_id),
            "ip": "85.34.78.112",
        }
        client = iyzipay.Payment()
        assert document(client.refund(request | {"price": "1.0"}, options))["status"] == "success"
        refused = document(client.refund(request | {"price": "999999.0"}, options))
        assert (refused["status"], refused["errorCode"]) == ("failure", "5092")

    def test_a_cancel_is_taken_on_the_payments_day(self, options: dict[str, str], tls_sandbox: Sandbox) -> None:
        company, payment = of_today(tls_sandbox, "conformance")
        keys = options | tls_sandbox.credentials(company)
        request = {
            "locale": "tr",
            "conversationId": "iptal-1",
            "paymentId": str(payment.payment_id),
            "ip": "85.34.78.1",
        }
        answer = document(iyzipay.Cancel().create(request, keys))
        assert (answer["status"], answer["conversationId"]) == ("success", "iptal-1")

    def test_a_link_is_made_listed_taken_out_of_use_and_deleted(self, options: dict[str, str]) -> None:
        request = {
            "locale": "tr",
            "conversationId": "link-1",
            "name": "Örnek",
            "description": "Açıklama",
            "price": "12.5",
            "currencyCode": "TRY",
            "encodedImageFile": PNG,
        }
        client = iyzipay.IyziLinkProduct()
        token = document(client.create(request, options))["data"]["token"]
        (listed,) = document(client.get({"page": 1, "count": 10}, options))["data"]["items"]
        assert (listed["token"], listed["conversationId"], listed["price"]) == (token, "link-1", 12.5)
        assert (
            document(client.update_product_status({"token": token, "status": "PASSIVE"}, options))["status"]
            == "success"
        )
        assert document(client.retrieve({"token": token}, options))["data"]["productStatus"] == "PASSIVE"
        fast = {"locale": "tr", "conversationId": "link-2", "price": "10", "currencyCode": "TRY"}
        assert document(client.fast_link(fast, options))["data"]["url"].startswith("https://sandbox.iyzi.link/")
        assert document(client.delete({"token": token}, options))["status"] == "success"
        assert document(client.get({"page": 1, "count": 10}, options))["data"]["totalCount"] == 1
