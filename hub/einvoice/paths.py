"""Where an element stands in its document, written so that a person finds it and XPath does too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml import etree

PREFIXES = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "inv",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "http://www.w3.org/2000/09/xmldsig#": "ds",
    "http://uri.etsi.org/01903/v1.3.2#": "xades",
}
"""The usual prefixes, whatever the document itself calls the namespaces."""
NAMESPACES = {prefix: uri for uri, prefix in PREFIXES.items()}


def path_of(element: etree._Element, top: etree._Element) -> str:
    """The path from `top`, such as `/inv:Invoice/cac:InvoiceLine[2]/cbc:ID`; counted where a name repeats."""
    steps: list[str] = []
    place: etree._Element | None = element
    while place is not None:
        steps.append(_step(place, is_top=place is top))
        place = None if place is top else place.getparent()
    return "/" + "/".join(reversed(steps))


def _step(element: etree._Element, *, is_top: bool) -> str:
    uri, _, name = str(element.tag).rpartition("}")
    prefix = PREFIXES.get(uri[1:])
    step = f"{prefix}:{name}" if prefix else name
    parent = None if is_top else element.getparent()
    if parent is None:
        return step
    same = parent.findall(str(element.tag))
    return step if len(same) == 1 else f"{step}[{same.index(element) + 1}]"
