"""The signed way in: every endpoint is a function of the desk and of a call whose signature has been checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from connectors.sandbox.iyzico import signature
from connectors.sandbox.iyzico.acts import Acts, acts_of
from connectors.sandbox.iyzico.envelope import failure
from connectors.sandbox.iyzico.ledger import Payment, ledger
from connectors.sandbox.iyzico.subscribers import Subscriber, subscribers_of
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World


@dataclass(frozen=True)
class Desk:
    """The stand-in's state: the world, the payments in it, and what was done to them."""

    world: World
    payments: Callable[[str, date], tuple[Payment, ...]]
    subscribers: Callable[[str], tuple[Subscriber, ...]]
    acts: Acts

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        acts = acts_of(world)
        return cls(world, acts.laid_over(ledger(world)), subscribers_of(world), acts)


@dataclass(frozen=True)
class Call:
    """A request whose signature is right."""

    company_id: str
    query: dict[str, str]
    body: dict[str, Any]
    path_params: dict[str, Any]
    path: str = ""


Endpoint = Callable[[Desk, Call], "Response"]


def signed_route(desk: Desk, method: str, path: str, endpoint: Endpoint) -> Route:
    """A route that answers properly signed requests only."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.url.path, request.url.query, headers, body)
        raw_path = request.scope["raw_path"].decode("latin-1").partition("?")[0]
        code = signature.problem(desk.world.seed, asked, raw_path)
        company_id = signature.company_of(desk.world.seed, asked)
        if code is not None or company_id is None:
            return failure(desk.world, code or signature.UNKNOWN_KEY, status=401 if path.startswith("/v2/") else 200)
        call = Call(company_id, dict(request.query_params), _document(body), request.path_params, path)
        return endpoint(desk, call)

    return Route(path, answer, methods=[method])


def _document(body: bytes) -> dict[str, Any]:
    """The request's object; clients send `null` or `{}` with a GET."""
    try:
        document: Any = json.loads(body or b"null")
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}  # pyright: ignore[reportUnknownVariableType]
