"""XML as it may safely be read: no entities, no DTD, nothing fetched, bounded depth and text.

lxml publishes no types, so what we use of an element is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from connectors.failure import ProviderFailure

_STARTS = (b"<?xml", b"<DataSet", b"<soap:Envelope", b"<SOAP-ENV:Envelope", b"<string")
_etree: Any = import_module("lxml.etree")


class Element(Protocol):
    """What is used of an lxml element."""

    tag: str
    text: str | None
    attrib: Mapping[str, str]

    def __iter__(self) -> Iterator[Element]:
        """Its child elements: comments and instructions are removed in parsing."""
        ...

    def __len__(self) -> int:
        """How many those are."""
        ...

    def iter(self) -> Iterator[Element]:
        """Itself and all below it."""
        ...


def parse(content: bytes) -> Element:
    """The root element, whatever bytes stand before the document. Raises `ProviderFailure` answer_malformed."""
    root = _root(_from_its_start(content))
    if root is None:
        raise ProviderFailure("transient", "answer_malformed")
    return root


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """The element's namespace; empty for none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def envelope(operation: str, *, namespace: str, parameters: Mapping[str, str]) -> bytes:
    """A SOAP 1.1 request, document/literal wrapped, parameters in the order given."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    root = _etree.Element(f"{{{soap}}}Envelope", nsmap={"soap": soap})
    body = _etree.SubElement(root, f"{{{soap}}}Body")
    call = _etree.SubElement(body, f"{{{namespace}}}{operation}", nsmap={None: namespace})
    for name, value in parameters.items():
        _etree.SubElement(call, f"{{{namespace}}}{name}").text = value
    return cast("bytes", _etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _from_its_start(content: bytes) -> bytes:
    places = [place for start in _STARTS if (place := content.find(start)) >= 0]
    return content[min(places) :] if places else content


def _root(content: bytes) -> Element | None:
    # A new parser each time: one that is shared keeps the names of everybody's elements.
    parser = _etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Any = _etree.fromstring(content, parser)
    except (_etree.XMLSyntaxError, ValueError):
        # Dropped before anyone raises: a syntax error quotes the document.
        return None
    # No answer of Arvento declares a document type; entities could be declared nowhere else.
    return None if root.getroottree().docinfo.doctype else cast("Element", root)
