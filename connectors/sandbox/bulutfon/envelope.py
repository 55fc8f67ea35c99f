"""Bulutfon's answers, good and bad. It says what is wrong by status and in words under `error`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.bulutfon.keys import EXPIRED
from connectors.sandbox.provider import ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_NOT_TEXT = ("call_time", "registered", "register", "timeout")


def success(document: dict[str, Any]) -> Response:
    """A successful answer."""
    return Response(dump(document), media_type="application/json")


def failure(status: int, words: str) -> Response:
    """A failed answer."""
    return Response(dump({"error": words, "code": status}), status_code=status, media_type="application/json")


def error(_world: World, kind: ErrorKind, person: Person) -> Reply:
    """How Bulutfon words a fault."""
    quoted = f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} bulunamadı"
    words: dict[ErrorKind, tuple[int, str]] = {
        "rate_limited": (429, "Too many requests"),
        "server_error": (500, "Internal server error"),
        "credentials_expired": (401, EXPIRED),
        "error_with_personal_data": (422, f"{quoted} {person.upper_name}"),
    }
    status, text = words[kind]
    return Reply(status, dump({"error": text, "code": status}))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """Each record of an answer with a wrong type, or with a column that nobody declared."""
    document = json.loads(body)
    for record in _records(document):
        if kind == "undeclared_column":
            record["customer_note"] = f"{person.name} {person.phone}"
            continue
        name = next((name for name in _NOT_TEXT if name in record), None)
        # Where all is text, an object in a text's place.
        record[name or "id"] = {"not": person.name} if name is None else f"dün öğlen, {person.name}"
    return dump(document)


def dump(document: Any) -> bytes:
    """Compact JSON in UTF-8, Turkish letters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _records(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for name, value in document.items():
        if isinstance(value, list):
            found += [record for record in value if isinstance(record, dict)]  # pyright: ignore[reportUnknownVariableType]
        elif isinstance(value, dict) and name != "pagination":
            found.append(value)  # pyright: ignore[reportUnknownArgumentType]
    return found
