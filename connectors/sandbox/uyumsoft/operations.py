"""What each operation of the service answers, by name."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

from connectors.sandbox.gib import taxpayers
from connectors.sandbox.gib.incoming import as_xml
from connectors.sandbox.gib.rendering import as_html, as_pdf
from connectors.sandbox.gib.user_list import user_list
from connectors.sandbox.uyumsoft import lists, sending
from connectors.sandbox.uyumsoft.desk import PROVIDER, Desk
from connectors.sandbox.uyumsoft.render import attributes, good, refused
from connectors.sandbox.uyumsoft.requests import NAMESPACE, Invocation

Answering = Callable[[Desk, str, Invocation], bytes]
NOT_FOUND = "Belge bulunamadı."


def _test_connection(_desk: Desk, _company: str, called: Invocation) -> bytes:
    return good(called.operation, Value=True)


def _is_user(desk: Desk, _company: str, called: Invocation) -> bytes:
    found = taxpayers.user(desk.world.seed, called.text("vknTckn"))
    alias = called.text("alias")
    registered = found is not None and bool(found.living) and (not alias or alias in found.living)
    return good(called.operation, Value=registered)


def _aliases(desk: Desk, _company: str, called: Invocation) -> bytes:
    found = taxpayers.user(desk.world.seed, called.text("vknTckn"))
    if found is None:
        return refused(called.operation, NOT_FOUND)
    since = found.mailboxes[0].since.strftime("%Y-%m-%dT%H:%M:%S")
    definition = attributes(CreateDateUtc=since, Identifier=found.number, Title=found.title, Type="OZEL")
    boxes = "".join(
        "<ReceiverboxAliases"
        + attributes(Alias=box.name, Type=0, SystemCreateDate=since)
        + ("" if box.until is None else attributes(SystemDeleteDate=box.until.strftime("%Y-%m-%dT%H:%M:%S")))
        + attributes(Enabled=box.until is None)
        + " />"
        for box in found.mailboxes
    )
    return good(called.operation, f"<Value><Definition{definition} />{boxes}</Value>")


def _user_list(desk: Desk, _company: str, called: Invocation) -> bytes:
    return good(called.operation, f"<Value>{_encoded(user_list(desk.world.seed))}</Value>")


def _outbox_status(desk: Desk, company: str, called: Invocation) -> bytes:
    """Ids that nobody knows are left out of the answer."""
    values: list[str] = []
    for ettn in called.strings("invoiceIds"):
        found = desk.office.find(PROVIDER, company, ettn)
        if found is None:
            continue
        (name, code), envelope = desk.outbox_state(found)
        shown = attributes(Status=name, StatusCode=code, InvoiceId=ettn, Message="")
        with_logs = called.operation.endswith("WithLogs")
        values.append(f"<Value{shown}{attributes(EnvelopeStatusCode=envelope) if with_logs else ''} />")
    return good(called.operation, "".join(values))


def _inbox_status(desk: Desk, company: str, called: Invocation) -> bytes:
    wanted = {ettn.lower(): ettn for ettn in called.strings("invoiceIds")}
    values: list[str] = []
    for each in desk.office.incoming(company):
        if each.ettn in wanted:
            name, code = desk.inbox_state(company, each)
            shown = attributes(Status=name, StatusCode=code, InvoiceId=wanted[each.ettn], Message="")
            values.append(f"<Value{shown} />")
    return good(called.operation, "".join(values))


def _fetch(desk: Desk, company: str, called: Invocation) -> bytes:
    """The `Data`, `Pdf` and `View` of both boxes."""
    ettn = called.text("invoiceId").lower()
    found: tuple[str, bytes] | None = None
    if "Inbox" in called.operation:
        incoming = next((each for each in desk.office.incoming(company) if each.ettn == ettn), None)
        found = None if incoming is None else (incoming.number, as_xml(incoming))
    else:
        accepted = desk.office.find(PROVIDER, company, ettn)
        found = None if accepted is None else (accepted.invoice.number, accepted.invoice.xml)
    if found is None:
        return refused(called.operation, NOT_FOUND)
    number, xml = found
    if called.operation.endswith("View"):
        html = escape(as_html(number, ettn).decode())
        inner = f"<Html>{html}</Html><IsUsingDefaultXslt>true</IsUsingDefaultXslt>"
        return good(called.operation, f"<Value>{inner}</Value>")
    content = as_pdf(number) if called.operation.endswith("Pdf") else xml
    return good(called.operation, f"<Value{attributes(InvoiceId=ettn)}><Data>{_encoded(content)}</Data></Value>")


def _cancel(desk: Desk, company: str, called: Invocation) -> bytes:
    request = called.call.find(f"{{{NAMESPACE}}}request")
    ettn = "" if request is None else request.get("InvoiceId", "")
    found = desk.office.find(PROVIDER, company, ettn)
    if found is None or found.invoice.kind != "earchive":
        return refused(called.operation, NOT_FOUND, Value=False)
    if not desk.office.cancel(PROVIDER, company, ettn):
        return refused(
            called.operation, f"{found.invoice.number} numaralı fatura daha önce iptal edilmiş.", Value=False
        )
    return good(called.operation, Value=True)


def _recover(desk: Desk, company: str, called: Invocation) -> bytes:
    ettn = called.text("documentId")
    found = desk.office.find(PROVIDER, company, ettn)
    if found is None:
        return refused(called.operation, NOT_FOUND, Value=False)
    if not desk.office.revert(PROVIDER, company, ettn):
        return refused(called.operation, "İptal edilmiş fatura değil.", Value=False)
    return good(called.operation, Value=True)


def _respond(desk: Desk, company: str, called: Invocation) -> bytes:
    (response,) = called.call.iterfind(f"{{{NAMESPACE}}}responses/{{{NAMESPACE}}}DocumentResponseInfo")
    ettn = (response.findtext(f"{{{NAMESPACE}}}InvoiceId") or "").lower()
    said = {"Approved": "accepted", "Declined": "rejected"}.get(
        response.findtext(f"{{{NAMESPACE}}}ResponseStatus") or ""
    )
    found = next((each for each in desk.office.incoming(company) if each.ettn == ettn), None)
    if found is None or said is None:
        return refused(called.operation, NOT_FOUND, Value=False)
    if not found.answerable or not desk.office.answer(PROVIDER, company, found, said):
        return refused(called.operation, "Faturaya yanıt verilemez.", Value=False)
    return good(called.operation, Value=True)


def _encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


OPERATIONS: Mapping[str, Answering] = {
    "TestConnection": _test_connection,
    "IsEInvoiceUser": _is_user,
    "GetUserAliasses": _aliases,
    "GetSystemUsersCompressedList": _user_list,
    "SendInvoice": sending.send,
    "QueryOutboxInvoiceStatus": _outbox_status,
    "GetOutboxInvoiceStatusWithLogs": _outbox_status,
    "QueryInboxInvoiceStatus": _inbox_status,
    "GetOutboxInvoiceList": lists.outbox,
    "GetInboxInvoiceList": lists.inbox,
    "CancelEArchiveInvoice": _cancel,
    "RecoverEArchiveCancel": _recover,
    "SendDocumentResponse": _respond,
    **dict.fromkeys(
        (f"Get{box}Invoice{what}" for box in ("Inbox", "Outbox") for what in ("Data", "Pdf", "View")), _fetch
    ),
}
