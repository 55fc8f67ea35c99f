"""Watches what an ASGI application serves: a count, a duration, a span, a log line, and the call's id on all its lines.

Calls are named by their route's template. What matches none shares one name, so that nobody who tries addresses adds
series. A caller's own `traceparent` is not followed: it could make us trace, or hang our spans into somebody's trace.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hub.observe import counters, tracing
from hub.observe.logs import bound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hub.observe.calls import CallLog

NO_ROUTE = "other"
REQUEST_ID = "hub.request_id"
"""Where whoever names calls (hub/api/outermost.py) leaves the name in the scope; it stands around this."""
ROUTE = "hub.route"
"""Where what has no routes of its own (the receiver of webhooks, Dagster's door) leaves its calls' template."""
TENANT_ID = "hub.tenant_id"
"""Where whoever finds out which tenant a call is about leaves the id."""


class Observed:
    """ASGI middleware. Only HTTP calls are watched; connections that last are not.

    `templates` name calls by the function that answers them, where a route leaves no name of its own in the scope.
    """

    def __init__(
        self, app: ASGIApp, *, templates: Mapping[object, str] | None = None, log: CallLog | None = None
    ) -> None:
        self._app = app
        self._templates = templates or {}
        self._log = log

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

        request_id = str(scope.get(REQUEST_ID, "-"))
        with bound(request_id=request_id), tracing.span("api", kind="server"):
            try:
                await self._app(scope, receive, watched)
            finally:
                seconds = time.perf_counter() - began
                route, method = self._template(scope), counters.known_method(scope["method"])
                counters.api_request(route, method, status, seconds)
                if self._log is not None:
                    self._log.tell(
                        request_id=request_id,
                        tenant_id=scope.get(TENANT_ID),
                        trace_id=tracing.trace_id(),
                        route=route,
                        method=method,
                        status=status,
                        seconds=seconds,
                    )

    def _template(self, scope: Scope) -> str:
        named: str | None = scope.get(ROUTE) or getattr(scope.get("route"), "path", None)
        return named or self._templates.get(scope.get("endpoint"), NO_ROUTE)
