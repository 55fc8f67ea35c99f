"""What GİB demands of an envelope before it looks at the documents: one bad document voids all of them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from hub.einvoice.envelope.model import (
    CARRIES,
    ELEMENT_TYPES,
    GIB_ALIAS,
    GIB_NUMBER,
    MOST_DOCUMENTS,
    MOST_INVOICES,
    Address,
    Enclosed,
    Envelope,
)
from hub.einvoice.identity import kind_of
from hub.einvoice.names import CAC, CBC
from hub.einvoice.xml import Element, etree, parse
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ALONE = ("IHRACAT", "YOLCUBERABERFATURA")
"""Profiles of which an envelope may carry one invoice."""
_ANY_RECEIVER = "3900892152"
"""The archive of invoices of public bodies, to which documents for others may go: rule DocumentReceiverCheck."""
_PARTIES = {
    "INVOICE": ("AccountingSupplierParty", "AccountingCustomerParty"),
    "APPLICATIONRESPONSE": ("SenderParty", "ReceiverParty"),
    "DESPATCHADVICE": ("DespatchSupplierParty", "DeliveryCustomerParty"),
    "RECEIPTADVICE": ("DeliveryCustomerParty", "DespatchSupplierParty"),
}
"""Who must be the envelope's sender, and who its receiver."""
_SYSTEM_PROFILE = "UBL-TR-PROFILE-1"


def require_sendable(envelope: Envelope) -> None:
    """Raises HubError with the first rule that the envelope breaks.

    `envelope_id_malformed`, `envelope_address_incomplete` (side), `envelope_empty`, `envelope_carries_wrong` (type,
    found), `envelope_too_many_documents`, `envelope_too_many_invoices` (limit), `envelope_export_alone` (profile),
    `envelope_party_differs` (side), `envelope_user_receiver`; and those of `parse` for a document that is none.
    """
    if not _GUID.fullmatch(envelope.id):
        raise HubError("envelope_id_malformed")
    for side, address in (("sender", envelope.sender), ("receiver", envelope.receiver)):
        if not address.alias.strip() or kind_of(address.number) is None:
            raise HubError("envelope_address_incomplete", side=side)
    if envelope.type == "USERENVELOPE" and (envelope.receiver.number, envelope.receiver.alias) != (
        GIB_NUMBER,
        GIB_ALIAS,
    ):
        raise HubError("envelope_user_receiver")
    _require_room(envelope)
    roots = [(document, parse(document.content)) for document in envelope.documents]
    for document, root in roots:
        _require_kind(envelope, document, root)
        _require_parties(envelope, document, root)
    alone = Counter(profile for document, root in roots if document.type == "INVOICE" and (profile := _profile(root)))
    for profile in _ALONE:
        if alone[profile] > 1:
            raise HubError("envelope_export_alone", profile=profile)


def element_type(root: Element) -> str:
    """Which document a root element is; HubError `envelope_carries_wrong` for one that no envelope knows."""
    name = str(etree.QName(root).localname)
    if name not in ELEMENT_TYPES:
        raise HubError("envelope_carries_wrong", type="", found="")
    return ELEMENT_TYPES[name]


def parties(document: Enclosed) -> tuple[str, str]:
    """VKN or TCKN of who sends a document and who receives it; empty where it names none."""
    sender, receiver = _PARTIES.get(document.type, ("", ""))
    root = parse(document.content)
    return next(_numbers(root, sender), "") if sender else "", next(_numbers(root, receiver), "") if receiver else ""


def _require_room(envelope: Envelope) -> None:
    if not envelope.documents:
        raise HubError("envelope_empty")
    if len(envelope.documents) > MOST_DOCUMENTS:
        raise HubError("envelope_too_many_documents", limit=MOST_DOCUMENTS)
    if sum(document.type == "INVOICE" for document in envelope.documents) > MOST_INVOICES:
        raise HubError("envelope_too_many_invoices", limit=MOST_INVOICES)


def _require_kind(envelope: Envelope, document: Enclosed, root: Element) -> None:
    found = element_type(root)
    if found != document.type or found not in CARRIES[envelope.type]:
        raise HubError("envelope_carries_wrong", type=envelope.type, found=found)
    system = found == "APPLICATIONRESPONSE" and _profile(root) == _SYSTEM_PROFILE
    if found == "APPLICATIONRESPONSE" and system is not (envelope.type == "SYSTEMENVELOPE"):
        # A system's answer travels by itself, a buyer's by the mailbox: the rules tell them apart by the profile.
        raise HubError("envelope_carries_wrong", type=envelope.type, found=found)


def _require_parties(envelope: Envelope, document: Enclosed, root: Element) -> None:
    roles = _PARTIES.get(document.type)
    if roles is None:
        return
    sides: tuple[tuple[str, str, Address], ...] = (
        ("sender", roles[0], envelope.sender),
        ("receiver", roles[1], envelope.receiver),
    )
    for side, role, address in sides:
        if side == "receiver" and address.number == _ANY_RECEIVER:
            continue
        if address.number not in set(_numbers(root, role)):
            raise HubError("envelope_party_differs", side=side)


def _numbers(root: Element, role: str) -> Iterator[str]:
    identity = f"{{{CAC}}}PartyIdentification/{{{CBC}}}ID"
    for path in (f"{{{CAC}}}{role}/{{{CAC}}}Party/{identity}", f"{{{CAC}}}{role}/{identity}"):
        for element in root.iterfind(path):
            if element.get("schemeID") in ("VKN", "TCKN"):
                yield (element.text or "").strip()


def _profile(root: Element) -> str:
    return (root.findtext(f"{{{CBC}}}ProfileID") or "").strip()
