"""How the gateway words answers and errors: `{"code", "description", "details"}`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.istanbul import ISTANBUL
from connectors.sandbox.provider import ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

_DESCRIPTIONS = {
    "1002": "Validation error",
    "1003": "Parameter error",
    "2001": "Unauthorized",
    "6001": "Consent required",
    "6002": "PIN invalid",
    "6003": "PIN expired",
    "6004": "PIN locked",
    "6005": "No record",
    "6006": "Bureau unavailable",
}


def answer(document: dict[str, Any], *, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(dump(document), status_code=status, media_type="application/json")


def failure(code: str, *, status: int, field: str | None = None) -> Response:
    """An error with one of the published codes; `field` is the one that is wrong."""
    return answer(_failure(code) | ({"details": {"field": field}} if field else {}), status=status)


def error(world: World, kind: ErrorKind, person: Person) -> Reply:
    """How the gateway words a fault."""
    del world
    match kind:
        case "rate_limited":
            return Reply(429, dump({"description": "Too many requests"}))
        case "server_error":
            return Reply(503, dump(_failure("6006")))
        case "credentials_expired":
            return Reply(401, dump(_failure("2001")))
        case "error_with_personal_data":
            quoted = (
                f"{person.name} {person.tckn} {person.plain_phone} {person.email} {person.plate} için sorgu yapılamadı"
            )
            details = {"field": "identityNumber", "value": person.tckn, "name": person.upper_name}
            return Reply(400, dump(_failure("1002") | {"description": quoted, "details": details}))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """A list or a report with a wrong type, or with a column that nobody declared."""
    document = json.loads(body)
    records: list[dict[str, Any]] = document["items"] if isinstance(document.get("items"), list) else [document]
    for record in records:
        if kind == "undeclared_column":
            record["buyerNote"] = f"{person.name} {person.phone}"
        elif isinstance(record.get("summary"), dict):
            record["summary"]["totalDebt"] = f"yüz elli TL, {person.name}"
        else:
            record["updatedAt"] = f"dün, {person.name}"
    return dump(document)


def local_time(moment: datetime) -> str:
    """Turkish time with its offset."""
    return moment.astimezone(ISTANBUL).isoformat(timespec="seconds")


def dump(document: Any) -> bytes:
    """JSON in UTF-8, Turkish letters as they are."""
    return json.dumps(document, ensure_ascii=False).encode()


def _failure(code: str) -> dict[str, Any]:
    return {"code": int(code), "description": _DESCRIPTIONS[code], "details": {}}
