"""Completed and bounced payouts, by day of the transfer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from connectors.sandbox.iyzico.envelope import failure, success
from connectors.sandbox.iyzico.ledger import transfer_of
from connectors.sandbox.iyzico.reporting import day_in
from connectors.sandbox.iyzico.transactions import money, payout

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk
    from connectors.sandbox.iyzico.ledger import Payment

_LONGEST_WAIT_DAYS = 3
_SHORT_ONE_IN = 199
"""Rarely a payout comes short, so that the marts have a mismatch to find."""
_SHORT_BY = 1_500


def completed(desk: Desk, call: Call) -> Response:
    """POST /reporting/settlement/payoutcompleted."""
    day = day_in(call.body.get("date"))
    if day is None:
        return failure(desk.world, "11", conversation_id=call.body.get("conversationId"))
    rows = [_row(payment, item, amount) for payment, item, amount in paid_out(desk, call.company_id, day)]
    content = {"payoutCompletedTransactions": rows}
    return success(desk.world, content, conversation_id=call.body.get("conversationId"))


def bounced(desk: Desk, call: Call) -> Response:
    """POST /reporting/settlement/bounced: this shop's bank always takes the money."""
    return success(desk.world, {"bouncedRows": []}, conversation_id=call.body.get("conversationId"))


def paid_out(desk: Desk, company_id: str, day: date) -> list[tuple[Payment, int, int]]:
    """Payment, item and amount in kuruş of what was transferred on a day, if that hour has come."""
    if desk.world.clock.now() < transfer_of(day):
        return []
    found: list[tuple[Payment, int, int]] = []
    for back in range(1, _LONGEST_WAIT_DAYS + 1):
        for payment in desk.payments(company_id, day - timedelta(days=back)):
            if payment.payout_day != day or payment.cancelled_at is not None:
                continue
            for item, amount in enumerate(payment.amounts):
                left = amount - payment.refunded(item, payment.transferred_at)
                if left > 0:
                    found.append((payment, item, _transferred(desk, payment, left)))
    return found


def _transferred(desk: Desk, payment: Payment, left: int) -> int:
    due = payout(left)
    short = not desk.world.pace.steady and payment.payment_id % _SHORT_ONE_IN == 0
    return max(due - _SHORT_BY, 1) if short else due


def _row(payment: Payment, item: int, amount: int) -> dict[str, Any]:
    number = payment.item_id(item)
    return {
        "paymentTransactionId": str(number),
        # Seen both as a number and as text.
        "payoutAmount": f"{amount / 100:.2f}" if payment.payment_id % 5 == 0 else money(amount),
        "payoutType": "MERCHANT_PAYOUT",
        "subMerchantKey": None,
        "currency": "TRY",
    }
