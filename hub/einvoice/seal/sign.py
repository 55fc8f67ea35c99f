"""Signing a UBL-TR document: XAdES-BES as GİB demands it, which no general signer writes.

The rules allow one Transform only, want `SigningCertificate` (not its successor) without SHA-1, and the signature
inside `ext:ExtensionContent`. So this is written out here, step by step:

1. the digest of the document as it is without the signature,
2. the signature put into its place, the digest of its signed properties taken there (their canonical form holds every
   namespace that is in scope),
3. the signature value over `ds:SignedInfo`, taken in the same way,
4. the bytes, once. Whoever indents them afterwards breaks the signature.

GİB's centre does not verify signatures, so a bad one would surface at the receiver: what was made is verified here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.einvoice.names import DS, NAMESPACES, kind_of
from hub.einvoice.seal.algorithms import canonical, sha256, to_base64
from hub.einvoice.seal.certificates import identity_of, require_valid
from hub.einvoice.seal.keys import public_key
from hub.einvoice.seal.places import (
    identities,
    is_shell,
    make_room,
    name_signature,
    reference_of,
    signatures,
    signing_party,
)
from hub.einvoice.seal.skeleton import signature_xml
from hub.einvoice.seal.verify import verify_root
from hub.einvoice.xml import Element, etree, parse
from hub.errors import HubError

if TYPE_CHECKING:
    from datetime import datetime

    from hub.einvoice.seal.signer import Signer

_PROPERTIES = etree.XPath("ds:Object/xades:QualifyingProperties/xades:SignedProperties", namespaces=NAMESPACES)
_EMPTY_DIGEST = f"{{{DS}}}SignedInfo/{{{DS}}}Reference[2]/{{{DS}}}DigestValue"


def sign(document: bytes, signer: Signer, *, now: datetime, again: bool = False) -> bytes:
    """The signed document, UTF-8, for keeping byte for byte.

    Adds `ext:UBLExtensions`, `cac:Signature` and the signature where they are missing. Comments are left out: no
    signature covers them. `again` replaces a signature that is there already.

    Raises HubError as `parse`, `kind_of` and `name_signature` do, and `seal_already_signed`, `seal_envelope` (the
    documents in an envelope are signed before they go in), `seal_certificate_expired`,
    `seal_certificate_not_yet_valid`, `seal_not_canonical`, `seal_self_check_failed`.
    """
    root = parse(document)
    if kind_of(root) == "envelope":
        raise HubError("seal_envelope")
    require_valid(signer.certificate, at=now)
    public_key(signer.certificate)
    _clear(root, again=again)
    reference = reference_of(root)
    name_signature(root, reference)
    place = make_room(root)
    _put(place, signer, reference=reference, now=now)
    signed: bytes = etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")
    if not verify_root(parse(signed)).holds:
        raise HubError("seal_self_check_failed")
    return signed


def names_another(document: bytes, signer: Signer) -> bool:
    """Whether the certificate names another taxpayer than the document's signing party; False where one is unread."""
    party = signing_party(parse(document))
    named = identity_of(signer.certificate)
    known = identities(party) if party is not None else []
    return named is not None and bool(known) and named not in known


def _clear(root: Element, *, again: bool) -> None:
    for comment in list(root.iter(etree.Comment)):
        _drop(comment)
    for outside in (*root.itersiblings(etree.Comment, preceding=True), *root.itersiblings(etree.Comment)):
        # What stands outside the root element has no parent to be removed from; moved into it, it has.
        root.append(outside)
        root.remove(outside)
    for signature in signatures(root):
        if not is_shell(signature) and not again:
            raise HubError("seal_already_signed")
        _drop(signature)


def _put(place: Element, signer: Signer, *, reference: str, now: datetime) -> None:
    covered = sha256(_canonical(place.getroottree()))
    xml = signature_xml(reference=reference, digest=covered, certificate=signer.certificate, moment=now)
    place.append(etree.fromstring(xml))
    signature = place[0]
    properties = _canonical(_PROPERTIES(signature)[0])
    signature.find(_EMPTY_DIGEST).text = to_base64(sha256(properties))
    value = signer.sign(_canonical(signature.find(f"{{{DS}}}SignedInfo")))
    signature.find(f"{{{DS}}}SignatureValue").text = to_base64(value)


def _canonical(node: Element) -> bytes:
    form = canonical(node)
    if form is None:
        raise HubError("seal_not_canonical")
    return form


def _drop(element: Element) -> None:
    """Remove an element and leave the text behind it where it is."""
    parent, before, tail = element.getparent(), element.getprevious(), element.tail
    parent.remove(element)
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
