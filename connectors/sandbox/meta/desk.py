"""The way in: every endpoint is a function of the desk and of a request whose token is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from connectors.sandbox.meta import keys
from connectors.sandbox.meta.book import Book, book_of
from connectors.sandbox.meta.envelope import failure
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World


@dataclass(frozen=True)
class Desk:
    """The stand-in's state."""

    world: World
    book: Book

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        return cls(world, book_of(world))


@dataclass(frozen=True)
class Call:
    """A request whose token is right."""

    company_id: str
    method: str
    host: str
    target: str
    """The id that the path names."""
    query: dict[str, str]
    content_type: str
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        """The body as an object; empty when it is none."""
        try:
            document: Any = json.loads(self.body or b"null")
        except ValueError:
            return {}
        return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]


Endpoint = Callable[[Desk, Call], "Response"]


def authorised(desk: Desk, path: str, methods: dict[str, Endpoint]) -> Route:
    """A route that answers requests with a company's token only."""

    async def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.url.path, request.url.query, headers, b"")
        company_id = keys.company_of(desk.world.seed, asked)
        if company_id is None:
            return failure(190, "Invalid OAuth access token - Cannot parse access token")
        call = Call(
            company_id,
            request.method,
            f"{request.url.scheme}://{request.url.netloc}",
            request.path_params["target"],
            dict(request.query_params),
            headers.get("content-type", ""),
            await request.body(),
        )
        return methods[request.method](desk, call)

    return Route(path, answer, methods=list(methods))


def unknown_object(target: str) -> Response:
    """What Meta says of an id that the token does not reach."""
    return failure(100, f"Unsupported request. Object with ID '{target}' does not exist or cannot be loaded")


def is_number(desk: Desk, call: Call) -> bool:
    """Whether the path names the company's own number."""
    return call.target == keys.number_id(desk.world.seed, call.company_id)


def is_account(desk: Desk, call: Call) -> bool:
    """Whether the path names the company's own business account."""
    return call.target == keys.waba_id(desk.world.seed, call.company_id)
