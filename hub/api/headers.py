"""Which headers an answer carries, in the API's description: a client is written from it, and reads what it names.

What every call has in common is added here. What one route alone sets stands above its function, `@tells("Location")`,
and a test holds the two against each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Told = Literal["Location", "ETag", "Link", "Vary", "Cache-Control"]
Endpoint = TypeVar("Endpoint", bound="Callable[..., Any]")

_ATTRIBUTE = "__hub_headers__"
_COUNTED = ("RateLimit", "RateLimit-Policy")
_LATER = frozenset({"429", "503"})
_UNMODIFIED = "What `If-None-Match` names is what there is."


def _text(description: str, example: str, **schema: Any) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string", **schema}, "example": example}


COMPONENTS: dict[str, dict[str, Any]] = {
    "X-Request-Id": _text("The call's name, the caller's own if it is a UUID.", "6f1c1f2e9d1b4c0d8a53c2a7be0c9f11"),
    "RateLimit": _text("What remains (`r`) and in how many seconds all is there again (`t`).", '"api";r=59;t=1'),
    "RateLimit-Policy": _text("How many calls (`q`) in how many seconds (`w`).", '"api";q=60;w=30'),
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}, "example": 5},
    "WWW-Authenticate": _text("How to come in.", 'Bearer realm="kopru", error="invalid_token"'),
    "Idempotency-Replayed": _text(
        "The answer of before, which the same `Idempotency-Key` brought again.", "true", enum=["true"]
    ),
    "Location": _text("Where to find what was made.", "/api/v1/requests/6f1c1f2e-9d1b-4c0d-8a53-c2a7be0c9f11"),
    "ETag": _text("What this is a version of: for `If-Match` and `If-None-Match`.", '"3"'),
    "Link": _text('`rel="next"`: the next page.', '</api/v1/data/marts.payments?cursor=WzFd>; rel="next"'),
    "Vary": _text("Which headers of the call the answer depends on.", "Accept-Language, Accept"),
    "Cache-Control": _text("How long the answer may be kept.", "public, max-age=300"),
}


def tells(*names: Told) -> Callable[[Endpoint], Endpoint]:
    """Say which headers of its own a route's function sets where it succeeds."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _ATTRIBUTE, names)
        return endpoint

    return mark


def told_by(endpoint: Callable[..., Any]) -> tuple[Told, ...]:
    """What was said above the function."""
    return getattr(endpoint, _ATTRIBUTE, ())


def responses(endpoint: Callable[..., Any], methods: set[str], status: int) -> dict[int | str, dict[str, Any]]:
    """The headers of a route's own as FastAPI takes them: of its success, and 304 where a reading has an `ETag`."""
    told = told_by(endpoint)
    if not told:
        return {}
    found: dict[int | str, dict[str, Any]] = {status: {"headers": {name: _reference(name) for name in told}}}
    if "ETag" in told and "GET" in methods:
        found[304] = {"description": _UNMODIFIED, "headers": {"ETag": _reference("ETag")}}
    return found


def add(document: dict[str, Any]) -> None:
    """Name the headers that every call's answers have, by status."""
    document["components"]["headers"] = COMPONENTS
    for path in document["paths"].values():
        for method, operation in path.items():
            repeats = any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", ()))
            for status, answer in operation["responses"].items():
                names = ["X-Request-Id", *_COUNTED]
                names += ["Retry-After"] if status in _LATER else []
                names += ["WWW-Authenticate"] if status == "401" else []
                names += ["Idempotency-Replayed"] if repeats and status.startswith("2") and method != "get" else []
                answer["headers"] = {name: _reference(name) for name in names} | answer.get("headers", {})


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/headers/{name}"}
