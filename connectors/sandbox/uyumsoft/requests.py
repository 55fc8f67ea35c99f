"""Who calls what: the operation in an envelope, and the user of its WS-Security header."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from connectors.sandbox.gib.keys import coded, decoded, derived, same

PATHS = ("/services/Integration", "/Services/Integration")
NAMESPACE = "http://tempuri.org/"
_etree: Any = import_module("lxml.etree")
_SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
_WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"


@dataclass(frozen=True)
class Invocation:
    """A call in its envelope. `call` is an lxml element."""

    operation: str
    call: Any
    username: str
    password: str

    def text(self, name: str) -> str:
        """A parameter's text; empty when it is not there."""
        return (self.call.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()

    def strings(self, name: str) -> list[str]:
        """The strings of an array."""
        return [
            (each.text or "").strip() for each in self.call.iterfind(f"{{{NAMESPACE}}}{name}/{{{NAMESPACE}}}string")
        ]


def credentials(seed: int, company: str) -> dict[str, str]:
    """A company's user."""
    return {"username": f"uy-{coded(company)}", "password": derived(seed, "uyumsoft", company)[:20]}


def company_of_user(username: str) -> str | None:
    """The company of a user, whether or not the password is right."""
    prefix, _, name = username.partition("-")
    return decoded(name) if prefix == "uy" else None


def signed_in(seed: int, called: Invocation) -> str | None:
    """The company whose user and password a call carries; None when they are wrong."""
    company = company_of_user(called.username)
    if company is None or not same(credentials(seed, company)["password"], called.password):
        return None
    return company


def invocation(body: bytes) -> Invocation | None:
    """The call in a body; None when there is none."""
    try:
        root = _etree.fromstring(body, _etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    except (_etree.XMLSyntaxError, ValueError):
        return None
    content = root.find(f"{_SOAP}Body") if root.tag == f"{_SOAP}Envelope" else None
    if content is None or len(content) != 1:
        return None
    call = content[0]
    if not call.tag.startswith(f"{{{NAMESPACE}}}"):
        return None
    token = root.find(f"{_SOAP}Header/{_WSSE}Security/{_WSSE}UsernameToken")
    user = "" if token is None else token.findtext(f"{_WSSE}Username") or ""
    password = "" if token is None else token.findtext(f"{_WSSE}Password") or ""
    return Invocation(_etree.QName(call).localname, call, user.strip(), password.strip())
