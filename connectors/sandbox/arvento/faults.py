"""How Arvento words what goes wrong, and what a spoilt answer of it looks like."""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

from connectors.sandbox.arvento import render
from connectors.sandbox.arvento.operations import operation_named
from connectors.sandbox.arvento.requests import PATH, Invocation, invocation
from connectors.sandbox.arvento.service import ACCESS_DENIED, said
from connectors.sandbox.provider import Asked, ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_XML = {"content-type": "text/xml; charset=utf-8"}
_NUMBERS = ("Speed", "Hız", "speed", "Distance", "Mesafe", "distance", "dSpeed", "SpeedKmPerHour")
_etree: Any = import_module("lxml.etree")


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """An error of the report service, to nobody in particular."""
    return error_to(world, kind, person, Asked(PATH, "", {}, b""))


def error_to(world: World, kind: ErrorKind, person: Person, asked: Asked) -> Reply:
    """An error in the shape of what was asked."""
    del world
    if not asked.path.startswith(PATH):
        return _service_error(kind, person)
    called = invocation(asked) or Invocation("1.1", "GetVehicleStatus", {})
    version = called.binding if called.soap else "1.1"
    match kind:
        case "rate_limited":
            return Reply(429, b"Too many requests", {"content-type": "text/plain"})
        case "server_error":
            return Reply(500, render.fault(version, client=False, text="Server was unable to process request."), _XML)
        case "credentials_expired":
            found = operation_named(called.operation)
            response = said(called, found[0] if found else None, ACCESS_DENIED)
            return Reply(200, bytes(response.body), dict(response.headers))
        case "error_with_personal_data":
            return Reply(500, render.fault(version, client=True, text=_quoting(person)), _XML)


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """Each row of an answer with words in the place of a number, or with a column that nobody declared."""
    if body.lstrip().startswith(b"{"):
        document = json.loads(body)
        _spoil_items(kind, document.get("List") or [], person)
        return _dump(document)
    if body.lstrip().startswith(b"("):
        text, end, after = body.decode().partition("]);")
        items = json.loads(text.partition("(")[2] + "]")
        _spoil_items(kind, items, person)
        return f"({_dump(items).decode()[:-1]}{end}{after}".encode()
    return _spoil_rows(kind, body, person)


def _spoil_rows(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    root = _etree.fromstring(body)
    for row in [each for each in root.iter() if len(each) and not any(len(child) for child in each)]:
        if "XMLSchema" in row.tag or "Fault" in row.tag:
            continue
        if kind == "undeclared_column":
            _etree.SubElement(row, "Note_x0020_Text").text = f"{person.name} {person.phone}"
            continue
        for column in row:
            if column.tag.rpartition("}")[2].startswith(_NUMBERS):
                column.text = f"yüz elli, {person.name}"
                break
    return _etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _spoil_items(kind: SpoilKind, items: list[dict[str, Any]], person: Person) -> None:
    for item in items:
        if kind == "undeclared_column":
            item["NoteText"] = f"{person.name} {person.phone}"
            continue
        name = next((name for name in item if name.startswith(_NUMBERS)), None)
        if name is not None:
            item[name] = f"yüz elli, {person.name}"


def _service_error(kind: ErrorKind, person: Person) -> Reply:
    match kind:
        case "rate_limited":
            return Reply(429, b"")
        case "server_error":
            return Reply(500, b"")
        case "credentials_expired":
            return Reply(401, b"")
        case "error_with_personal_data":
            body = {"HasError": True, "Status": 1012, "Message": _quoting(person), "Record": None, "List": None}
            return Reply(200, _dump(body))


def _quoting(person: Person) -> str:
    return (
        f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} {person.upper_name}"
        " için rapor hazırlanamadı"
    )


def _dump(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
