"""XML of strangers, read so that it can neither fetch, nor expand, nor exhaust.

An invoice arrives from whoever sent it. Entities, document types and anything fetched have no place in UBL-TR, so none
of them is followed, and a document that declares any is refused.

lxml publishes no types: `Element` says where one is meant.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, TypeAlias

from hub.errors import HubError

etree: Any = import_module("lxml.etree")
Element: TypeAlias = Any
"""An element of lxml's."""

MAX_BYTES = 50 * 1024 * 1024
"""An envelope with a hundred invoices, each with its own stylesheet inside, stays below half of this."""
MAX_DEPTH = 100
"""The deepest document of GİB's samples has 14 levels; C code that recurses must not be led further down."""

_TOO_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")


def parse(document: bytes) -> Element:
    """The root element.

    Raises HubError `xml_too_large`, `xml_malformed` (with the line), `xml_with_doctype`, `xml_too_deep`.
    """
    if len(document) > MAX_BYTES:
        raise HubError("xml_too_large", limit=MAX_BYTES // (1024 * 1024))
    root, line = _read(document)
    if root is None:
        raise HubError("xml_malformed", line=line)
    if root.getroottree().docinfo.doctype:
        raise HubError("xml_with_doctype")
    if _TOO_DEEP(root):
        raise HubError("xml_too_deep", limit=MAX_DEPTH)
    return root


def _read(document: bytes) -> tuple[Element | None, int]:
    # A parser each time: one that is shared keeps the names of everybody's elements.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        return etree.fromstring(document, parser), 0
    except etree.XMLSyntaxError as error:
        # The error is dropped here: its text quotes the document.
        return None, int(error.lineno or 1)
    except ValueError:
        return None, 1
