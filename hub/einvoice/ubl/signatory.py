"""The block that says who seals the document and where in it the signature is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.einvoice.identity import kind_of
from hub.einvoice.ubl.parties import add_address
from hub.einvoice.ubl.xml import extension, group, leaf
from hub.einvoice.xml import Element

if TYPE_CHECKING:
    from hub.einvoice.invoice.party import Address


@dataclass(frozen=True)
class Signatory:
    """Whoever's seal goes on the document: the supplier, or the integrator that signs for it."""

    identity: str
    address: Address


def signature_id(number: str) -> str:
    """The Id that ds:Signature must have: cac:Signature points at it."""
    return f"Signature_{number}"


def add_place(parent: Element) -> None:
    """ext:UBLExtensions with an empty ExtensionContent. The document is valid once the signature stands in it."""
    extension(extension(extension(parent, "UBLExtensions"), "UBLExtension"), "ExtensionContent")


def add_signatory(parent: Element, signatory: Signatory, number: str) -> None:
    """cac:Signature."""
    element = group(parent, "Signature")
    leaf(element, "ID", signatory.identity, schemeID="VKN_TCKN")
    party = group(element, "SignatoryParty")
    scheme = kind_of(signatory.identity) or "VKN"
    leaf(group(party, "PartyIdentification"), "ID", signatory.identity, schemeID=scheme)
    add_address(party, "PostalAddress", signatory.address)
    attachment = group(element, "DigitalSignatureAttachment")
    leaf(group(attachment, "ExternalReference"), "URI", f"#{signature_id(number)}")
