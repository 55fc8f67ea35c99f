"""The lists of both boxes, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from connectors.istanbul import ISTANBUL
from connectors.sandbox.gib.incoming import Incoming
from connectors.sandbox.gib.invoices import Accepted
from connectors.sandbox.uyumsoft.desk import PROVIDER, Desk, State
from connectors.sandbox.uyumsoft.render import attributes, good, refused
from connectors.sandbox.uyumsoft.requests import NAMESPACE, Invocation

_T = f"{{{NAMESPACE}}}"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_PROFILES = {"TEMELFATURA": "BaseInvoice", "TICARIFATURA": "ComercialInvoice", "IHRACAT": "Export"}
_NONE = "0001-01-01T00:00:00"
_VAT = ("Vat1", "Vat8", "Vat10", "Vat18", "Vat20", *(f"Vat{rate}TaxableAmount" for rate in (0, 1, 8, 10, 18, 20)))


def inbox(desk: Desk, company: str, called: Invocation) -> bytes:
    """`GetInboxInvoiceList`."""
    query = called.call.find(f"{_T}query")
    if query is None:
        return refused(called.operation, "Sorgu yok.")
    start, end = (_moment(query, name) for name in ("CreateStartDate", "CreateEndDate"))
    rows = [
        _item(_incoming_fields(each, desk.inbox_state(company, each)), "<IsNew>false</IsNew>")
        for each in desk.office.incoming(company)
        if (start is None or start <= each.received) and (end is None or each.received < end)
    ]
    return good(called.operation, _page(query, rows))


def outbox(desk: Desk, company: str, called: Invocation) -> bytes:
    """`GetOutboxInvoiceList`."""
    query = called.call.find(f"{_T}query")
    if query is None:
        return refused(called.operation, "Sorgu yok.")
    wanted = {(each.text or "").strip().lower() for each in query.iterfind(f"{_T}InvoiceIds")}
    rows = [
        _item(_outgoing_fields(desk, each), _scenario(each))
        for (provider, owner, ettn), each in desk.office.accepted.items()
        if (provider, owner) == (PROVIDER, company) and (not wanted or ettn in wanted)
    ]
    return good(called.operation, _page(query, rows))


def _page(query: Any, rows: Sequence[str]) -> str:
    index, size = int(query.get("PageIndex", "0")), max(1, int(query.get("PageSize", "10")))
    flags = attributes(PageIndex=index, PageSize=size, TotalCount=len(rows), TotalPages=-(-len(rows) // size))
    return f"<Value{flags}>{''.join(rows[index * size : (index + 1) * size])}</Value>"


def _item(fields: dict[str, str], more: str) -> str:
    return f"<Items>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in fields.items())}{more}</Items>"


def _incoming_fields(invoice: Incoming, state: State) -> dict[str, str]:
    received = invoice.received.astimezone(ISTANBUL)
    return _fields(
        number=invoice.number,
        ettn=invoice.ettn,
        profile=invoice.profile,
        party=(invoice.sender, invoice.sender_title),
        state=state,
        envelope=1300,
        created=invoice.received,
        issued=received.strftime("%Y-%m-%dT00:00:00"),
        payable=f"{invoice.amount * 1.2:.2f}",
    )


def _outgoing_fields(desk: Desk, accepted: Accepted) -> dict[str, str]:
    state, envelope = desk.outbox_state(accepted)
    invoice = accepted.invoice
    return _fields(
        number=invoice.number,
        ettn=invoice.ettn,
        profile=invoice.profile,
        party=(invoice.customer, ""),
        state=state,
        envelope=envelope,
        created=accepted.at,
        issued=f"{invoice.issued}T00:00:00",
        payable=invoice.payable or "0",
    )


def _fields(
    *,
    number: str,
    ettn: str,
    profile: str,
    party: tuple[str, str],
    state: State,
    envelope: int,
    created: datetime,
    issued: str,
    payable: str,
) -> dict[str, str]:
    """In the schema's order: `InvoiceId` is the number here, and `DocumentId` the UUID."""
    kind = _PROFILES.get(profile, "eArchive")
    return {
        "InvoiceId": number,
        "DocumentId": ettn,
        "Type": kind,
        "TypeCode": str(("BaseInvoice", "ComercialInvoice", "", "Export", "eArchive").index(kind)),
        "TargetTcknVkn": party[0],
        "TargetTitle": party[1],
        "EnvelopeIdentifier": "",
        "Status": state[0],
        "StatusCode": str(state[1]),
        "EnvelopeStatus": "CompletedSuccessfully" if envelope == 1300 else "NoEnvelope",
        "EnvelopeStatusCode": str(envelope),
        "Message": "",
        "CreateDateUtc": created.strftime("%Y-%m-%dT%H:%M:%S"),
        "ExecutionDate": issued,
        "PayableAmount": payable,
        "TaxTotal": "0",
        "TaxExclusiveAmount": "0",
        "DocumentCurrencyCode": "TRY",
        "ExchangeRate": "0",
        **dict.fromkeys(_VAT, "0"),
        "OrderDocumentId": "",
        "IsArchived": "false",
        "InvoiceTipType": "Sales",
        "InvoiceTipTypeCode": "0",
    }


def _scenario(accepted: Accepted) -> str:
    name = "eArchive" if accepted.invoice.kind == "earchive" else "eInvoice"
    return f"<Scenario>{name}</Scenario><ScenarioCode>0</ScenarioCode>"


def _moment(query: Any, name: str) -> datetime | None:
    found = query.find(f"{_T}{name}")
    if found is None or found.get(_NIL) == "true" or not (found.text or "").strip():
        return None
    moment = datetime.fromisoformat(found.text.strip())
    return moment.replace(tzinfo=ISTANBUL) if moment.tzinfo is None else moment
