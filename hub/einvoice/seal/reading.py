"""The parts of a signature, found where they have to be and nowhere else.

A signature in another place, a second one, an element nobody asked for: each is a way to have one thing verified and
another believed. So the shape is read strictly, and what does not fit ends the reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hub.einvoice.finding import Finding
from hub.einvoice.names import DS, EXT, NAMESPACES, XADES, path_of
from hub.einvoice.seal.algorithms import from_base64
from hub.einvoice.xml import Element, etree

_ALL = etree.XPath("//ds:Signature[not(ancestor::xades:UnsignedProperties)]", namespaces=NAMESPACES)
_SHAPE = ("SignedInfo", "SignatureValue", "KeyInfo", "Object")
_ABOVE = (f"{{{EXT}}}ExtensionContent", f"{{{EXT}}}UBLExtension", f"{{{EXT}}}UBLExtensions")
_METHODS = etree.XPath(
    "ds:SignedInfo//ds:DigestMethod/@Algorithm | ds:SignedInfo/ds:SignatureMethod/@Algorithm", namespaces=NAMESPACES
)


class Unreadable(Exception):
    """There is no signature, or none of the shape it must have."""

    def __init__(self, code: str, element: Element) -> None:
        self.finding = Finding(code, path_of(element), "error")
        super().__init__(code)


@dataclass(frozen=True)
class Parts:
    """The elements of one signature, each the only one of its kind."""

    signature: Element
    signed_info: Element
    value: bytes
    key_info: Element
    properties: Element
    unsigned: Element | None
    method: str
    canonicalisation: str
    algorithms: Sequence[str]


def parts_of(root: Element) -> Parts:
    """Raises `Unreadable` with `signature_missing`, `_several`, `_misplaced` or `_shape`."""
    found = _ALL(root)
    if not found:
        raise Unreadable("signature_missing", root)
    if len(found) > 1:
        raise Unreadable("signature_several", found[1])
    signature = found[0]
    above = [ancestor.tag for ancestor in signature.iterancestors()]
    if tuple(above[:3]) != _ABOVE or above[3:] != [root.tag]:
        raise Unreadable("signature_misplaced", signature)
    signed_info, value, key_info, content = children(signature, *_SHAPE)
    decoded = from_base64(value.text) if len(value) == 0 else None
    if decoded is None:
        raise Unreadable("signature_shape", value)
    properties, unsigned = _qualifying(signature, content)
    return Parts(
        signature=signature,
        signed_info=signed_info,
        value=decoded,
        key_info=key_info,
        properties=properties,
        unsigned=unsigned,
        method=algorithm_of(signed_info, "SignatureMethod"),
        canonicalisation=algorithm_of(signed_info, "CanonicalizationMethod"),
        algorithms=[str(each) for each in _METHODS(signature)],
    )


def children(parent: Element, *names: str, namespace: str = DS) -> list[Element]:
    """The child elements, which must be those named, in that order. `Unreadable` with `signature_shape`."""
    found = elements(parent)
    if [element.tag for element in found] != [f"{{{namespace}}}{name}" for name in names]:
        raise Unreadable("signature_shape", parent)
    return found


def elements(parent: Element) -> list[Element]:
    """The child elements; text between them is white space or the shape is wrong."""
    between = [parent.text, *(child.tail for child in parent)]
    if any(text and text.strip() for text in between):
        raise Unreadable("signature_shape", parent)
    return [child for child in parent if isinstance(child.tag, str)]


def algorithm_of(parent: Element, name: str) -> str:
    """The `Algorithm` of the one child of that name. `Unreadable` with `signature_shape`."""
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1 or found[0].get("Algorithm") is None:
        raise Unreadable("signature_shape", parent)
    return str(found[0].get("Algorithm"))


def _qualifying(signature: Element, content: Element) -> tuple[Element, Element | None]:
    (qualifying,) = children(content, "QualifyingProperties", namespace=XADES)
    if qualifying.get("Target") != f"#{signature.get('Id')}":
        raise Unreadable("signature_shape", qualifying)
    found = elements(qualifying)
    names = [element.tag for element in found]
    signed, unsigned = f"{{{XADES}}}SignedProperties", f"{{{XADES}}}UnsignedProperties"
    if names not in ([signed], [signed, unsigned]):
        raise Unreadable("signature_shape", qualifying)
    return found[0], found[1] if len(found) > 1 else None
