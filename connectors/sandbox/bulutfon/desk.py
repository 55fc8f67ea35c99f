"""The way in: every endpoint is a function of the desk and of a request whose key is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from connectors.sandbox.bulutfon import keys, records
from connectors.sandbox.bulutfon.calls import Book, book, told_calls
from connectors.sandbox.bulutfon.envelope import failure
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World

_LISTS_REMEMBERED = 32


@dataclass(frozen=True)
class Desk:
    """The stand-in's state: the world and the calls in it."""

    world: World
    calls: Book
    first: Callable[[str, datetime], list[dict[str, Any]]]
    """Every call of a company that is told by a moment, as the first generation writes it, oldest first."""
    second: Callable[[str, datetime, str], list[dict[str, Any]]]
    """As the second writes it, newest first; the text is where recordings are."""
    owners: dict[str, str] = field(default_factory=dict[str, str])
    """Companies by the ids of calls that they were told of: a recording's own key names no company."""

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        calls = book(world)

        # Time stands still between two advances, and a list is asked for page by page.
        @lru_cache(maxsize=_LISTS_REMEMBERED)
        def first(company_id: str, now: datetime) -> list[dict[str, Any]]:
            return [records.first(call, now) for call in told_calls(world, calls, company_id)]

        @lru_cache(maxsize=_LISTS_REMEMBERED)
        def second(company_id: str, now: datetime, recordings: str) -> list[dict[str, Any]]:
            told = reversed(told_calls(world, calls, company_id))
            return [records.second(call, now, recordings=recordings) for call in told]

        return cls(world, calls, first, second)


@dataclass(frozen=True)
class Visit:
    """A request whose key is right."""

    company_id: str
    path: str
    host: str
    query: dict[str, str]
    path_params: dict[str, Any]


Endpoint = Callable[[Desk, Visit], "Response"]


def asked_of(request: Request) -> Asked:
    """A request as the keys' rules look at it."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(request.url.path, request.url.query, headers, b"")


def keyed_route(desk: Desk, path: str, endpoint: Endpoint) -> Route:
    """A route that answers requests with a key of the path's generation only."""

    async def answer(request: Request) -> Response:
        asked = asked_of(request)
        words = keys.problem(desk.world.seed, asked)
        company_id = keys.company_of(desk.world.seed, asked)
        if words is not None or company_id is None:
            return failure(401, words or keys.INVALID)
        host = f"{request.url.scheme}://{request.url.netloc}"
        visit = Visit(company_id, request.url.path, host, dict(request.query_params), request.path_params)
        return endpoint(desk, visit)

    return Route(path, answer, methods=["GET"])
