"""Bulutfon's stand-in: both generations of its API side by side, as they run."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from connectors.sandbox.bulutfon import endpoints, keys
from connectors.sandbox.bulutfon.desk import Desk, Endpoint, keyed_route
from connectors.sandbox.bulutfon.envelope import error, spoil
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from connectors.sandbox.world import World

_SUFFIX = ".json"


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    routes: dict[str, Endpoint] = {
        "/me": endpoints.me,
        "/cdrs": endpoints.first_calls,
        "/cdrs/{uuid}": endpoints.first_call,
        "/extensions": endpoints.first_list("extensions"),
        "/extensions/{number}": endpoints.first_detail("extensions"),
        "/groups": endpoints.first_list("groups"),
        "/groups/{number}": endpoints.first_detail("groups"),
        "/dids": endpoints.first_list("numbers"),
        "/dids/{number}": endpoints.first_detail("numbers"),
        "/v2/cdr/list": endpoints.second_calls,
        "/v2/cdr/{year}/{month}/{day}/{uuid}": endpoints.second_call,
        "/v2/pbx/extensions": endpoints.second_list("extensions"),
        "/v2/pbx/groups": endpoints.second_list("groups"),
        "/v2/pbx/dids": endpoints.second_list("numbers"),
    }
    audio = [
        Route(path, partial(endpoints.recording, desk))
        for path in ("/call-records/{uuid}", "/call-records/{uuid}/stream", "/v2/call-records/{uuid}")
    ]
    return _WithSuffix(Router([*(keyed_route(desk, path, endpoint) for path, endpoint in routes.items()), *audio]))


class _WithSuffix:
    """The first generation answers every path with and without `.json`: its documents write it, its clients do not."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if keys.generation_of(path) == "v1" and path.endswith(_SUFFIX):
            scope = {**scope, "path": path.removesuffix(_SUFFIX)}
        await self._inner(scope, receive, send)


def _company_of(world: World, asked: Asked) -> str | None:
    return keys.company_of(world.seed, asked)


STAND_IN = SandboxProvider(
    name="bulutfon",
    prefixes=(
        "/me",
        "/cdrs",
        "/extensions",
        "/groups",
        "/dids",
        "/call-records",
        "/v2/cdr",
        "/v2/pbx",
        "/v2/call-records",
    ),
    app=_app,
    credentials=keys.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
)
