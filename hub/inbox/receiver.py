"""The receiver: an ASGI application of its own that takes providers' calls; the front door has it under `/hooks/`.

It answers 2xx only after the events are committed, so that a provider which stops trying has been heard. Neither body
nor path is logged: the one is personal, the other a secret.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from connectors.webhooks import Call
from hub.errors import HubError
from hub.inbox.endpoints import PATH
from hub.inbox.receive import Stored
from hub.observe import counters, tracing
from hub.observe.asgi import TENANT_ID

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from hub.inbox.receive import Receiver

BODY_SECONDS = 10.0
"""For a body to arrive. Providers give up sooner."""
RETRY_AFTER_SECONDS = 30
_STATUS = {
    "webhook_unproved": 401,
    "webhook_signature_wrong": 403,
    "webhook_malformed": 400,
    "webhook_closed": 404,
    "too_many_calls": 429,
}
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

logger = logging.getLogger(__name__)


class _TooLarge(Exception):
    """The body is longer than the provider's calls are."""


def receiver_app(receiver: Receiver, *, body_seconds: float = BODY_SECONDS) -> ASGIApp:
    """`POST /hooks/{provider}/{secret}` takes a call in; `GET` answers a challenge. All else leads nowhere, alike."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            await (await _answered(receiver, request, body_seconds))(scope, receive, send)

    return serve


async def _answered(receiver: Receiver, request: Request, body_seconds: float) -> Response:
    """The answer, counted by what became of the call."""
    stored = Stored(0, 0)
    provider, _, secret = request.scope["path"].removeprefix(PATH).partition("/")
    with tracing.span("webhook", kind="server"):
        try:
            found = await _taken(receiver, request, provider, secret, body_seconds)
        except TimeoutError:
            answer = _answer(408, "too_slow")
        except _TooLarge:
            answer = _answer(413, "too_large")
        except Exception as error:  # whatever it is, the provider tries again, and learns nothing
            answer = _failed(error)
        else:
            if isinstance(found, Stored):
                stored = found
                answer = JSONResponse({"events": stored.events, "new": stored.new}, headers=_HEADERS)
            else:
                answer = found
    outcome = _outcome(answer.status_code, stored)
    counters.webhook(provider, outcome, known=stored.events - stored.new, new=stored.new)
    return answer


def _outcome(status: int, stored: Stored) -> counters.WebhookOutcome:
    if status < 300:
        if not stored.events:
            return "answered"
        return "stored" if stored.new else "duplicate"
    if status == 404:
        return "nowhere"
    return "failed" if status >= 500 else "refused"


async def _taken(
    receiver: Receiver, request: Request, provider: str, secret: str, body_seconds: float
) -> Response | Stored:
    asks = request.method == "GET"
    # HEAD is nobody's: whoever looks at a link would be taken for a provider.
    if not request.scope["path"].startswith(PATH) or not (asks or request.method == "POST"):
        return _nowhere()
    door = await receiver.door(provider, secret)
    if door is None:
        return _nowhere()
    request.scope[TENANT_ID] = door.tenant_id
    query = dict(request.query_params)
    body = b""
    if asks:
        answer = await receiver.challenged(door, query)
        if answer is not None:
            return PlainTextResponse(answer, headers=_HEADERS)
        if not door.source.by_query:
            return _answer(403, "webhook_signature_wrong")
    else:
        async with asyncio.timeout(body_seconds):
            body = await _body(request, door.source.most_bytes)
    return await receiver.take(door, Call(body, dict(request.headers), query), traceparent=tracing.carried())


async def _body(request: Request, most: int) -> bytes:
    """Counted as it comes: what a caller says of its length is not believed, and never held against it."""
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > most:
            raise _TooLarge
    return bytes(whole)


def _failed(error: Exception) -> Response:
    code = error.code if isinstance(error, HubError) else type(error).__name__
    status = _STATUS.get(code)
    if status == 404:
        return _nowhere()
    if status == 429 and isinstance(error, HubError):
        return _answer(status, code, retry_after=int(error.params["retry_seconds"]))
    if status is not None:
        return _answer(status, code)
    logger.error("a call could not be taken in: %s", code)
    return _answer(503, "later", retry_after=RETRY_AFTER_SECONDS)


def _nowhere() -> Response:
    return _answer(404, "not_found")


def _answer(status: int, code: str, *, retry_after: int | None = None) -> Response:
    headers = _HEADERS if retry_after is None else {**_HEADERS, "Retry-After": str(retry_after)}
    return JSONResponse({"error": code}, status_code=status, headers=headers)
