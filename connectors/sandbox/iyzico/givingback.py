"""POST /payment/refund, /v2/payment/refund and /payment/cancel. The numbers of the refusals are made up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from connectors.istanbul import day_of
from connectors.sandbox.iyzico.details import find
from connectors.sandbox.iyzico.envelope import failure, success
from connectors.sandbox.iyzico.reporting import whole_number
from connectors.sandbox.iyzico.response_signature import sign
from connectors.sandbox.iyzico.transactions import bank_reference, money

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk
    from connectors.sandbox.iyzico.ledger import Payment

WRONG, NO_PAYMENT, NO_LINE, TOO_LATE, TOO_MUCH = "11", "5093", "5086", "5088", "5092"
_REFUNDABLE = timedelta(days=365)


def refund_line(desk: Desk, call: Call) -> Response:
    """One line's refund, in part or whole; repeatable as long as something is left of it."""
    number = whole_number(str(call.body.get("paymentTransactionId") or ""))
    payment = None if number is None else find(desk, call.company_id, number // 10, None)
    item = -1 if payment is None or number is None else number % 10 - 1
    known = payment is not None and 0 <= item < len(payment.amounts)
    return _refund(desk, call, payment if known else None, [item], missing=NO_LINE)


def refund_payment(desk: Desk, call: Call) -> Response:
    """A refund whose lines iyzico picks, the first ones first."""
    payment = _named(desk, call)
    return _refund(desk, call, payment, list(range(len(payment.amounts) if payment else 0)), missing=NO_PAYMENT)


def cancel(desk: Desk, call: Call) -> Response:
    """The whole payment, on its own day, once, and only while nothing was given back of it."""
    payment, now = _named(desk, call), desk.world.clock.now()
    if payment is None:
        return _refused(desk, call, NO_PAYMENT)
    given_back = any(refund.at <= now for refund in payment.refunds)
    voided = payment.cancelled_at is not None and payment.cancelled_at <= now
    if voided or given_back or day_of(now) != payment.day or _wrong(call, amount=False):
        return _refused(desk, call, TOO_LATE)

    def work() -> dict[str, Any]:
        desk.acts.cancel(desk.world, call.company_id, payment, str(call.body.get("conversationId") or ""))
        auth_code, host_reference = bank_reference(payment.payment_id * 10 + 9)
        return {
            "paymentId": str(payment.payment_id),
            "price": money(payment.total),
            "currency": "TRY",
            "authCode": auth_code,
            "hostReference": host_reference,
            "cancelHostReference": host_reference,
        }

    return acted(desk, call, work)


def acted(desk: Desk, call: Call, work: Callable[[], dict[str, Any]]) -> Response:
    """Do the work and answer; or as the trouble in store for this company has it."""
    trouble = desk.acts.trouble(call.company_id)
    if trouble is not None and not trouble.done:
        return _refused(desk, call, trouble.code)
    content = work()
    if trouble is not None:
        return _refused(desk, call, trouble.code)
    return success(desk.world, content, conversation_id=call.body.get("conversationId"))


def _refund(desk: Desk, call: Call, payment: Payment | None, items: list[int], *, missing: str) -> Response:
    now = desk.world.clock.now()
    if _wrong(call):
        return _refused(desk, call, WRONG)
    if payment is None:
        return _refused(desk, call, missing)
    if (payment.cancelled_at is not None and payment.cancelled_at <= now) or now > payment.at + _REFUNDABLE:
        return _refused(desk, call, TOO_LATE)
    kurus = int(Decimal(call.body["price"]) * 100)
    parts = _split(payment, items, kurus)
    if parts is None:
        return _refused(desk, call, TOO_MUCH)

    def work() -> dict[str, Any]:
        reference = call.body.get("conversationId")
        number = desk.acts.refund(desk.world, call.company_id, payment, parts, str(reference or ""))
        auth_code, host_reference = bank_reference(number)
        line = {"paymentTransactionId": str(payment.item_id(items[0]))} if missing == NO_LINE else {}
        signed = (str(payment.payment_id), money(kurus), "TRY", reference)
        return {
            "paymentId": str(payment.payment_id),
            **line,
            "price": money(kurus),
            "currency": "TRY",
            "authCode": auth_code,
            "hostReference": host_reference,
            "refundHostReference": host_reference,
            "retryable": False,
            "signature": sign(desk.world.seed, call.company_id, signed),
        }

    return acted(desk, call, work)


def _split(payment: Payment, items: list[int], kurus: int) -> dict[int, int] | None:
    """Kuruş by item; None where less is left than is asked for."""
    parts: dict[int, int] = {}
    for item in items:
        left = payment.amounts[item] - sum(refund.amount for refund in payment.refunds if refund.item == item)
        part = min(kurus, left)
        if part > 0:
            parts[item] = part
            kurus -= part
    return None if kurus else parts


def _named(desk: Desk, call: Call) -> Payment | None:
    number = whole_number(str(call.body.get("paymentId") or ""))
    return None if number is None else find(desk, call.company_id, number, None)


def _wrong(call: Call, *, amount: bool = True) -> bool:
    if call.body.get("description") and not call.body.get("reason"):
        return True
    if not amount:
        return False
    try:
        price = Decimal(call.body["price"])
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return True
    whole = price.is_finite() and price > 0 and price * 100 == int(price * 100)
    return not whole or call.body.get("currency", "TRY") != "TRY"


def _refused(desk: Desk, call: Call, code: str) -> Response:
    status = 422 if call.path.startswith("/v2/") else 200
    conversation_id = call.body.get("conversationId")
    return failure(desk.world, code, status=status, conversation_id=conversation_id, more={"retryable": False})
