"""iyzico's stand-in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from connectors.sandbox.iyzico import (
    cards,
    details,
    givingback,
    links,
    payouts,
    reporting,
    settlement,
    signature,
    subscriptions,
)
from connectors.sandbox.iyzico.desk import Desk, Endpoint, signed_route
from connectors.sandbox.iyzico.envelope import error, spoil, success
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World


def _app(world: World) -> ASGIApp:
    desk = Desk.of(world)
    routes: tuple[tuple[str, str, Endpoint], ...] = (
        ("GET", "/v2/reporting/payment/transactions", reporting.transactions),
        ("GET", "/v2/reporting/payment/scroll-transactions", reporting.scroll_transactions),
        ("GET", "/v2/reporting/payment/details", details.details),
        ("POST", "/reporting/settlement/payoutcompleted", payouts.completed),
        ("POST", "/reporting/settlement/bounced", payouts.bounced),
        ("POST", "/payment/detail", details.retrieve),
        ("POST", "/payment/bin/check", cards.bin_check),
        ("POST", "/payment/refund", givingback.refund_line),
        ("POST", "/v2/payment/refund", givingback.refund_payment),
        ("POST", "/payment/cancel", givingback.cancel),
        ("POST", "/v2/iyzilink/products", links.create),
        ("POST", "/v2/iyzilink/fast-link/products", links.create_fast),
        ("GET", "/v2/iyzilink/products", links.listed),
        ("GET", "/v2/iyzilink/products/", links.listed),  # as iyzico's Python client spells it
        ("GET", "/v2/iyzilink/products/{token}", links.one),
        ("PATCH", "/v2/iyzilink/products/{token}/status/{status}", links.set_status),
        ("DELETE", "/v2/iyzilink/products/{token}", links.delete),
        ("GET", "/v2/subscription/subscriptions", subscriptions.subscriptions),
        ("GET", "/v2/subscription/subscriptions/{reference}", subscriptions.subscription),
        ("GET", "/v2/subscription/customers", subscriptions.customers),
        ("GET", "/v2/subscription/customers/{reference}", subscriptions.customer),
    )
    signed = [signed_route(desk, method, path, endpoint) for method, path, endpoint in routes]
    return Router([*signed, Route("/payment/test", partial(_reach, world))])


async def _reach(world: World, _request: Request) -> Response:
    """The test of reach: older clients send it without a signature."""
    return success(world, {})


def _company_of(world: World, asked: Asked) -> str | None:
    return signature.company_of(world.seed, asked)


STAND_IN = SandboxProvider(
    name="iyzico",
    prefixes=("/v2/reporting/", "/v2/subscription/", "/v2/iyzilink/", "/v2/payment/", "/payment/", "/reporting/"),
    app=_app,
    credentials=signature.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    file=settlement.settlement_file,
)
