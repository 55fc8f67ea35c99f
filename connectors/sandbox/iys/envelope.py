"""How İYS, and Netgsm in its place, word answers and refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.provider import Asked, ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_STATUS: dict[ErrorKind, int] = {
    "rate_limited": 429,
    "server_error": 500,
    "credentials_expired": 401,
    "error_with_personal_data": 422,
}
_CODES: dict[ErrorKind, tuple[str, str]] = {
    "rate_limited": ("H124", "Saniyede kabul edilen istek limitine ulaşıldı."),
    "server_error": ("H103", "Sunucuda arama yapılamadı."),
    "credentials_expired": ("H351", "Eksik veya geçersiz jeton!"),
}
_GATEWAY_CODES: dict[ErrorKind, str] = {
    "rate_limited": "80",
    "server_error": "100",
    "credentials_expired": "30",
    "error_with_personal_data": "70",
}


def answer(document: Any, *, status: int = 200) -> Response:
    """A JSON answer, Turkish letters as they are."""
    return Response(dump(document), status_code=status, media_type="application/json")


def refusal(code: str, *, status: int) -> Response:
    """İYS's refusal."""
    return answer({"errors": [{"code": code, "message": "İşlem yapılamadı."}]}, status=status)


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """How İYS words a fault."""
    del world
    code, message = _CODES.get(kind, ("H156", f"{person.name} {person.phone} {person.email} kaydedilemedi"))
    return Reply(_STATUS[kind], dump({"errors": [{"code": code, "message": message}]}))


def error_to(world: World, kind: ErrorKind, person: Person, asked: Asked) -> Reply:
    """Netgsm says failure in its own envelope, under 200 as far as is known."""
    if not asked.path.startswith("/iys/"):
        return error(world, kind, person)
    status = _STATUS[kind] if kind in ("rate_limited", "server_error") else 200
    words = f"{person.name} {person.phone}" if kind == "error_with_personal_data" else ""
    return Reply(status, dump({"code": _GATEWAY_CODES[kind], "error": "true", "erroritem": words}))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """Records with a wrong type, or a field that nobody knows."""
    document = json.loads(body)
    for record in _records(document):
        if kind == "undeclared_column":
            record["citizenName"] = person.name
        else:
            record["status"] = f"{person.name} onay verdi"
    return dump(document)


def dump(document: Any) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _records(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return [each for each in document if isinstance(each, dict)]  # pyright: ignore[reportUnknownVariableType]
    nested = document.get("list") or document.get("query")
    if isinstance(nested, list):
        return nested  # pyright: ignore[reportUnknownVariableType]
    return [nested if isinstance(nested, dict) else document]
