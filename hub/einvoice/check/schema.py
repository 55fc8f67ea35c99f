"""GİB's XSDs: names, order and number of elements, and what may be written in them.

They are a cut-down UBL 2.1 and stricter than OASIS' own, so a document that other tools made may fail here first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

from hub.einvoice.check import rules
from hub.einvoice.names import NAMESPACES, PREFIXES, Kind
from hub.einvoice.xml import Element, etree

_CODES = {
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "xsd_value",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "xsd_attribute_unknown",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "xsd_attribute_unknown",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "xsd_attribute_missing",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "xsd_content",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "xsd_content",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "xsd_content",
    "SCHEMAV_CVC_TYPE_3_1_2": "xsd_content",
}
"""libxml2's names for parts of the XSD standard. Others are `xsd_other`, with the name."""
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_NAME = re.compile(r"\{([^}]*)\}(\w+)")
_ATTRIBUTE = re.compile(r"attribute '(\w+)'")


@dataclass(frozen=True)
class Departure:
    """Where a document departs from its schema; `params` hold names out of the schema, never out of the document."""

    code: str
    element: Element | None
    line: int
    params: dict[str, str]


class Schema:
    """A compiled schema. Validating keeps its errors in it, so one document at a time."""

    def __init__(self, kind: Kind) -> None:
        self._schema: Any = etree.XMLSchema(file=str(rules.schema_file(kind)))
        self._lock = Lock()

    def departures(self, root: Element) -> Iterator[Departure]:
        """Every place at which the document is not as its schema wants it; of a wrong order, the first place."""
        with self._lock:
            if self._schema.validate(root.getroottree()):
                return
            entries = list(self._schema.error_log)
        for entry in entries:
            yield _departure(root, entry)


@cache
def schema_of(kind: Kind) -> Schema:
    """The schema for a kind of document, compiled once in a process."""
    return Schema(kind)


def _departure(root: Element, entry: Any) -> Departure:
    code, params = _CODES.get(entry.type_name, "xsd_other"), {"rule": str(entry.type_name)}
    expected = _EXPECTED.search(entry.message)
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT":
        missing = "Missing child" in entry.message
        code = "xsd_children_missing" if missing else "xsd_element_unexpected"
        params = {"expected": _names(expected[1]) if expected else "-"}
    elif code == "xsd_attribute_missing":
        attribute = _ATTRIBUTE.search(entry.message)
        params = {"expected": f"@{attribute[1]}" if attribute else "-"}
    return Departure(code, _element(root, entry.path), int(entry.line or 0), params)


def _names(expected: str) -> str:
    """`cac:Signature, cbc:Note` from libxml2's spelling; anything else it says (`##other`) is no name."""
    names = [f"{PREFIXES[space]}:{name}" for space, name in _NAME.findall(expected) if space in PREFIXES]
    return ", ".join(names) or "*"


def _element(root: Element, path: str | None) -> Element | None:
    prefixes = NAMESPACES | {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found: Any = root.getroottree().xpath(path, namespaces=prefixes) if path else ()
    except etree.XPathError:
        return None
    return found[0] if found else None
