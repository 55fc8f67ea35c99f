"""Arvento's stand-in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from connectors.sandbox.arvento import rest, service
from connectors.sandbox.arvento.credentials import company_of_user, credentials
from connectors.sandbox.arvento.desk import Desk
from connectors.sandbox.arvento.faults import error, error_to, spoil
from connectors.sandbox.arvento.requests import PATH, invocation
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    methods = ["GET", "POST"]
    report = partial(service.answer, desk)
    return Router(
        [
            Route(PATH, report, methods=methods),
            Route(f"{PATH}/{{operation}}", report, methods=methods),
            Route(f"{rest.PREFIX}/{{path:path}}", partial(rest.answer, desk), methods=methods),
        ]
    )


def _company_of(world: World, asked: Asked) -> str | None:
    if asked.path.startswith(rest.PREFIX):
        return rest.company_of(world.seed, asked)
    called = invocation(asked)
    return None if called is None else company_of_user(world.seed, called.parameters.get("Username", ""))


STAND_IN = SandboxProvider(
    name="arvento",
    prefixes=(PATH, f"{rest.PREFIX}/"),
    app=_app,
    credentials=credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    error_to=error_to,
)
