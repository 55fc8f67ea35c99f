"""Envelopes of the report service, and where an answer's XML begins."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, cast

from connectors.xml import Element, local, namespace
from connectors.xml import parse as parse_whole

__all__ = ["Element", "envelope", "local", "namespace", "parse"]

_STARTS = (b"<?xml", b"<DataSet", b"<soap:Envelope", b"<SOAP-ENV:Envelope", b"<string")
_etree: Any = import_module("lxml.etree")


def parse(content: bytes) -> Element:
    """The root element, whatever bytes stand before the document. Raises `ProviderFailure` answer_malformed."""
    return parse_whole(_from_its_start(content))


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
