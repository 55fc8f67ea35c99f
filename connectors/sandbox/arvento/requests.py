"""The four ways in which clients call the report service, told apart as ASMX does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal
from urllib.parse import parse_qsl

from connectors.sandbox.provider import Asked

PATH = "/v1/report.asmx"
Binding = Literal["1.1", "1.2", "get", "post"]
_etree: Any = import_module("lxml.etree")
_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"


@dataclass(frozen=True)
class Invocation:
    """What a request calls, whoever sent it."""

    binding: Binding
    operation: str
    parameters: Mapping[str, str]

    @property
    def soap(self) -> bool:
        """Whether it came in an envelope."""
        return self.binding in ("1.1", "1.2")


def invocation(asked: Asked, *, method: str = "") -> Invocation | None:
    """The call of a request; None when there is none. Without a method, a body tells POST."""
    operation = asked.path[len(PATH) :].strip("/")
    if operation:
        get = method == "GET" if method else not asked.body
        text = asked.query if get else asked.body.decode("utf-8", "replace")
        return Invocation("get" if get else "post", operation, dict(parse_qsl(text, keep_blank_values=True)))
    return _enveloped(asked.body)


def _enveloped(body: bytes) -> Invocation | None:
    try:
        # Prefixes differ from client to client (soap-env:, SOAP-ENV:, env:), so names are read with their namespaces.
        root = _etree.fromstring(body, _etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
        space, name = _split(root.tag)
        if name != "Envelope":
            return None
        (call,) = next(each for each in root if _split(each.tag)[1] == "Body")
    except (_etree.XMLSyntaxError, StopIteration, ValueError):
        return None
    parameters = {_split(each.tag)[1]: each.text or "" for each in call}
    return Invocation("1.2" if space == _SOAP_12 else "1.1", _split(call.tag)[1], parameters)


def _split(tag: str) -> tuple[str, str]:
    space, _, name = tag.rpartition("}")
    return space.lstrip("{"), name
