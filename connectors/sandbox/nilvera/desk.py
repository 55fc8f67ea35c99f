"""The way in: every endpoint is a function of the desk and of a call whose key is right."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from connectors.sandbox.gib.keys import coded, decoded, derived, same
from connectors.sandbox.gib.office import Office, office_of
from connectors.sandbox.nilvera.envelope import failure
from connectors.sandbox.provider import Asked

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from connectors.sandbox.world import World

PROVIDER = "nilvera"


@dataclass(frozen=True)
class Desk:
    """The stand-in's state: the tax office, and each company's series."""

    world: World
    office: Office
    series: dict[tuple[str, str], list[dict[str, Any]]] = field(
        default_factory=dict[tuple[str, str], list[dict[str, Any]]]
    )

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        return cls(world, office_of(world))


@dataclass(frozen=True)
class Call:
    """A request whose key is right."""

    company: str
    query: dict[str, str]
    body: bytes
    content_type: str
    path: dict[str, str]

    def document(self) -> dict[str, Any]:
        """The body's JSON object; empty for anything else."""
        try:
            found: Any = json.loads(self.body or b"null")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType]

    def page(self) -> tuple[int, int]:
        """Number and size of the page asked for."""
        return max(1, int(self.query.get("Page") or 1)), max(1, int(self.query.get("PageSize") or 10))


Endpoint = Callable[[Desk, Call], "Response"]


def credentials(seed: int, company: str) -> dict[str, str]:
    """A company's key."""
    return {"api_key": f"nlv-{coded(company)}-{derived(seed, 'nilvera', company)[:32].upper()}"}


def company_of(world: World, asked: Asked) -> str | None:
    """The company whose key a request carries, whether or not it is right."""
    scheme, _, key = asked.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        return None
    prefix, _, rest = key.partition("-")
    return decoded(rest.rpartition("-")[0]) if prefix == "nlv" else None


def keyed_route(desk: Desk, method: str, path: str, endpoint: Endpoint) -> Route:
    """A route that answers requests with a key of this sandbox only."""

    async def answer(request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Asked(request.url.path, request.url.query, headers, await request.body())
        company = company_of(desk.world, asked)
        given = headers.get("authorization", "").partition(" ")[2]
        if company is None or not same(credentials(desk.world.seed, company)["api_key"], given):
            return failure(401, [])
        if (PROVIDER, company, path) in desk.world.withheld:
            return failure(403, [])
        call = Call(
            company, dict(request.query_params), asked.body, headers.get("content-type", ""), dict(request.path_params)
        )
        return endpoint(desk, call)

    return Route(path, answer, methods=[method])
