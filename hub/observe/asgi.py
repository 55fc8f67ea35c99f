"""Watches what an ASGI application serves: a count, a duration, a span and the call's id on every log line of it.

Calls are named by their route's template. What matches none shares one name, so that nobody who tries addresses adds
series. A caller's own `traceparent` is not followed: it could make us trace, or hang our spans into somebody's trace.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hub.observe import counters, tracing
from hub.observe.logs import bound

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "other"
REQUEST_ID = "hub.request_id"
"""Where whoever names calls (hub/api/outermost.py) leaves the name in the scope; it stands around this."""


class Observed:
    """ASGI middleware. Only HTTP calls are watched; connections that last are not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            with bound(request_id=str(scope.get(REQUEST_ID, "-"))), tracing.span("api", kind="server"):
                await self._app(scope, receive, watched)
        finally:
            counters.api_request(_template(scope), scope["method"], status, time.perf_counter() - began)


def _template(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", NO_ROUTE))
