"""Which headers pass through, by lists of what may: whatever else the hub or a browser adds stays outside.

Towards Dagster: no cookie, no `Authorization`, no key, nothing hop-by-hop (RFC 9110, 7.6.1). Back: no cookie, no CORS,
no redirect away from `/dagster`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from hub.dagster_door.paths import PREFIX

if TYPE_CHECKING:
    from starlette.types import Scope

MOST_VALUE_CHARACTERS = 4_096

_TOWARDS = (
    "accept",
    "accept-language",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "range",
    "user-agent",
)
_BACK = frozenset(
    {
        "accept-ranges",
        "allow",
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-length",
        "content-range",
        "content-security-policy",
        "content-type",
        "etag",
        "last-modified",
        "referrer-policy",
        "retry-after",
        "vary",
        "x-content-type-options",
    }
)
_OURS = {
    "cache-control": "private, no-cache",  # no cache shared between people, and none that outlives a session
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}
"""Set where Dagster says nothing of it."""
_SCRIPTS = frozenset({"application/javascript", "text/javascript"})
_OF_SCRIPTS = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)
"""A worker obeys the policy that its own script came with, and Dagster's workers import further scripts of ours.

A page obeys its own (Content Security Policy Level 3, section 4.2.4), which Dagster sends with it.
"""
_PLAIN = re.compile(r"[\t\x20-\x7e]*")
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def towards_dagster(scope: Scope) -> list[tuple[str, str]]:
    """A request's headers as Dagster gets them; `Host` is the webserver's own and set by the client."""
    headers = Headers(scope=scope)
    passed = [(name, headers[name]) for name in _TOWARDS if name in headers]
    passed = [
        (name, value) for name, value in passed if len(value) <= MOST_VALUE_CHARACTERS and _PLAIN.fullmatch(value)
    ]
    return [*passed, ("accept-encoding", "identity"), *_forwarded(scope, headers)]


def _forwarded(scope: Scope, headers: Headers) -> list[tuple[str, str]]:
    """Who asked for what, from the connection; what a client says of this itself is dropped."""
    client = scope.get("client")
    forwarded = [
        ("x-forwarded-proto", "https" if scope.get("scheme") in ("https", "wss") else "http"),
        ("x-forwarded-prefix", PREFIX),
    ]
    if client:
        forwarded.append(("x-forwarded-for", str(client[0])))
    host = headers.get("host", "")
    if _HOST.fullmatch(host):
        forwarded.append(("x-forwarded-host", host))
    return forwarded


def back(answer: list[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """An answer's headers as the client gets them, or None for a redirect that leads out of `PREFIX`."""
    passed: list[tuple[str, str]] = []
    for name, value in answer:
        lowered = name.lower()
        if lowered == "location":
            location = _within(value)
            if location is None:
                return None
            passed.append((lowered, location))
        elif lowered in _BACK:
            passed.append((lowered, value))
    given = dict(passed)
    ours = dict(_OURS)
    if given.get("content-type", "").partition(";")[0].strip().lower() in _SCRIPTS:
        ours["content-security-policy"] = _OF_SCRIPTS
    return passed + [(name, value) for name, value in ours.items() if name not in given]


def _within(location: str) -> str | None:
    """Path and query of a redirect: the webserver names its own loopback address, which is nobody's outside."""
    parts = urlsplit(location)
    path = parts.path
    if (path != PREFIX and not path.startswith(PREFIX + "/")) or "\\" in location or ".." in path.split("/"):
        return None
    return f"{path}?{parts.query}" if parts.query else path
