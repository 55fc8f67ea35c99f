"""Netgsm's answers: HTTP 200 with code 00, or HTTP 406 with another one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.provider import Asked, ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

WHATSAPP = "/v1/otp"
_WORDS = {
    "20": "message text or length error",
    "30": "invalid username, password or no API access",
    "40": "message header not defined",
    "41": "message header not valid",
    "50": "IYS controlled sending not allowed",
    "51": "IYS brand not found",
    "52": "number error",
    "60": "not found",
    "70": "invalid parameter",
    "80": "limit exceeded",
    "85": "duplicate sending limit exceeded",
    "100": "system error",
}
_CODES: dict[ErrorKind, str] = {
    "rate_limited": "80",
    "server_error": "100",
    "credentials_expired": "30",
    "error_with_personal_data": "70",
}


def success(content: dict[str, Any], *, code: str = "00") -> Response:
    """A successful answer."""
    return Response(dump({"code": code, **content}), media_type="application/json")


def refusal(code: str) -> Response:
    """A refused one."""
    body = {"code": code, "jobid": None, "description": _WORDS[code]}
    return Response(dump(body), status_code=406, media_type="application/json")


def error(_world: World, kind: ErrorKind, person: Person) -> Reply:
    """How Netgsm words a fault."""
    words = _WORDS[_CODES[kind]]
    if kind == "error_with_personal_data":
        words = f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} {person.upper_name}"
    return Reply(406, dump({"code": _CODES[kind], "jobid": None, "description": words}))


def error_to(world: World, kind: ErrorKind, person: Person, asked: Asked) -> Reply:
    """The WhatsApp service says some of them under 503."""
    reply = error(world, kind, person)
    busy = asked.path.startswith(WHATSAPP) and kind in ("rate_limited", "server_error")
    return Reply(503, reply.body) if busy else reply


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """Each record of an answer, or the answer itself, with a wrong type or a field that nobody knows."""
    document: dict[str, Any] = json.loads(body)
    for record in _records(document) or [document]:
        if kind == "undeclared_column":
            record["customerNote"] = f"{person.name} {person.phone}"
        else:
            record["status" if "status" in record else next(iter(record))] = {"not": person.name}
    return dump(document)


def dump(document: Any) -> bytes:
    """Compact JSON in UTF-8, Turkish letters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _records(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for value in document.values():
        if isinstance(value, list):
            found += [record for record in value if isinstance(record, dict)]  # pyright: ignore[reportUnknownVariableType]
    return found
