"""`/einvoice/Purchase`: what others sent to the company, and its answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.istanbul import ISTANBUL
from connectors.sandbox.gib.incoming import Incoming, as_xml
from connectors.sandbox.gib.progress import Progress
from connectors.sandbox.nilvera.desk import PROVIDER
from connectors.sandbox.nilvera.documents import ANSWERS, rendered, status_document
from connectors.sandbox.nilvera.envelope import failure, page, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.nilvera.desk import Call, Desk


def listed(desk: Desk, call: Call) -> Response:
    """`GET /einvoice/Purchase`."""
    try:
        start, end = (_moment(call.query[name]) for name in ("StartDate", "EndDate"))
    except (KeyError, ValueError):
        return failure(400, [4000], "StartDate")
    rows = [_row(desk, call, each) for each in desk.office.incoming(call.company) if start <= each.received < end]
    return success(page(rows, *call.page()))


def status(desk: Desk, call: Call) -> Response:
    """`GET /einvoice/Purchase/{uuid}/Status`."""
    found = _find(desk, call, call.path["uuid"])
    if found is None:
        return failure(404, [3003])
    return success(status_document(found.profile, Progress(1300, desk.office.answer_to(call.company, found))))


def send_answer(desk: Desk, call: Call) -> Response:
    """`POST /einvoice/Purchase/SendAnswer`."""
    asked = call.document()
    found = _find(desk, call, str(asked.get("UUID") or ""))
    if found is None:
        return failure(404, [3003])
    said = {"approved": "accepted", "rejected": "rejected"}.get(str(asked.get("AnswerCode")))
    if said is None:
        return failure(400, [4000], "AnswerCode")
    if not found.answerable:
        return failure(422, [4006])
    if not desk.office.answer(PROVIDER, call.company, found, said):
        return failure(409, [4007])
    return success(found.ettn)


def fetch(desk: Desk, call: Call) -> Response:
    """The document as `xml`, `pdf` or `html`."""
    found = _find(desk, call, call.path["uuid"])
    if found is None:
        return failure(404, [3003])
    return rendered(call.path["format"], found.number, found.ettn, as_xml(found))


def _find(desk: Desk, call: Call, ettn: str) -> Incoming | None:
    return next((each for each in desk.office.incoming(call.company) if each.ettn == ettn.lower()), None)


def _row(desk: Desk, call: Call, invoice: Incoming) -> dict[str, Any]:
    received = invoice.received.astimezone(ISTANBUL)
    return {
        "UUID": invoice.ettn,
        "TaxNumber": invoice.receiver,
        "SenderTaxNumber": invoice.sender,
        "SenderName": invoice.sender_title,
        "InvoiceNumber": invoice.number,
        "InvoiceProfile": invoice.profile,
        "InvoiceType": invoice.type,
        "CurrencyCode": "TRY",
        "IssueDate": received.date().isoformat() + "T00:00:00",
        "PayableAmount": round(invoice.amount * 1.2, 2),
        "AnswerCode": ANSWERS[desk.office.answer_to(call.company, invoice)],
        "StatusCode": "succeed",
        "EnvelopeDate": received.replace(tzinfo=None).isoformat(),
    }


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=ISTANBUL) if found.tzinfo is None else found
