"""The receiver: an ASGI application of its own that takes providers' calls, and that the API mounts later.

It answers 2xx only after the events are committed, so that a provider which stops trying has been heard. Neither body
nor path is logged: the one is personal, the other a secret.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connectors.webhooks import Call
from hub.errors import HubError
from hub.inbox.endpoints import PATH
from hub.inbox.receive import Stored
from hub.observe import counters, tracing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from hub.inbox.receive import Door, Receiver

    Endpoint = Callable[[Request], Awaitable[Response]]

BODY_SECONDS = 10.0
"""For a body to arrive. Providers give up sooner."""
RETRY_AFTER_SECONDS = 30
_STATUS = {
    "webhook_unproved": 401,
    "webhook_signature_wrong": 403,
    "webhook_malformed": 400,
    "webhook_closed": 404,
}
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

logger = logging.getLogger(__name__)


class _TooLarge(Exception):
    """The body is longer than the provider's calls are."""


def receiver_app(receiver: Receiver, *, body_seconds: float = BODY_SECONDS) -> Starlette:
    """`POST /hooks/{provider}/{secret}` takes a call in; `GET` answers a challenge."""

    async def take(request: Request) -> Response:
        try:
            door = await _door(receiver, request)
            if door is None:
                return _nowhere()
            body = await asyncio.wait_for(_body(request, door.source.most_bytes), body_seconds)
            return await _stored(receiver, door, _call(request, body), request)
        except TimeoutError:
            return _answer(408, "too_slow")
        except _TooLarge:
            return _answer(413, "too_large")
        except Exception as error:  # whatever it is, the provider tries again, and learns nothing
            return _failed(error)

    async def ask(request: Request) -> Response:
        try:
            door = await _door(receiver, request)
            if door is None:
                return _nowhere()
            answer = await run_in_threadpool(receiver.challenged, door, dict(request.query_params))
            if answer is not None:
                return PlainTextResponse(answer, headers=_HEADERS)
            if door.source.by_query:
                return await _stored(receiver, door, _call(request, b""), request)
            return _answer(403, "webhook_signature_wrong")
        except Exception as error:  # as above
            return _failed(error)

    route = PATH + "{provider}/{secret}"
    asking = Route(route, _counted(ask), methods=["GET"])
    asking.methods = {"GET"}  # Starlette adds HEAD by itself, and whoever looks at a link would be taken for a provider
    app = Starlette(
        routes=[Route(route, _counted(take), methods=["POST"]), asking],
        exception_handlers={404: _not_found, 405: _not_found},
    )
    # It would send a caller with a slash too many, and the secret, to whatever host the request names.
    app.router.redirect_slashes = False
    return app


async def _door(receiver: Receiver, request: Request) -> Door | None:
    path = request.path_params
    return await run_in_threadpool(receiver.door, path["provider"], path["secret"])


async def _body(request: Request, most: int) -> bytes:
    """Counted as it comes: what a caller says of its length is not believed, and never held against it."""
    whole = bytearray()
    async for chunk in request.stream():
        whole += chunk
        if len(whole) > most:
            raise _TooLarge
    return bytes(whole)


def _counted(handle: Endpoint) -> Endpoint:
    """Count each call by what became of it."""

    async def counting(request: Request) -> Response:
        with tracing.span("webhook", kind="server"):
            response = await handle(request)
        stored: Stored = getattr(request.state, "stored", Stored(0, 0))
        counters.webhook(
            request.path_params["provider"],
            _outcome(response.status_code, stored),
            known=stored.events - stored.new,
            new=stored.new,
        )
        return response

    return counting


def _outcome(status: int, stored: Stored) -> counters.WebhookOutcome:
    if status < 300:
        if not stored.events:
            return "answered"
        return "stored" if stored.new else "duplicate"
    if status == 404:
        return "nowhere"
    return "failed" if status >= 500 else "refused"


async def _stored(receiver: Receiver, door: Door, call: Call, request: Request) -> Response:
    stored = request.state.stored = await run_in_threadpool(receiver.receive, door, call)
    return JSONResponse({"events": stored.events, "new": stored.new}, headers=_HEADERS)


def _call(request: Request, body: bytes) -> Call:
    return Call(body, dict(request.headers), dict(request.query_params))


def _failed(error: Exception) -> Response:
    code = error.code if isinstance(error, HubError) else type(error).__name__
    status = _STATUS.get(code)
    if status == 404:
        return _nowhere()
    if status is not None:
        return _answer(status, code)
    logger.error("a call could not be taken in: %s", code)
    return JSONResponse(
        {"error": "later"}, status_code=503, headers={**_HEADERS, "Retry-After": str(RETRY_AFTER_SECONDS)}
    )


def _nowhere() -> Response:
    return _answer(404, "not_found")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _nowhere()


def _answer(status: int, code: str) -> Response:
    return JSONResponse({"error": code}, status_code=status, headers=_HEADERS)
