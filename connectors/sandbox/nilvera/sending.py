"""`/einvoice/Send/Xml` and `/earchive/Send/Xml`: a document comes in, and is GİB's business from then on."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING

from connectors.sandbox.gib.invoices import Invoice, Kind, Unfit, read
from connectors.sandbox.nilvera.desk import PROVIDER
from connectors.sandbox.nilvera.envelope import failure, success

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.sandbox.nilvera.desk import Call, Desk

_STATUSES = {
    "supplier": (422, 4005),
    "kind": (422, 4006),
    "registered": (422, 4004),
    "not_registered": (422, 4003),
    "alias": (404, 3002),
    "several": (404, 3000),
}


def einvoice(desk: Desk, call: Call) -> Response:
    """`POST /einvoice/Send/Xml`."""
    return _taken(desk, call, "einvoice")


def earchive(desk: Desk, call: Call) -> Response:
    """`POST /earchive/Send/Xml`."""
    return _taken(desk, call, "earchive")


def _taken(desk: Desk, call: Call, kind: Kind) -> Response:
    content = _file(call)
    if content is None:
        return failure(400, [4000], "file")
    try:
        invoice = read(content)
    except Unfit as unfit:
        return failure(422, [4000], str(unfit))
    alias = call.query.get("Alias", "")
    refusal = _refusal(desk, call, invoice, kind, alias)
    if refusal is not None:
        return refusal
    desk.office.take(PROVIDER, call.company, invoice, alias)
    return success({"UUID": invoice.ettn, "InvoiceNumber": invoice.number})


def _refusal(desk: Desk, call: Call, invoice: Invoice, kind: Kind, alias: str) -> Response | None:
    if desk.office.find(PROVIDER, call.company, invoice.ettn) is not None:
        return failure(409, [4002])
    if desk.office.number_taken(PROVIDER, call.company, invoice):
        return failure(409, [4001])
    why = desk.office.refusal(call.company, invoice, kind, alias)
    if why is None:
        return None
    status, code = _STATUSES[why]
    return failure(status, [code])


def _file(call: Call) -> bytes | None:
    """The multipart field `file`."""
    if not call.content_type.startswith("multipart/form-data"):
        return None
    message = message_from_bytes(f"Content-Type: {call.content_type}\r\n\r\n".encode() + call.body)
    for part in message.walk():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            # The line break before the boundary belongs to the boundary.
            return content if isinstance(content, bytes) else None
    return None
