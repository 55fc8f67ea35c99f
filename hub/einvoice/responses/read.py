"""Reading a response, whoever wrote it."""

from __future__ import annotations

from datetime import date

from hub.einvoice.names import CAC, CBC, UBL
from hub.einvoice.responses.model import SYSTEM, VERDICTS, ApplicationResponse, Response, SystemResponse
from hub.einvoice.xml import Element, parse
from hub.errors import HubError

_ROOT = f"{{{UBL}ApplicationResponse-2}}ApplicationResponse"
_SAID = "cac:DocumentResponse/cac:Response"
_ABOUT = "cac:DocumentResponse/cac:DocumentReference"
_LINE = "cac:DocumentResponse/cac:LineResponse/cac:Response"
_BOTH = {"cac": CAC, "cbc": CBC}


def read_response(document: bytes) -> Response:
    """What a response says.

    Raises HubError as `parse` does, and `response_root_unknown`, `response_incomplete` (part), `response_code_unknown`.
    """
    root = parse(document)
    if root.tag != _ROOT:
        raise HubError("response_root_unknown")
    code = _required(root, f"{_SAID}/cbc:ResponseCode")
    if code == SYSTEM:
        return _system(root)
    if code not in VERDICTS:
        raise HubError("response_code_unknown")
    return ApplicationResponse(
        uuid=_required(root, "cbc:UUID").lower(),
        number=_required(root, "cbc:ID"),
        profile=_text(root, "cbc:ProfileID").upper(),
        verdict=VERDICTS[code],
        document=_required(root, f"{_ABOUT}/cbc:ID"),
        issued=_date(_required(root, "cbc:IssueDate")),
        sender=_number(root, "SenderParty"),
        receiver=_number(root, "ReceiverParty"),
        note=_note(root),
        customs=_customs(root),
    )


def _system(root: Element) -> SystemResponse:
    # The answer to the envelope stands in its one line; S_APR above it only says that this is such an answer.
    code = _required(root, f"{_LINE}/cbc:ResponseCode")
    if not (code.isascii() and code.isdecimal()):
        raise HubError("response_code_unknown")
    return SystemResponse(
        uuid=_required(root, "cbc:UUID").lower(),
        envelope_id=_required(root, f"{_ABOUT}/cbc:ID").lower(),
        envelope_type=_text(root, f"{_ABOUT}/cbc:DocumentTypeCode"),
        code=int(code),
        issued=_date(_required(root, "cbc:IssueDate")),
        sender=_number(root, "SenderParty"),
    )


def _note(root: Element) -> str:
    """The reason: in a note, or in the response's description."""
    notes = [(each.text or "").strip() for each in root.iterfind("cbc:Note", _BOTH)]
    described = [(each.text or "").strip() for each in root.iterfind(f"{_SAID}/cbc:Description", _BOTH)]
    return "\n".join(text for text in (notes or described) if text)


def _customs(root: Element) -> dict[str, str]:
    identities = root.iterfind("cac:SenderParty/cac:PartyIdentification/cbc:ID", _BOTH)
    found = {str(each.get("schemeID")): (each.text or "").strip() for each in identities}
    return {scheme: value for scheme, value in found.items() if scheme.startswith("GTB_")}


def _number(root: Element, role: str) -> str:
    for each in root.iterfind(f"cac:{role}/cac:PartyIdentification/cbc:ID", _BOTH):
        if each.get("schemeID") in ("VKN", "TCKN"):
            return (each.text or "").strip()
    raise HubError("response_incomplete", part=role)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise HubError("response_incomplete", part="IssueDate") from None


def _required(root: Element, path: str) -> str:
    text = _text(root, path)
    if not text:
        raise HubError("response_incomplete", part=path.rpartition(":")[2])
    return text


def _text(root: Element, path: str) -> str:
    return (root.findtext(path, namespaces=_BOTH) or "").strip()
