"""Uyumsoft's stand-in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from connectors.sandbox.provider import Asked, SandboxProvider
from connectors.sandbox.uyumsoft import service
from connectors.sandbox.uyumsoft.desk import Desk
from connectors.sandbox.uyumsoft.faults import error, error_to, spoil
from connectors.sandbox.uyumsoft.requests import PATHS, company_of_user, credentials, invocation

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World


def _app(world: World) -> ASGIApp:
    answer = partial(service.answer, Desk.of(world))
    return Router([Route(path, answer, methods=["GET", "POST"]) for path in PATHS])


def _company_of(world: World, asked: Asked) -> str | None:
    del world
    called = invocation(asked.body)
    return None if called is None else company_of_user(called.username)


STAND_IN = SandboxProvider(
    name="uyumsoft",
    prefixes=PATHS,
    app=_app,
    credentials=credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    error_to=error_to,
)
