"""How Nilvera words its answers: plain JSON when all is well, `Message` and `Errors` when not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.provider import ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

WORDS = {
    3000: "Alıcı etiketi bulunamadı",
    3002: "Etiket bulunamadı",
    3003: "Kayıt bulunamadı",
    3009: "Seri tanımlı değil",
    4000: "Geçersiz belge",
    4001: "Belge numarası kullanılmış",
    4002: "Belge zaten mevcut",
    4003: "Alıcı e-Fatura mükellefi değil",
    4004: "Alıcı e-Fatura mükellefi",
    4005: "Gönderici vergi numarası firmaya ait değil",
    4006: "Belge tipi hatalı",
    4007: "İşlem daha önce yapılmış",
}
"""3000 to 3012 are Nilvera's own codes; those from 4000 on are invented, for they are published nowhere."""


def success(document: Any) -> Response:
    """A good answer."""
    return Response(dump(document), media_type="application/json; charset=utf-8")


def failure(status: int, codes: Sequence[int], detail: str = "") -> Response:
    """A refusal with its codes."""
    return Response(dump(_body(codes, detail)), status_code=status, media_type="application/json; charset=utf-8")


def page(rows: Sequence[Any], number: int, size: int) -> dict[str, Any]:
    """A page of rows in the envelope of every list."""
    return {
        "Page": number,
        "PageSize": size,
        "TotalCount": len(rows),
        "TotalPages": -(-len(rows) // size),
        "Content": list(rows[(number - 1) * size : number * size]),
    }


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """How Nilvera words a fault."""
    del world
    match kind:
        case "rate_limited":
            return Reply(429, dump(_body((), "")))
        case "server_error":
            return Reply(500, dump(_body((), "")))
        case "credentials_expired":
            return Reply(401, dump(_body((), "")))
        case "error_with_personal_data":
            quoted = (
                f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} {person.upper_name}"
            )
            return Reply(422, dump(_body((4000,), quoted)))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """A good answer with a text in the place of a date, or with a field that nobody knows."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        return body
    for row in _rows(document):
        if kind == "undeclared_column":
            row["BuyerNote"] = f"{person.name} {person.phone}"
        elif "IssueDate" in row:
            row["IssueDate"] = f"dün, {person.name}"
    return dump(document)


def dump(document: Any) -> bytes:
    """JSON as UTF-8."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _rows(document: Any) -> list[dict[str, Any]]:
    if isinstance(document, list):
        return [row for row in document if isinstance(row, dict)]  # pyright: ignore[reportUnknownVariableType]
    content = document.get("Content") if isinstance(document, dict) else None  # pyright: ignore[reportUnknownVariableType]
    if isinstance(content, list):
        return _rows(content)
    return [document] if isinstance(document, dict) else []  # pyright: ignore[reportUnknownVariableType]


def _body(codes: Sequence[int], detail: str) -> dict[str, Any]:
    errors = [{"Code": code, "Description": WORDS[code], "Detail": detail} for code in codes]
    return {"Message": errors[0]["Description"] if errors else "İstek reddedildi", "Errors": errors}
