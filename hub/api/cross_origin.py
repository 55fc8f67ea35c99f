"""Which pages of other sites may call the API from a browser, and what their scripts may send and read (CORS).

A script reads no header that is not named here. So the names are those of hub/api/headers.py that a program acts on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from hub.api import problems
from hub.api.outermost import REQUEST_ID_HEADER
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.types import ASGIApp

_SENT = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Hub-Tenant", "X-API-Key")
_READ = (
    REQUEST_ID_HEADER,
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "ETag",
    "Location",
    "Content-Disposition",
    "Idempotency-Replayed",
)


class CrossOrigin(CORSMiddleware):
    """Answers browsers' questions before a call; what it refuses is a problem document too."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=_SENT,
            expose_headers=_READ,
            max_age=600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """As Starlette decides; of a refusal its headers alone are taken."""
        decided = super().preflight_response(request_headers)
        if decided.status_code < 400:
            return decided
        answer = problems.answer(HubError("cross_origin_refused"))
        answer.headers.update(
            {name: value for name, value in decided.headers.items() if not name.startswith("content-")}
        )
        return answer
