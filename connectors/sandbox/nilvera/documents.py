"""Documents that a company sent: where they stand, what they look like, and e-Arşiv's cancellations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.gib import progress
from connectors.sandbox.gib.rendering import as_html, as_pdf
from connectors.sandbox.nilvera.desk import PROVIDER
from connectors.sandbox.nilvera.envelope import failure, success

if TYPE_CHECKING:
    from connectors.sandbox.gib.invoices import Accepted, Kind
    from connectors.sandbox.nilvera.desk import Call, Desk

ANSWERS = {
    "none": "unknown",
    "waiting": "waitingForApproval",
    "accepted": "approved",
    "rejected": "rejected",
    "returned": "rejected",
    "implied": "documentAnsweredAutomatically",
}


def sale_status(desk: Desk, call: Call) -> Response:
    """`GET /einvoice/Sale/{uuid}/Status`."""
    found = _find(desk, call, "einvoice")
    if found is None:
        return failure(404, [3003])
    now = desk.office.progress(found)
    return success(status_document(found.invoice.profile, now))


def status_document(profile: str, now: progress.Progress) -> dict[str, Any]:
    """The document of a status."""
    return {
        "InvoiceProfile": profile,
        "Answer": {"AnswerCode": ANSWERS[now.answer], "AnswerNote": None, "Description": None},
        "InvoiceStatus": {"Code": now.word, "Description": now.word, "DetailDescription": None},
        "EnvelopeInfo": {"UUID": None, "GIBCode": now.gib_code or 0, "GIBDescription": None},
    }


def check_from_gib(desk: Desk, call: Call) -> Response:
    """`GET /einvoice/Sale/{uuid}/CheckFromGib`: here the code is text."""
    found = _find(desk, call, "einvoice")
    if found is None:
        return failure(404, [3003])
    code = desk.office.progress(found).gib_code
    return success({"EnvelopeUUID": None, "EnvelopeGibCode": None if code is None else str(code)})


def archive_status(desk: Desk, call: Call) -> Response:
    """`GET /earchive/Invoices/{uuid}/Status`."""
    found = _find(desk, call, "earchive")
    if found is None:
        return failure(404, [3003])
    return success(
        {
            "StatusDetail": None,
            "StatusCode": progress.of_earchive(found, desk.office.now),
            "ReportStatus": "Reported" if progress.reported(found, desk.office.now) else "NotReported",
            "CancelStatus": desk.office.is_cancelled(PROVIDER, call.company, call.path["uuid"]),
        }
    )


def cancel(desk: Desk, call: Call) -> Response:
    """`PUT /earchive/Invoices/{uuid}/Cancel`."""
    if _find(desk, call, "earchive") is None:
        return failure(404, [3003])
    if not desk.office.cancel(PROVIDER, call.company, call.path["uuid"]):
        return failure(422, [4007])
    return success([call.path["uuid"]])


def revert_cancel(desk: Desk, call: Call) -> Response:
    """`PUT /earchive/Invoices/{uuid}/RevertCancel`."""
    if _find(desk, call, "earchive") is None:
        return failure(404, [3003])
    if not desk.office.revert(PROVIDER, call.company, call.path["uuid"]):
        return failure(422, [4007])
    return success(document=True)


def fetch(desk: Desk, call: Call) -> Response:
    """The document as `xml`, `pdf` or `html`."""
    found = desk.office.find(PROVIDER, call.company, call.path["uuid"])
    if found is None:
        return failure(404, [3003])
    return rendered(call.path["format"], found.invoice.number, found.invoice.ettn, found.invoice.xml)


def rendered(format: str, number: str, ettn: str, xml: bytes) -> Response:
    """A document in the format asked for."""
    match format:
        case "xml":
            return Response(xml, media_type="application/xml")
        case "pdf":
            return Response(as_pdf(number), media_type="application/pdf")
        case "html":
            return Response(as_html(number, ettn), media_type="text/html")
        case _:
            return failure(404, [3003])


def _find(desk: Desk, call: Call, kind: Kind) -> Accepted | None:
    found = desk.office.find(PROVIDER, call.company, call.path["uuid"])
    return found if found is not None and found.invoice.kind == kind else None
