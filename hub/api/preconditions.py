"""Headers that make a call conditional (RFC 9110, section 13), for every route alike.

A condition that is passed over is worse than one that is refused: who sends `If-Match` believes that nothing is
overwritten. So it is heeded where a route has the parameter, and refused everywhere else.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from hub.errors import HubError

if TYPE_CHECKING:
    from starlette.requests import Request

_READS = frozenset({"GET", "HEAD"})
SHOWN_DIGITS = 16
_KEPT = ("etag", "content-language", "cache-control", "content-location", "date", "expires", "vary")
"""What 304 repeats of the answer that it stands for (section 15.4.5)."""


def require_heeded(request: Request, *, heeds_if_match: bool) -> None:
    """HubError `precondition_not_here` for a condition that the route would pass over."""
    if "if-match" in request.headers and not heeds_if_match:
        raise HubError("precondition_not_here", header="If-Match")
    if "if-none-match" in request.headers and request.method not in _READS:
        raise HubError("precondition_not_here", header="If-None-Match")


def tagged(request: Request, response: Response) -> Response:
    """The answer with its whole `ETag`, or 304 in its place where the caller has just that one already.

    A route's own tag stands for what may be changed, and `If-Match` looks at no more. What is read shows more than
    that (when somebody signed in, when an account was synced), so the tag goes on with a hash of what is shown.
    """
    own = response.headers.get("etag")
    if own is not None and response.headers.get("content-type", "").startswith("application/json"):
        # Without regard to the order of names: the database gives them back in another one than they came in.
        shown = json.dumps(json.loads(bytes(response.body)), sort_keys=True)
        digest = hashlib.sha256(shown.encode()).hexdigest()[:SHOWN_DIGITS]
        response.headers["etag"] = f'{own[:-1]}-{digest}"'
    return _unless_seen(request, response)


def _unless_seen(request: Request, response: Response) -> Response:
    seen, tag = request.headers.get("if-none-match"), response.headers.get("etag")
    if seen is None or tag is None or request.method not in _READS or response.status_code != 200:
        return response
    known = {each.strip().removeprefix("W/") for each in seen.split(",")}
    if "*" not in known and tag.removeprefix("W/") not in known:
        return response
    headers = {name: value for name, value in response.headers.items() if name in _KEPT or name.startswith("ratelimit")}
    return Response(status_code=304, headers=headers)
