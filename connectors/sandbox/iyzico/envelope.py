"""iyzico's envelope around every answer, good or bad."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.provider import ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_MESSAGES = {
    "1": "Sistem hatası",
    "11": "Geçersiz istek",
    "1000": "Geçersiz imza",
    "1001": "api bilgileri bulunamadı",
    "5086": "Ödeme kırılımı bulunamadı",
    "5088": "Ödeme artık iptal veya iade edilemez",
    "5092": "İade tutarı kalan tutardan büyük olamaz",
    "5093": "Ödeme kaydı bulunamadı",
    "50000": "Request Limit Exceeded",
}

_NOT_TEXT = ("price", "payoutAmount", "createdDate")


def success(world: World, content: dict[str, Any], *, conversation_id: str | None = None) -> Response:
    """A successful answer."""
    envelope: dict[str, Any] = {"status": "success", "locale": "tr", "systemTime": _system_time(world)}
    if conversation_id:
        envelope["conversationId"] = conversation_id
    return Response(dump(envelope | content), media_type="application/json")


def failure(
    world: World,
    code: str,
    *,
    status: int = 200,
    conversation_id: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A failed answer. The classic endpoints say failure under HTTP 200."""
    envelope = _failure(world, code, _MESSAGES.get(code, "İşlem sırasında bir hata oluştu")) | dict(more or {})
    if conversation_id:
        envelope["conversationId"] = conversation_id
    return Response(dump(envelope), status_code=status, media_type="application/json")


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """How iyzico words a fault."""
    match kind:
        case "rate_limited":
            # The only code that comes as a number.
            body = {"status": "failure", "errorCode": 50000, "errorMessage": _MESSAGES["50000"], "locale": "en"}
            return Reply(429, dump(body))
        case "server_error":
            return Reply(500, dump(_failure(world, "1", _MESSAGES["1"])))
        case "credentials_expired":
            return Reply(401, dump(_failure(world, "1001", _MESSAGES["1001"])))
        case "error_with_personal_data":
            quoted = (
                f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} için işlem yapılamadı"
            )
            return Reply(422, dump(_failure(world, "11", quoted) | {"errorGroup": person.upper_name}))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """Each record of an answer with a wrong type, or with a column that nobody declared."""
    document = json.loads(body)
    for record in _records(document):
        if kind == "undeclared_column":
            record["buyerNote"] = f"{person.name} {person.phone}"
        else:
            # Only where something else than text belongs; a text in a text's place is of the right type.
            name = next((name for name in _NOT_TEXT if name in record), next(iter(record)))
            record[name] = f"yüz elli TL, {person.name}"
    return dump(document)


def dump(document: Any) -> bytes:
    """Compact JSON in UTF-8, Turkish letters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _failure(world: World, code: str, message: str) -> dict[str, Any]:
    return {
        "status": "failure",
        "errorCode": code,
        "errorMessage": message,
        "locale": "tr",
        "systemTime": _system_time(world),
    }


def _system_time(world: World) -> int:
    return int(world.clock.now().timestamp() * 1000)


def _records(document: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    values: list[Any] = [*document.values(), *(document.get("data") or {}).values()]
    for value in values:
        if isinstance(value, list):
            found += [record for record in value if isinstance(record, dict)]  # pyright: ignore[reportUnknownVariableType]
    return found
