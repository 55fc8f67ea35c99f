"""Meta's answers, good and bad. What is wrong stands in `error.code`; most refusals come as HTTP 400."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from connectors.sandbox.provider import ErrorKind, Reply, SpoilKind

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

TITLES: Mapping[int, tuple[int, str]] = {
    100: (400, "Invalid parameter"),
    190: (401, "Error validating access token"),
    130429: (400, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    131000: (500, "Something went wrong"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (503, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131042: (400, "Business eligibility payment issue"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Message not delivered to maintain healthy ecosystem engagement"),
    131050: (400, "User has stopped marketing messages"),
    131051: (400, "Unsupported message type"),
    131053: (400, "Media upload error"),
    131056: (400, "Pair rate limit hit"),
    131062: (400, "BSUID recipients are not supported for this message"),
    132000: (400, "Template param count mismatch"),
    132001: (400, "Template does not exist"),
    132012: (400, "Template parameter format mismatch"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
}
"""HTTP status and title by code."""


def success(document: Mapping[str, Any]) -> Response:
    """A successful answer."""
    return Response(dump(document), media_type="application/json")


def failure(code: int, details: str = "") -> Response:
    """A refusal."""
    status, _ = TITLES[code]
    return Response(dump({"error": error_object(code, details)}), status_code=status, media_type="application/json")


def error_object(code: int, details: str = "") -> dict[str, Any]:
    """The object of an error."""
    _, title = TITLES[code]
    return {
        "message": f"(#{code}) {title}",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details or title},
        "fbtrace_id": f"Asandbox{code}",
    }


def status_error(code: int) -> dict[str, Any]:
    """An error as a status carries it."""
    _, title = TITLES[code]
    href = "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"
    return {"code": code, "title": title, "message": title, "error_data": {"details": title}, "href": href}


def error(_world: World, kind: ErrorKind, person: Person) -> Reply:
    """How Meta words a fault."""
    quoted = f"{person.name} {person.tckn} {person.phone} {person.email} {person.plate} {person.upper_name}"
    code, details = {
        "rate_limited": (130429, ""),
        "server_error": (131000, ""),
        "credentials_expired": (190, ""),
        "error_with_personal_data": (131009, quoted),
    }[kind]
    return Reply(TITLES[code][0], dump({"error": error_object(code, details) | {"error_user_msg": quoted}}))


def spoil(kind: SpoilKind, body: bytes, person: Person) -> bytes:
    """An answer whose ids are no texts, or with a field that nobody declared."""
    document = json.loads(body)
    for record in [*document.get("messages", []), *document.get("data", []), document]:
        if kind == "undeclared_column":
            record["customer_note"] = f"{person.name} {person.phone}"
        elif "id" in record:
            record["id"] = {"not": person.name}
    return dump(document)


def dump(document: Any) -> bytes:
    """Compact JSON as Meta writes it: whatever is not ASCII escaped."""
    return json.dumps(document, ensure_ascii=True, separators=(",", ":")).encode()
