"""How Uyumsoft words what goes wrong, and what a spoilt answer of it looks like."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from connectors.sandbox.provider import Asked, ErrorKind, Reply, SpoilKind
from connectors.sandbox.uyumsoft.render import XML, fault, refused
from connectors.sandbox.uyumsoft.requests import invocation

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_etree: Any = import_module("lxml.etree")


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """An error to nobody in particular."""
    return error_to(world, kind, person, Asked("", "", {}, b""))


def error_to(world: World, kind: ErrorKind, person: Person, asked: Asked) -> Reply:
    """An error in the shape of what was asked."""
    del world
    called = invocation(asked.body)
    name = "TestConnection" if called is None else called.operation
    match kind:
        case "rate_limited":
            return Reply(429, b"Too many requests", {"content-type": "text/plain"})
        case "server_error":
            return Reply(500, fault("a:InternalServiceFault", "The server was unable to process the request."), XML)
        case "credentials_expired":
            return Reply(200, refused(name, "Unauthorized"), XML)
        case "error_with_personal_data":
            quoted = f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate}"
            return Reply(200, refused(name, f"{quoted} {person.upper_name} için işlem yapılamadı"), XML)


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """A good answer with a text in the place of a date, or with an element that nobody knows."""
    try:
        root = _etree.fromstring(body)
    except _etree.XMLSyntaxError:
        return body
    for row in root.iter("{http://tempuri.org/}Items"):
        if kind == "undeclared_column":
            _etree.SubElement(row, "{http://tempuri.org/}BuyerNote").text = f"{person.name} {person.phone}"
        else:
            for date in row.iterfind("{http://tempuri.org/}ExecutionDate"):
                date.text = f"dün, {person.name}"
    return _etree.tostring(root)
