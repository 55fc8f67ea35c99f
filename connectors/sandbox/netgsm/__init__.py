"""Netgsm's stand-in: REST v2, the balance, and the WhatsApp host's one path. It has no quota and no rate limit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Router

from connectors.sandbox.netgsm import account, keys, reporting, sending
from connectors.sandbox.netgsm.desk import NAME, Endpoint, desk_of, guarded_route
from connectors.sandbox.netgsm.envelope import WHATSAPP, error, error_to, spoil
from connectors.sandbox.netgsm.pushes import INCOMING, REPORTS, owe_what_came_about
from connectors.sandbox.provider import Asked, SandboxProvider

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connectors.sandbox.world import World

_V2 = "/sms/rest/v2"


def _app(world: World) -> ASGIApp:
    desk = desk_of(world)
    world.hooks.look_first(partial(owe_what_came_about, desk))
    routes: tuple[tuple[str, str, Endpoint], ...] = (
        ("POST", f"{_V2}/send", sending.send),
        ("POST", f"{_V2}/otp", sending.otp),
        ("POST", WHATSAPP, sending.whatsapp_otp),
        ("POST", f"{_V2}/report", reporting.report),
        ("POST", f"{_V2}/cancel", reporting.cancel),
        ("POST", f"{_V2}/stats", reporting.stats),
        ("GET", f"{_V2}/msgheader", account.headers),
        ("GET", f"{_V2}/inbox", account.inbox),
        ("POST", keys.BALANCE, account.balance),
        ("POST", f"{_V2}/inboxwebhook", account.hook(INCOMING)),
        ("DELETE", f"{_V2}/inboxwebhook", account.unhook(INCOMING)),
        ("POST", f"{_V2}/reportwebhook", account.hook(REPORTS)),
        ("DELETE", f"{_V2}/reportwebhook", account.unhook(REPORTS)),
    )
    return Router([guarded_route(desk, method, path, endpoint) for method, path, endpoint in routes])


def _company_of(world: World, asked: Asked) -> str | None:
    return keys.company_of(world.seed, asked)


STAND_IN = SandboxProvider(
    name=NAME,
    prefixes=("/sms/rest/v2/", keys.BALANCE, WHATSAPP),
    app=_app,
    credentials=keys.credentials,
    company_of=_company_of,
    error=error,
    spoil=spoil,
    error_to=error_to,
)
