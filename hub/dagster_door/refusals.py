"""What those hear who do not get in: a problem document (RFC 9457) with a code, or the way to sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import Response

from hub.api.problems import answer, problem
from hub.api.statuses import status_of
from hub.i18n import Language, language_in_use, speaking
from hub.messages import text_of

if TYPE_CHECKING:
    from starlette.types import Scope
    from starlette.websockets import WebSocket

    from hub.dagster_door.access import Access
    from hub.dagster_door.paths import Address
    from hub.errors import HubError

SIGN_IN = "/sign-in"
_REFUSED = 1008

_EXTRA = {
    401: {"WWW-Authenticate": "Bearer"},
    405: {"Allow": "GET, HEAD, POST"},
    502: {"Retry-After": "10"},
    503: {"Retry-After": "10"},
    504: {"Retry-After": "10"},
}


def refused(scope: Scope, code: str, access: Access | None = None) -> Response:
    """The answer for one of the door's codes, as all of the hub's: with the call's name, in the reader's language."""
    status = status_of(code)
    with speaking(_language(scope, access)):
        return problem(
            status,
            code,
            text_of(code),
            request_id=scope.get("hub.request_id"),
            headers=_EXTRA.get(status),
        )


def put_off(scope: Scope, error: HubError) -> Response:
    """The answer to whoever comes too often, or where it cannot be told now whose a call is."""
    return answer(error, request_id=scope.get("hub.request_id"))


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
    """What the request asks for stands above the person's own, as everywhere (hub/api/gate.py)."""
    if not scope.get("hub.language_asked") and access is not None and access.caller.language is not None:
        return access.caller.language
    return language_in_use()
