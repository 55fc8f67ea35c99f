"""The page of whoever is signed in: as whom, what there is for them, and the way out.

A tenant's people have no other: Dagster shows all tenants, and is the operator's staff's alone.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.api import browser, describe
from hub.api.pages import alert, form, hint, shown
from hub.dagster_door.paths import PREFIX as DAGSTER
from hub.i18n import N_, _
from hub.identity import users
from hub.identity.permissions import Permission, Role, wants_second_factor
from hub.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from hub.api.services import Services
    from hub.identity.caller import Caller

ROLES = {
    Role.PLATFORM_ADMIN: N_("administrator of the hub"),
    Role.PLATFORM_ANALYST: N_("analyst of the hub"),
    Role.OWNER: N_("owner"),
    Role.ENGINEER: N_("engineer"),
    Role.ANALYST: N_("analyst"),
    Role.DPO: N_("data-protection officer"),
}


def routes(services: Services) -> Sequence[Route]:
    """The page, and `/`, which leads to it."""

    async def account(request: Request) -> Response:
        caller = await browser.admitted(services, request)
        if isinstance(caller, Response):
            return caller
        return await run_in_threadpool(_account, services, caller)

    async def start(_request: Request) -> Response:
        return RedirectResponse(browser.HOME, status_code=303)

    return (Route("/", start, methods=["GET"]), Route(browser.HOME, account, methods=["GET"]))


def _account(services: Services, caller: Caller) -> Response:
    user = users.get(services.database, services.keyring, caller.home, caller.subject)
    facts = [(_(N_("Name")), user.name), (_(N_("E-mail address")), user.email), (_(N_("Role")), _(ROLES[user.role]))]
    if not caller.is_platform:
        facts.insert(2, (_(N_("Company")), users.company(services.database, caller.home)))
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    told = alert(text_of("suspended_reads_only")) if caller.tenant_suspended else ""
    body = f"{told}<dl>{listed}</dl>{_links(services, caller, has_second_factor=user.has_second_factor)}"
    return shown(_(N_("You are signed in")), body + form(browser.LEAVE, "", _(N_("Sign out")), quiet=True))


def _links(services: Services, caller: Caller, *, has_second_factor: bool) -> str:
    links = [_link(describe.PAGE, _(N_("Description of the API")))]
    if services.settings.dagster_url is not None and Permission.DAGSTER_VIEW in caller.permissions:
        links.insert(0, _link(f"{DAGSTER}/", _(N_("Runs and data in Dagster"))))
    told = ""
    if not has_second_factor:
        links.append(_link(browser.SECOND_FACTOR, _(N_("Set up a second factor"))))
        if wants_second_factor(caller.role):
            told = hint("second-factor", _(N_("Your role wants a second factor; until then some things are closed.")))
    return f"<ul>{''.join(links)}</ul>{told}"


def _link(address: str, text: str) -> str:
    return f'<li><a href="{address}">{escape(text)}</a></li>'
