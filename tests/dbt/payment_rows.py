"""Landing rows of a shop with every kind of payment; each payment is named after what becomes of it."""

from __future__ import annotations

from typing import Any

PAID_AT = "2026-11-20T10:00:00+03:00"


def paid(payment: str, item: str = "1", /, **more: Any) -> dict[str, Any]:
    """A PAYMENT movement of 250.00, of which 242.52 are due to the merchant."""
    return {
        "transaction_type": "PAYMENT",
        "transaction_id": payment + item,
        "transaction_date": PAID_AT,
        "transaction_status": 2,
        "after_settlement": False,
        "payment_tx_id": payment + item,
        "payment_id": payment,
        "price": 250,
        "paid_price": 250,
        "transaction_currency": "TRY",
        "settlement_currency": "TRY",
        "installment": 1,
        "three_ds": True,
        "iyzico_commission": "7.23",
        "iyzico_fee": "0.25",
        "parity": 1,
        "merchant_payout_amount": "242.52",
    } | more


def given_back(kind: str, number: str, payment: str, amount: str, **more: Any) -> dict[str, Any]:
    """A REFUND or CANCEL movement."""
    return {
        "transaction_type": kind,
        "transaction_id": number,
        "transaction_date": "2026-11-21T09:00:00+03:00",
        "after_settlement": False,
        "payment_tx_id": payment + "1" if kind == "REFUND" else None,
        "payment_id": payment,
        "paid_price": amount,
        "transaction_currency": "TRY",
    } | more


def paid_out(item: str, amount: str, day: str = "2026-11-23", **more: Any) -> dict[str, Any]:
    """A completed payout."""
    return {
        "payment_transaction_id": item,
        "payout_amount": amount,
        "payout_type": "MERCHANT_PAYOUT",
        "payout_date": day,
        "currency": "TRY",
    } | more


MOVEMENTS = [
    paid("settled"),
    paid("waiting"),
    paid("partly"),
    given_back("REFUND", "r-partly", "partly", "50"),
    paid("wholly"),
    given_back("REFUND", "r-wholly", "wholly", "250"),
    paid("late"),
    given_back("REFUND", "r-late", "late", "250", after_settlement=True),
    paid("void"),
    given_back("CANCEL", "c-void", "void", "250"),
    paid("short"),
    paid("over"),
    given_back("REFUND", "r-over", "over", "300"),
    paid("refused", transaction_status=-1),
    paid("two", "1"),
    paid("two", "2"),
    paid(
        "dollar",
        transaction_currency="USD",
        settlement_currency="TRY",
        paid_price=10,
        parity=40,
        iyzico_commission="0.40",
        merchant_payout_amount=390,
    ),
    given_back("REFUND", "r-dollar", "dollar", "2", transaction_currency="USD"),
    paid("night", transaction_date="2026-11-20T22:30:00Z"),
    paid("half", "1"),
    paid("half", "2"),
    given_back("REFUND", "r-half", "half", "250"),
    paid("told"),
    given_back("REFUND", "r-told", "told", "50"),
]
DETAILED_REFUNDS = [
    {
        "payment_id": "told",
        "payment_transaction_id": "told1",
        "refund_tx_id": "r-told",
        "refund_price": 50,
        "refund_status": 1,
        "is_after_settlement": False,
        "currency_code": "TRY",
        "iyzi_commission_rate_amount": 0,
    },
    {
        "payment_id": "waiting",
        "payment_transaction_id": "waiting1",
        "refund_tx_id": "r-refused",
        "refund_price": 50,
        "refund_status": 0,
        "currency_code": "TRY",
    },
    {
        "payment_id": "unlisted",
        "payment_transaction_id": "unlisted1",
        "refund_tx_id": "r-unlisted",
        "refund_price": 20,
        "refund_status": 1,
        "is_after_settlement": True,
        "created_date": "2026-11-22T21:30:00Z",
        "currency_code": "TRY",
    },
]
"""What payments in detail say: one refund that the list has too, one that failed, one of a payment not listed yet."""
UNLISTED = {
    "payment_id": "unlisted",
    "payment_status": 1,
    "paid_price": 100,
    "currency": "TRY",
    "created_date": "2026-11-22T12:00:00Z",
    "card_association": "TROY",
}
UNLISTED_ITEM = {
    "payment_id": "unlisted",
    "payment_transaction_id": "unlisted1",
    "paid_price": 100,
    "iyzi_commission_rate_amount": "2.89",
    "iyzi_commission_fee": "0.25",
    "merchant_payout_amount": "96.86",
    "blockage_resolved_date": "2026-11-24T21:00:00Z",
}
FILE_LINE = {
    "report": "settlement",
    "report_date": "2026-11-24",
    "merchant_id": "123",
    "line": 1,
    "payment_gid": "filed",
    "payment_tx_id": "filed1",
    "merchant_payout_amount": "242.52",
    "settlement_currency": "TRY",
    "settlement_reference_code": "STL1",
    "settlement_resolve_date": "2026-11-24T10:00:00+03:00",
}
PAYOUTS = [
    paid_out("settled1", "242.52"),
    paid_out("partly1", "193.97"),
    paid_out("late1", "242.52"),
    paid_out("short1", "200"),
    paid_out("two1", "242.52"),
    paid_out("dollar1", "313.20"),
    paid_out("half2", "242.52"),
    paid_out("told1", "192.52"),
    paid_out("nobody1", "10"),
]
