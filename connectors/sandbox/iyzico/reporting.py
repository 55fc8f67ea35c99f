"""The reporting endpoints: daily list, scrolling list, payment details, completed payouts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from connectors.sandbox.iyzico.envelope import failure, success
from connectors.sandbox.iyzico.ledger import LONGEST_REFUND_DAYS
from connectors.sandbox.iyzico.transactions import movements

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.iyzico.desk import Call, Desk


def transactions(desk: Desk, call: Call) -> Response:
    """GET /v2/reporting/payment/transactions."""
    day, page = day_in(call.query.get("transactionDate")), whole_number(call.query.get("page"))
    if day is None or page is None or page < 1:
        return failure(desk.world, "11", status=422, conversation_id=call.query.get("conversationId"))
    rows = _movements(desk, call.company_id, day)
    size = desk.world.pace.page_size
    content: dict[str, Any] = {"transactions": rows[(page - 1) * size : page * size]}
    if rows:
        content |= {"currentPage": page, "totalPageCount": -(-len(rows) // size)}
    return success(desk.world, content, conversation_id=call.query.get("conversationId"))


def scroll_transactions(desk: Desk, call: Call) -> Response:
    """GET /v2/reporting/payment/scroll-transactions: rows after the last id seen."""
    day = day_in(call.query.get("transactionDate"))
    if day is None:
        return failure(desk.world, "11", status=422, conversation_id=call.query.get("conversationId"))
    rows = _movements(desk, call.company_id, day)
    if call.query.get("documentScrollVoSortingOrder") == "DESC":
        rows.reverse()
    seen = [str(row["transactionId"]) for row in rows]
    last = call.query.get("lastId", "")
    start = seen.index(last) + 1 if last in seen else 0
    content = {"transactions": rows[start : start + desk.world.pace.page_size]}
    return success(desk.world, content, conversation_id=call.query.get("conversationId"))


def _movements(desk: Desk, company_id: str, day: date) -> list[dict[str, Any]]:
    refund_days = 0 if desk.world.pace.steady else LONGEST_REFUND_DAYS
    return movements(
        desk.payments,
        company_id,
        day,
        desk.world.clock.now(),
        refund_days=refund_days,
        touched=desk.acts.days(company_id),
    )


def day_in(text: str | None) -> date | None:
    """The day that a parameter names, with or without a time of day."""
    try:
        return datetime.fromisoformat(text or "").date()
    except ValueError:
        return None


def whole_number(text: str | None) -> int | None:
    """The number that a parameter holds."""
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
