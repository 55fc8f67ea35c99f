"""Where a signature stands in a UBL-TR document: in `ext:UBLExtensions`, named by `cac:Signature`.

Other makers' drafts leave both out, or leave an empty shell for the signature. What is missing is put where the XSD
wants it; what is there stays as it is.
"""

from __future__ import annotations

import re
from copy import deepcopy
from uuid import uuid4

from hub.einvoice.names import CAC, CBC, DS, EXT, NAMESPACES
from hub.einvoice.xml import Element, etree
from hub.errors import HubError

_PARTY = {
    "Invoice": "AccountingSupplierParty",
    "DespatchAdvice": "DespatchSupplierParty",
    "ReceiptAdvice": "DeliveryCustomerParty",
    "ApplicationResponse": "SenderParty",
}
"""Who signs each document; in all of them `cac:Signature` comes right before the first of the parties."""
_CONTENTS = etree.XPath("ext:UBLExtensions/ext:UBLExtension/ext:ExtensionContent", namespaces=NAMESPACES)
_SIGNATURES = etree.XPath("//ds:Signature[not(ancestor::ds:Signature)]", namespaces=NAMESPACES)
_POINTER = f"{{{CAC}}}DigitalSignatureAttachment/{{{CAC}}}ExternalReference/{{{CBC}}}URI"
_URIS = etree.XPath(
    "string(cac:Signature[1]/cac:DigitalSignatureAttachment/cac:ExternalReference/cbc:URI)", namespaces=NAMESPACES
)
_IDS = etree.XPath("//@Id | //@ID | //@id")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}")
"""An xs:ID without colons, of the letters that every reader takes."""
_IDENTITIES = etree.XPath(
    "descendant::cac:PartyIdentification/cbc:ID[@schemeID = 'VKN' or @schemeID = 'TCKN']", namespaces=NAMESPACES
)


def signatures(root: Element) -> list[Element]:
    """Every `ds:Signature` of the document, wherever it stands, countersignatures aside."""
    return _SIGNATURES(root)


def is_shell(signature: Element) -> bool:
    """Whether it is a place kept for a signature: one without a value signs nothing."""
    return not (signature.findtext(f"{{{DS}}}SignatureValue") or "").strip()


def signing_party(root: Element) -> Element | None:
    """The party that signs, as `cac:Party` or where a response has it; None where the document names none."""
    name = _PARTY.get(etree.QName(root).localname)
    found = root.find(f"{{{CAC}}}{name}") if name else None
    if found is None:
        return None
    inner = found.find(f"{{{CAC}}}Party")
    return found if inner is None else inner


def identities(party: Element) -> list[str]:
    """The VKN and TCKN that a party names."""
    return [(element.text or "").strip() for element in _IDENTITIES(party)]


def make_room(root: Element) -> Element:
    """The empty `ext:ExtensionContent` for the signature; shells are removed, and made is what is missing."""
    for shell in signatures(root):
        _remove(shell)
    for content in _CONTENTS(root):
        if len(content) == 0:
            content.text = None
            return content
    extensions = root.find(f"{{{EXT}}}UBLExtensions")
    if extensions is None:
        extensions = etree.Element(f"{{{EXT}}}UBLExtensions", nsmap={"ext": EXT})
        root.insert(0, extensions)
    extension = etree.Element(f"{{{EXT}}}UBLExtension")
    extensions.insert(0, extension)
    return etree.SubElement(extension, f"{{{EXT}}}ExtensionContent")


def reference_of(root: Element) -> str:
    """The Id that the signature gets: the one that `cac:Signature` points to already, else one from the number."""
    pointed = str(_URIS(root)).strip()
    named = pointed[1:] if pointed.startswith("#") else ""
    number = (root.findtext(f"{{{CBC}}}ID") or "").strip()
    taken = set(_IDS(root))
    for candidate in (named, f"Signature_{number}", "Signature"):
        if _ID.fullmatch(candidate) and taken.isdisjoint({candidate, properties_of(candidate)}):
            return candidate
    return f"Signature_{uuid4()}"


def properties_of(reference: str) -> str:
    """The Id of the signed properties that belong to a signature."""
    return f"SignedProperties_{reference}"


def name_signature(root: Element, reference: str) -> None:
    """Put `cac:Signature` before the parties where it is missing, and have it point to the signature.

    Raises HubError `seal_party_missing`, `seal_party_without_identity`, `seal_party_without_address`: the signatory
    cannot be named then.
    """
    named = root.find(f"{{{CAC}}}Signature")
    if named is not None:
        for uri in named.iterfind(_POINTER):
            uri.text = f"#{reference}"
        return
    party = signing_party(root)
    if party is None:
        raise HubError("seal_party_missing")
    first = root.find(f"{{{CAC}}}{_PARTY[etree.QName(root).localname]}")
    signature = _signature_of(party, reference)
    before = first.getprevious()
    signature.tail = None if before is None else before.tail
    first.addprevious(signature)


def _signature_of(party: Element, reference: str) -> Element:
    identity = next(iter(_IDENTITIES(party)), None)
    address = party.find(f"{{{CAC}}}PostalAddress")
    if identity is None:
        raise HubError("seal_party_without_identity")
    if address is None:
        raise HubError("seal_party_without_address")
    signature = etree.Element(f"{{{CAC}}}Signature", nsmap={"cac": CAC, "cbc": CBC})
    _text(signature, f"{{{CBC}}}ID", identity.text, schemeID="VKN_TCKN")
    signatory = etree.SubElement(signature, f"{{{CAC}}}SignatoryParty")
    identification = etree.SubElement(signatory, f"{{{CAC}}}PartyIdentification")
    _text(identification, f"{{{CBC}}}ID", identity.text, schemeID=identity.get("schemeID"))
    copied = deepcopy(address)
    copied.tail = None
    signatory.append(copied)
    attachment = etree.SubElement(signature, f"{{{CAC}}}DigitalSignatureAttachment")
    external = etree.SubElement(attachment, f"{{{CAC}}}ExternalReference")
    _text(external, f"{{{CBC}}}URI", f"#{reference}")
    return signature


def _text(parent: Element, tag: str, text: str, **attributes: str) -> None:
    element = etree.SubElement(parent, tag, attributes)
    element.text = text


def _remove(element: Element) -> None:
    """Without its tail: white space behind a shell goes with it."""
    element.getparent().remove(element)
