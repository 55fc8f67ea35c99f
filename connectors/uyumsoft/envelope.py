"""SOAP 1.1 with a WS-Security user and password: written for a call, read from an answer."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from connectors.failure import ProviderFailure
from connectors.secret import Secret
from connectors.uyumsoft.settings import NAMESPACE
from connectors.xml import Element, child, local, parse, text_at

_etree: Any = import_module("lxml.etree")
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_PASSWORD_TEXT = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordText"  # noqa: S105 - a name
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


@dataclass(frozen=True)
class Fault:
    """A SOAP fault: its code without a prefix, and its text, which is judged and never kept."""

    code: str
    text: str


def tagged(name: str) -> str:
    """A name in the service's namespace."""
    return f"{{{NAMESPACE}}}{name}"


def request(call: Any, *, username: Secret, password: Secret) -> bytes:
    """The envelope around a call, which is an lxml element."""
    root = _etree.Element(f"{{{_SOAP}}}Envelope", nsmap={"s": _SOAP})
    security = _etree.SubElement(
        _etree.SubElement(root, f"{{{_SOAP}}}Header"), f"{{{_WSSE}}}Security", nsmap={"o": _WSSE}
    )
    security.set(f"{{{_SOAP}}}mustUnderstand", "1")
    token = _etree.SubElement(security, f"{{{_WSSE}}}UsernameToken")
    _etree.SubElement(token, f"{{{_WSSE}}}Username").text = username.reveal()
    secret = _etree.SubElement(token, f"{{{_WSSE}}}Password", Type=_PASSWORD_TEXT)
    secret.text = password.reveal()
    _etree.SubElement(root, f"{{{_SOAP}}}Body").append(call)
    return cast("bytes", _etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def operation(name: str, parameters: dict[str, Any] | None = None) -> Any:
    """A call as an lxml element. A parameter is a text, or a list of elements that stand in it."""
    call = _etree.Element(tagged(name), nsmap={None: NAMESPACE})
    for key, value in (parameters or {}).items():
        parameter = _etree.SubElement(call, tagged(key))
        if isinstance(value, str):
            parameter.text = value
        else:
            parameter.extend(value)
    return call


def element(name: str, text: str | None = None, /, **attributes: str) -> Any:
    """An element of the service."""
    made = _etree.Element(tagged(name), attributes)
    made.text = text
    return made


def nil(name: str) -> Any:
    """An obligatory element without a value."""
    return _etree.Element(tagged(name), {_NIL: "true"})


def strings(values: tuple[str, ...]) -> list[Any]:
    """An `ArrayOfString`."""
    return [element("string", value) for value in values]


def result(content: bytes, name: str) -> Element | Fault:
    """What an answer to `name` holds. Raises `ProviderFailure` answer_malformed."""
    # Documents come as base64 in one text; how long an answer may be is HTTP's affair.
    body = child(parse(content, long_texts=True), "Body")
    answer = next(iter(body), None) if body is not None else None
    if answer is not None and local(answer) == "Fault":
        return Fault(text_at(answer, "faultcode").rpartition(":")[2], text_at(answer, "faultstring"))
    if answer is None or local(answer) != f"{name}Response":
        raise ProviderFailure("transient", "answer_malformed")
    found = child(answer, f"{name}Result")
    if found is None or "IsSucceded" not in found.attrib:
        raise ProviderFailure("transient", "answer_malformed")
    return found
