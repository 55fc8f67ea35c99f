"""One payment told in full, as the reporting and the classic endpoint tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.iyzico.envelope import failure, success
from connectors.sandbox.iyzico.ledger import day_of_payment
from connectors.sandbox.iyzico.reporting import whole_number
from connectors.sandbox.iyzico.response_signature import sign
from connectors.sandbox.iyzico.transactions import FEE, bank_reference, commission, local_time, money, payout

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk
    from connectors.sandbox.iyzico.ledger import Payment, Refund

_SUCCESS = 1
_CONVERSATION_SEARCH_DAYS = 30


def details(desk: Desk, call: Call) -> Response:
    """GET /v2/reporting/payment/details, by payment or by the merchant's own reference."""
    conversation_id = call.query.get("paymentConversationId")
    # The Python client sends the text None when it has only the reference.
    number = whole_number(call.query.get("paymentId"))
    if number is None and not conversation_id:
        return failure(desk.world, "11", status=422, conversation_id=call.query.get("conversationId"))
    payment = find(desk, call.company_id, number, conversation_id)
    told = [] if payment is None else [_told(payment, desk.world.clock.now())]
    return success(desk.world, {"payments": told}, conversation_id=call.query.get("conversationId"))


def retrieve(desk: Desk, call: Call) -> Response:
    """POST /payment/detail: the classic form, status in words and the answer signed."""
    number = whole_number(str(call.body.get("paymentId") or ""))
    payment = find(desk, call.company_id, number, call.body.get("paymentConversationId"))
    conversation_id = call.body.get("conversationId")
    if payment is None:
        return failure(desk.world, "5093", conversation_id=conversation_id)
    told = _told(payment, desk.world.clock.now()) | {"paymentStatus": "SUCCESS", "paymentId": str(payment.payment_id)}
    told["signature"] = sign(
        desk.world.seed,
        call.company_id,
        (told["paymentId"], "TRY", payment.basket_id, conversation_id, money(payment.total), money(payment.total)),
    )
    return success(desk.world, told, conversation_id=conversation_id)


def find(desk: Desk, company_id: str, number: int | None, conversation_id: str | None) -> Payment | None:
    """A payment that reports already show; by reference only among those of the last days."""
    now = desk.world.clock.now()
    if number is not None:
        day = day_of_payment(number)
        candidates = [] if day is None else [p for p in desk.payments(company_id, day) if p.payment_id == number]
    else:
        today = now.date()
        days = [today - timedelta(days=back) for back in range(_CONVERSATION_SEARCH_DAYS)]
        candidates = [p for day in days for p in desk.payments(company_id, day) if p.conversation_id == conversation_id]
    return next((payment for payment in candidates if payment.told_at <= now), None)


def _told(payment: Payment, now: datetime) -> dict[str, Any]:
    refunded = sum(refund.amount for refund in payment.refunds if refund.at <= now)
    cancelled = payment.cancelled_at is not None and payment.cancelled_at <= now
    state = "TOTALLY_REFUNDED" if cancelled or refunded >= payment.total else "PARTIALLY_REFUNDED"
    bin_number, association, family, bank = payment.card
    auth_code, host_reference = bank_reference(payment.payment_id)
    changes = [payment.at, *(refund.at for refund in payment.refunds if refund.at <= now)]
    return {
        "paymentId": payment.payment_id,
        "paymentStatus": _SUCCESS,
        "paymentRefundStatus": state if cancelled or refunded else "NOT_REFUNDED",
        "price": money(payment.total),
        "paidPrice": money(payment.total),
        "installment": payment.installment,
        "merchantCommissionRate": 0,
        "merchantCommissionRateAmount": 0,
        "iyziCommissionRateAmount": money(sum(map(commission, payment.amounts))),
        "iyziCommissionFee": money(FEE * len(payment.amounts)),
        "paymentConversationId": payment.conversation_id,
        "fraudStatus": 0 if payment.status(now) == 0 else 1,
        "cardType": "CREDIT_CARD",
        "cardAssociation": association,
        "cardFamily": family,
        "binNumber": bin_number,
        "lastFourDigits": f"{payment.payment_id * 31 % 10_000:04d}",
        "basketId": payment.basket_id,
        "currency": "TRY",
        "connectorName": "IYZI_POS",
        "authCode": auth_code,
        "threeDS": payment.three_ds,
        "phase": "AUTH",
        "acquirerBankName": bank,
        "hostReference": host_reference,
        "createdDate": _iso(payment.at),
        "updatedDate": _iso(max(changes)),
        "cancels": [_cancel(payment, payment.cancelled_at)] if cancelled and payment.cancelled_at else [],
        "itemTransactions": [_item(payment, item, now) for item in range(len(payment.amounts))],
    }


def _item(payment: Payment, item: int, now: datetime) -> dict[str, Any]:
    amount = payment.amounts[item]
    due = {
        "paidPrice": money(amount),
        "iyziCommissionRateAmount": money(commission(amount)),
        "iyziCommissionFee": money(FEE),
        "blockageRateAmountMerchant": 0,
        "blockageRateAmountSubMerchant": 0,
        "subMerchantPayoutAmount": 0,
        "merchantPayoutAmount": money(payout(amount)),
    }
    return due | {
        "itemId": f"STK-{amount % 900 + 100}",
        "paymentTransactionId": payment.item_id(item),
        "transactionStatus": payment.status(now),
        "price": money(amount),
        "merchantCommissionRate": 0,
        "merchantCommissionRateAmount": 0,
        "blockageRate": 0,
        "blockageResolvedDate": local_time(payment.at + timedelta(days=1)),
        "convertedPayout": due | {"iyziConversionRate": 0, "iyziConversionRateAmount": 0, "currency": "TRY"},
        "refunds": [_refund(payment, refund) for refund in payment.refunds if refund.item == item and refund.at <= now],
    }


def _refund(payment: Payment, refund: Refund) -> dict[str, Any]:
    auth_code, host_reference = bank_reference(refund.refund_id)
    left = payment.amounts[refund.item] - payment.refunded(refund.item, refund.at)
    return {
        "refundTxId": refund.refund_id,
        "refundConversationId": refund.conversation_id,
        "refundPrice": money(refund.amount),
        "refundStatus": 1,
        "isAfterSettlement": refund.at >= payment.transferred_at,
        "iyziCommissionRateAmount": money(commission(left) - commission(left - refund.amount)),
        "createdDate": _iso(refund.at),
        "currencyCode": "TRY",
        "authCode": auth_code,
        "hostReference": host_reference,
    }


def _cancel(payment: Payment, at: datetime) -> dict[str, Any]:
    number = payment.payment_id * 10 + 9
    auth_code, host_reference = bank_reference(number)
    return {
        "refundId": number,
        "cancelConversationId": payment.cancelled_as,
        "refundPrice": money(payment.total),
        "refundStatus": 1,
        "isAfterSettlement": False,
        "createdDate": _iso(at),
        "currencyCode": "TRY",
        "authCode": auth_code,
        "hostReference": host_reference,
    }


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
