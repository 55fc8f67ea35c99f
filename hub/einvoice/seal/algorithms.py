"""What XML signatures compute: canonical forms, digests, base64 that has one spelling only.

SHA-1 stands in no table here: nothing is signed with it and nothing signed with it holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from hub.einvoice.xml import Element, etree

INCLUSIVE_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

_CANONICAL = {
    INCLUSIVE_C14N: (False, False),
    f"{INCLUSIVE_C14N}#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}
"""Exclusive or not, with comments or not."""
_DIGESTS = {
    SHA256: "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


def is_sha1(algorithm: str) -> bool:
    """Whether an algorithm's name says SHA-1."""
    return "sha1" in algorithm.lower()


def canonical(node: Element, algorithm: str = INCLUSIVE_C14N) -> bytes | None:
    """The canonical form of an element in its place, or of a tree.

    None for an algorithm that is not known, and for a document that has no such form: one with a relative namespace.
    """
    settings = _CANONICAL.get(algorithm)
    if settings is None:
        return None
    exclusive, with_comments = settings
    try:
        return etree.tostring(node, method="c14n", exclusive=exclusive, with_comments=with_comments)
    except etree.C14NError:
        return None


def sha256(content: bytes) -> bytes:
    """The digest that is written into new signatures."""
    return hashlib.sha256(content).digest()


def digest(content: bytes, algorithm: str) -> bytes | None:
    """The digest; None for an algorithm that is not known or not trusted."""
    name = _DIGESTS.get(algorithm)
    return hashlib.new(name, content).digest() if name else None


def to_base64(content: bytes) -> str:
    """Base64 in one line."""
    return base64.b64encode(content).decode()


def from_base64(text: str | None) -> bytes | None:
    """What base64 stands for, white space aside; None where the text is not the one spelling of those bytes.

    Decoders pass over the unused bits of the last character, so a changed byte would go unseen.
    """
    written = "".join((text or "").split())
    try:
        content = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        return None
    return content if content and to_base64(content) == written else None
