"""Our answer to an invoice that somebody sent us: KABUL or RED, ready to be signed.

Its parties are those of the invoice with their places changed, copied and not typed again.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, cast

from connectors.istanbul import ISTANBUL, day_of
from hub.einvoice.names import CAC, CBC, EXT, INVOICE, UBL
from hub.einvoice.responses.window import may_answer
from hub.einvoice.xml import Element, etree, parse
from hub.errors import HubError

_RESPONSE = f"{UBL}ApplicationResponse-2"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_CODES = {"accepted": "KABUL", "rejected": "RED"}
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class Answer:
    """What we say, and what the saying is called."""

    verdict: Literal["accepted", "rejected"]
    number: str
    """Sixteen characters as an invoice number has them; a series of its own."""
    uuid: str
    at: datetime
    """Aware."""
    note: str = field(default="", repr=False)
    """Why; a rejection needs it."""


def answer_to(invoice: bytes, answer: Answer, *, received: date) -> bytes:
    """The unsigned response to an invoice received on that Istanbul day.

    Raises HubError as `parse` does, and `response_not_an_invoice`, `response_incomplete` (part), `response_too_late`
    (no answer counts any more, or the profile knows none), `response_reason_missing`, `response_id_malformed`.
    """
    root = parse(invoice)
    if root.tag != f"{{{INVOICE}}}Invoice":
        raise HubError("response_not_an_invoice")
    profile = _text(root, "ProfileID")
    if not may_answer(profile, received=received, today=day_of(answer.at)):
        raise HubError("response_too_late")
    if answer.verdict == "rejected" and not answer.note.strip():
        raise HubError("response_reason_missing")
    if not _GUID.fullmatch(answer.uuid) or not answer.number.strip():
        raise HubError("response_id_malformed")
    return cast("bytes", etree.tostring(_response(root, answer, profile), xml_declaration=True, encoding="UTF-8"))


def _response(invoice: Element, answer: Answer, profile: str) -> Element:
    response = etree.Element(
        f"{{{_RESPONSE}}}ApplicationResponse",
        nsmap={None: _RESPONSE, "cac": CAC, "cbc": CBC, "ext": EXT, "xsi": _XSI},
    )
    response.set(f"{{{_XSI}}}schemaLocation", f"{_RESPONSE} UBL-ApplicationResponse-2.1.xsd")
    moment = answer.at.astimezone(ISTANBUL)
    _add(response, "UBLVersionID", "2.1")
    _add(response, "CustomizationID", "TR1.2")
    _add(response, "ProfileID", profile)
    _add(response, "ID", answer.number)
    _add(response, "UUID", answer.uuid)
    _add(response, "IssueDate", moment.date().isoformat())
    _add(response, "IssueTime", moment.strftime("%H:%M:%S"))
    if answer.note.strip():
        _add(response, "Note", answer.note.strip())
    response.append(_party(invoice, "AccountingCustomerParty", "SenderParty"))
    response.append(_party(invoice, "AccountingSupplierParty", "ReceiverParty"))
    said = etree.SubElement(response, f"{{{CAC}}}DocumentResponse")
    _say(said, answer, reference=answer.uuid)
    about = etree.SubElement(said, f"{{{CAC}}}DocumentReference")
    _add(about, "ID", _required(invoice, "UUID"))
    _add(about, "IssueDate", _required(invoice, "IssueDate"))
    _add(about, "DocumentTypeCode", "FATURA")
    _add(about, "DocumentType", "FATURA")
    line = etree.SubElement(said, f"{{{CAC}}}LineResponse")
    _add(etree.SubElement(line, f"{{{CAC}}}LineReference"), "LineID", "")
    _say(line, answer, reference=answer.uuid)
    return response


def _say(parent: Element, answer: Answer, *, reference: str) -> None:
    said = etree.SubElement(parent, f"{{{CAC}}}Response")
    _add(said, "ReferenceID", reference)
    _add(said, "ResponseCode", _CODES[answer.verdict])
    _add(said, "Description", answer.note.strip() or _CODES[answer.verdict])


def _party(invoice: Element, role: str, name: str) -> Element:
    """The invoice's party under another name; comments and what stands around it stay behind."""
    found = invoice.find(f"{{{CAC}}}{role}/{{{CAC}}}Party")
    if found is None:
        raise HubError("response_incomplete", part=role)
    party = etree.Element(f"{{{CAC}}}{name}", nsmap={"cac": CAC, "cbc": CBC})
    for each in found:
        if isinstance(each.tag, str):
            copied = deepcopy(each)
            copied.tail = None
            party.append(copied)
    return party


def _add(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{CBC}}}{name}").text = text


def _required(invoice: Element, name: str) -> str:
    text = _text(invoice, name)
    if not text:
        raise HubError("response_incomplete", part=name)
    return text


def _text(invoice: Element, name: str) -> str:
    return (invoice.findtext(f"{{{CBC}}}{name}") or "").strip()
