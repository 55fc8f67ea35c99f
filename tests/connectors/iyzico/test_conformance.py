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
