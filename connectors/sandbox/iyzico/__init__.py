"""iyzico's stand-in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Router

from connectors.sandbox.iyzico import reporting, signature
from connectors.sandbox.iyzico.desk import Desk, signed_route
from connectors.sandbox.iyzico.envelope import error, spoil
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    return Router(
        [
            signed_route(desk, "GET", "/v2/reporting/payment/transactions", reporting.transactions),
            signed_route(desk, "GET", "/v2/reporting/payment/scroll-transactions", reporting.scroll_transactions),
        ]
    )


def _company_of(world: World, asked: Asked) -> str | None:
    return signature.company_of(world.seed, asked)


STAND_IN = SandboxProvider(
    name="iyzico",
    prefixes=("/v2/reporting/", "/v2/subscription/", "/v2/payment/", "/payment/", "/reporting/"),
    app=_app,
    credentials=signature.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
)
