"""XML as it may safely be read: no entities, no DTD, nothing fetched, bounded depth and text.

lxml publishes no types, so what we use of an element is written down here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Protocol, cast

from connectors.failure import ProviderFailure

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


def parse(content: bytes, *, long_texts: bool = False) -> Element:
    """The root element. Raises `ProviderFailure` answer_malformed.

    A text has at most ten million characters, unless `long_texts` says that a file may stand in one.
    """
    root = _root(content, long_texts=long_texts)
    if root is None:
        raise ProviderFailure("transient", "answer_malformed")
    return root


def local(element: Element) -> str:
    """The element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def namespace(element: Element) -> str:
    """The element's namespace; empty for none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


def child(element: Element | None, name: str) -> Element | None:
    """The first child of that local name; None when there is none, or no element to look in."""
    return None if element is None else next((each for each in element if local(each) == name), None)


def text_at(element: Element | None, *names: str) -> str:
    """The stripped text of what stands at a path of local names; empty when nothing does."""
    for name in names:
        element = child(element, name)
    return "" if element is None else (element.text or "").strip()


def _root(content: bytes, *, long_texts: bool) -> Element | None:
    # A new parser each time: one that is shared keeps the names of everybody's elements.
    parser = _etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=long_texts,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root: Any = _etree.fromstring(content, parser)
    except (_etree.XMLSyntaxError, ValueError):
        # Dropped before anyone raises: a syntax error quotes the document.
        return None
    # Nobody we read declares a document type; entities could be declared nowhere else.
    return None if root.getroottree().docinfo.doctype else cast("Element", root)
