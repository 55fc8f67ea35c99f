"""The daily list of movements."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.istanbul import ISTANBUL, day_of, start_of
from connectors.sandbox.iyzico.ledger import Payment, Refund

if TYPE_CHECKING:
    from collections.abc import Callable, Collection


def movements(
    payments: Callable[[str, date], tuple[Payment, ...]],
    company_id: str,
    day: date,
    now: datetime,
    *,
    refund_days: int,
    touched: Collection[date] = (),
) -> list[dict[str, Any]]:
    """Every movement of an Istanbul day that reports show by `now`, in order of time.

    Refunds may belong to payments of up to `refund_days` days before, and of the days in `touched`.
    """
    if start_of(day) > now:
        return []
    rows: list[tuple[datetime, dict[str, Any]]] = []
    for payment in payments(company_id, day):
        if payment.told_at <= now:
            rows += [(payment.at, _payment_row(payment, item, now)) for item in range(len(payment.amounts))]
        if payment.cancelled_at is not None and payment.cancelled_at <= now:
            rows.append((payment.cancelled_at, _cancel_row(payment, payment.cancelled_at)))
    days = {day - timedelta(days=back) for back in range(refund_days + 1)} | set(touched)
    for paid in sorted(days):
        for payment in payments(company_id, paid):
            for refund in payment.refunds:
                if refund.at <= now and day_of(refund.at) == day:
                    rows.append((refund.at, _refund_row(payment, refund)))
    rows.sort(key=lambda pair: pair[0])
    return [row for _, row in rows]


def money(kurus: int) -> float:
    """Kuruş as iyzico writes amounts: a JSON number."""
    return kurus / 100


def commission(kurus: int) -> int:
    """What iyzico keeps of an amount, in kuruş."""
    return round(kurus * 0.0289)


FEE = 25


def payout(kurus: int) -> int:
    """What the merchant gets of an amount, in kuruş."""
    return kurus - commission(kurus) - FEE


def local_time(moment: datetime) -> str:
    """`yyyy-MM-dd HH:mm:ss` in Istanbul, without a zone."""
    return moment.astimezone(ISTANBUL).strftime("%Y-%m-%d %H:%M:%S")


def bank_reference(number: int) -> tuple[str, str]:
    """Authorisation code and host reference."""
    return f"{number * 7919 % 1_000_000:06d}", f"mock{number % 100_000:05d}iyzihostrfn"


def _payment_row(payment: Payment, item: int, now: datetime) -> dict[str, Any]:
    amount = payment.amounts[item]
    row = _common(payment, payment.item_id(item), payment.at, amount)
    return row | {
        "transactionType": "PAYMENT",
        "transactionId": payment.item_id(item),
        "transactionStatus": payment.status(now),
        "afterSettlement": 0,
        "paymentTxId": payment.item_id(item),
        "conversationId": payment.conversation_id,
        "iyzicoCommission": money(commission(amount)),
        "iyzicoFee": money(FEE),
        "parity": 1,
        "iyzicoConversionAmount": 0,
        "merchantPayoutAmount": money(payout(amount)),
        "subMerchantKey": None,
        "subMerchantPayoutAmount": 0,
        "posName": "iyziPos",
    }


def _refund_row(payment: Payment, refund: Refund) -> dict[str, Any]:
    row = _common(payment, refund.refund_id, refund.at, refund.amount)
    return row | {
        "transactionType": "REFUND",
        "transactionId": refund.refund_id,
        "afterSettlement": int(refund.at >= payment.transferred_at),
        "paymentTxId": payment.item_id(refund.item),
        "conversationId": refund.conversation_id,
    }


def _cancel_row(payment: Payment, at: datetime) -> dict[str, Any]:
    number = payment.payment_id * 10 + 9
    row = _common(payment, number, at, payment.total)
    return row | {
        "transactionType": "CANCEL",
        "transactionId": number,
        "afterSettlement": 0,
        "conversationId": payment.cancelled_as,
    }


def _common(payment: Payment, number: int, at: datetime, amount: int) -> dict[str, Any]:
    auth_code, host_reference = bank_reference(number)
    return {
        "transactionDate": local_time(at),
        "paymentId": payment.payment_id,
        "paymentPhase": "AUTH",
        "price": money(amount),
        "paidPrice": money(amount),
        "transactionCurrency": "TRY",
        "installment": payment.installment,
        "threeDS": int(payment.three_ds),
        "settlementCurrency": "TRY",
        "connectorType": "IYZI_POS",
        "posOrderId": f"{at:%Y%m%d%H%M%S}{number % 1000:03d}",
        "authCode": auth_code,
        "hostReference": host_reference,
        "basketId": payment.basket_id,
    }
