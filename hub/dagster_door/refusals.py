"""What those hear who do not get in: a problem document (RFC 9457) with a code, or the way to sign in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response

from hub.i18n import Language, parse_language, speaking
from hub.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope
    from starlette.websockets import WebSocket

    from hub.dagster_door.access import Access
    from hub.dagster_door.paths import Address

SIGN_IN = "/sign-in"
_REFUSED = 1008

_STATUS = {
    "dagster_not_signed_in": 401,
    "dagster_not_here": 404,
    "dagster_method": 405,
    "dagster_cross_site": 403,
    "dagster_operate_missing": 403,
    "dagster_read_only": 403,
    "dagster_mutation_by_get": 405,
    "dagster_body_type": 415,
    "dagster_body_large": 413,
    "dagster_body_slow": 408,
    "dagster_body_unreadable": 400,
    "dagster_operation_unclear": 400,
    "dagster_batch": 400,
    "dagster_too_many_mutations": 400,
    "dagster_mutation_unknown": 400,
    "dagster_subprotocol": 400,
    "dagster_too_many_sockets": 503,
    "dagster_not_audited": 503,
    "dagster_away": 502,
    "dagster_slow": 504,
}
_EXTRA = {
    401: {"WWW-Authenticate": "Bearer"},
    405: {"Allow": "GET, HEAD, POST"},
    502: {"Retry-After": "10"},
    503: {"Retry-After": "10"},
    504: {"Retry-After": "10"},
}


def refused(scope: Scope, code: str, access: Access | None = None) -> Response:
    """The answer for one of the codes above, in the language of the person, else of the request, else English."""
    status = _STATUS[code]
    with speaking(_language(scope, access)):
        title = text_of(code)
    body = {"type": "about:blank", "title": title, "status": status, "code": code}
    headers: Mapping[str, str] = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **_EXTRA.get(status, {}),
    }
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status_code=status, headers=headers, media_type="application/problem+json")


def to_sign_in(address: Address) -> Response:
    """A browser that wants to show a page is sent to sign in, and back to the page."""
    # The address has been held against what Dagster's can be: it begins with one slash, so it stays on this origin.
    where = f"{SIGN_IN}?next={quote(address.target, safe='')}"
    return Response(status_code=303, headers={"Location": where, "Cache-Control": "no-store"})


async def deny(websocket: WebSocket, code: str) -> None:
    """Refuse a websocket before it is one: the client sees 403 and no reason, which browsers would not show anyway.

    An answer of our own in its place (`websocket.http.response`) makes uvicorn log an error each time, so that whoever
    knocks would fill the log.
    """
    await websocket.close(_REFUSED, code)


def accepts_page(scope: Scope) -> bool:
    """Whether the client asks for a page, in Dagster's own way of telling."""
    return "text/html" in Headers(scope=scope).get("accept", "")


def _language(scope: Scope, access: Access | None) -> Language:
    if access is not None and access.caller.language is not None:
        return access.caller.language
    for part in Headers(scope=scope).get("accept-language", "").split(",")[:10]:
        language = parse_language(part.split(";")[0].strip())
        if language is not None:
            return language
    return "en"
