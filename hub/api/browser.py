"""Signing in with a browser, for the hub's own pages and Dagster's: a form, a cookie, and a way out.

The cookie is for pages alone: the API takes none, so no other site's page can make a call with it. It is `__Host-` and
`Secure` behind TLS, unreadable to scripts, and sent by no other site (`SameSite=Strict`). The form itself is taken from
our own pages only (`Sec-Fetch-Site`, else `Origin`).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.api import problems
from hub.api.models import storable
from hub.api.pages import alert, field, form, hint, link, shown
from hub.dagster_door.cross_site import is_cross_site
from hub.dagster_door.paths import PREFIX as DAGSTER
from hub.errors import HubError
from hub.i18n import N_, _, use
from hub.identity.access_tokens import BROWSER_FOR
from hub.identity.permissions import Permission, Role
from hub.messages import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import FormData
    from starlette.types import Scope

    from hub.api.services import Services
    from hub.identity.caller import Caller
    from hub.settings import Settings

PATH, LEAVE = "/sign-in", "/sign-out"
HOME = "/account"
"""The page of whoever is signed in (hub/api/account_page.py)."""
SECOND_FACTOR = "/account/second-factor"
FORGOTTEN = "/account/forgotten"
_MOST_FORM_BYTES = 16_384
_CODE_WANTED = {"second_factor_needed", "second_factor_wrong"}


def routes(services: Services) -> Sequence[Route]:
    """The form, what it is sent to, and the way out."""

    async def blank(request: Request) -> Response:
        return _page(own_path(request.query_params.get("next")))

    async def enter(request: Request) -> Response:
        if is_cross_site(request.scope):
            return _page(None, error=HubError("sign_in_from_elsewhere"), status=403)
        request.state.limits = limits = dict[str, str]()
        try:
            fields = await fields_of(request)
            answer = await run_in_threadpool(_enter, services, request, fields)
        except HubError as error:
            status = problems.status_of(error.code)
            kept = cast("dict[str, str]", getattr(request.state, "fields", {}))
            answer = _page(own_path(kept.get("next")), error=error, fields=kept, status=status)
        answer.headers.update(limits)
        return answer

    async def leave(request: Request) -> Response:
        cookie = request.cookies.get(cookie_name(services.settings))
        if cookie and not is_cross_site(request.scope):
            ip = request.client.host if request.client else None
            await run_in_threadpool(lambda: services.sign_in.sign_out_browser(cookie, source=ip))
        response = RedirectResponse(PATH, status_code=303)
        response.delete_cookie(cookie_name(services.settings), path="/", secure=_is_secure(services.settings))
        return response

    return (
        Route(PATH, blank, methods=["GET"]),
        Route(PATH, enter, methods=["POST"]),
        Route(LEAVE, leave, methods=["POST"]),
    )


def caller_of(services: Services, scope: Scope) -> Caller | None:
    """Who comes with the cookie of that request or websocket; None for nobody.

    HubError where that cannot be told now: who is signed in must not be sent to sign in because the database is away.
    """
    request = Request({**scope, "type": "http"})
    cookie = request.cookies.get(cookie_name(services.settings))
    if not cookie:
        return None
    try:
        return services.sign_in.of_browser(cookie)
    except HubError as error:
        if problems.status_of(error.code) >= 500:
            raise
        return None


async def admitted(services: Services, request: Request) -> Caller | Response:
    """Who is signed in, whose language is spoken from here on; or the way to sign in and back.

    HubError `too_many_calls`.
    """
    caller = await run_in_threadpool(caller_of, services, request.scope)
    if caller is None:
        return RedirectResponse(f"{PATH}?next={quote(request.url.path)}", status_code=303)
    await run_in_threadpool(services.limiting.caller, caller, {})
    if not request.scope.get("hub.language_asked") and caller.language is not None:
        use(caller.language)
    return caller


def cookie_name(settings: Settings) -> str:
    """`__Host-` is heeded by browsers on secure addresses alone."""
    return "__Host-hub_session" if _is_secure(settings) else "hub_session"


async def fields_of(request: Request) -> dict[str, str]:
    """The words of a form. HubError `body_too_large`, `request_malformed`."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _MOST_FORM_BYTES:
        raise HubError("body_too_large")
    try:
        sent: FormData = await request.form(max_files=0, max_fields=10)
    except HTTPException:  # a form that is none
        raise HubError("request_malformed") from None
    fields = {name: value for name, value in sent.items() if isinstance(value, str)}
    if not storable(fields):
        raise HubError("request_malformed")
    request.state.fields = fields
    return fields


def ip_of(request: Request) -> str | None:
    """Where a call comes from, as far as trusted proxies say."""
    return request.client.host if request.client else None


def own_path(wanted: str | None) -> str | None:
    """A path of ours to go on to; None for whatever else was asked for."""
    if not wanted or not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return None
    if any(ord(char) < 33 for char in wanted):
        return None
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else None


def _enter(services: Services, request: Request, fields: dict[str, str]) -> Response:
    ip = ip_of(request)
    services.limiting.stranger(ip, request.state.limits)
    tokens = services.sign_in.password(
        fields.get("login", ""),
        fields.get("password", ""),
        tenant=fields.get("tenant") or request.scope.get("hub.subdomain"),
        code=fields.get("code") or None,
        source=ip,
        user_agent=request.headers.get("user-agent", "")[:200],
    )
    cookie = services.sign_in.for_browser(tokens)
    where = _landing(services, services.sign_in.of_browser(cookie), own_path(fields.get("next")))
    response = RedirectResponse(where, status_code=303)
    response.set_cookie(
        cookie_name(services.settings),
        cookie,
        max_age=int(BROWSER_FOR.total_seconds()),
        path="/",
        secure=_is_secure(services.settings),
        httponly=True,
        samesite="strict",
    )
    return response


def _landing(services: Services, caller: Caller, wanted: str | None) -> str:
    """Where to go after signing in: where one came from, unless nothing is to be seen there."""
    if caller.role is Role.PLATFORM_ADMIN and not caller.second_factor:
        return SECOND_FACTOR  # until then nothing else may be done
    sees_dagster = services.settings.dagster_url is not None and Permission.DAGSTER_VIEW in caller.permissions
    if wanted is not None and (sees_dagster or not is_dagsters(wanted)):
        return wanted
    return f"{DAGSTER}/" if sees_dagster else HOME


def is_dagsters(path: str) -> bool:
    """Whether an address of ours is one of Dagster's pages."""
    return urlsplit(path).path.split("/")[1] == DAGSTER.strip("/")


def _page(
    after: str | None, *, error: HubError | None = None, fields: dict[str, str] | None = None, status: int = 200
) -> Response:
    known = fields or {}
    with_code = error is not None and error.code in _CODE_WANTED
    with_tenant = (error is not None and error.code == "tenant_needed") or bool(known.get("tenant"))
    login, focus = known.get("login", ""), " autofocus"
    parts = [
        field("login", _(N_("E-mail address")), "email", login, "username", more="" if login else focus),
        field("password", _(N_("Password")), "password", "", "current-password", more=focus if login else ""),
    ]
    if with_code:
        label = _(N_("Code of the second factor"))
        parts.append(field("code", label, "text", "", "one-time-code", more=' aria-describedby="code-hint"'))
        parts.append(hint("code-hint", _(N_("Six digits of the authenticator, or one of your recovery codes."))))
    if with_tenant:
        label = _(N_("Company (subdomain)"))
        parts.append(field("tenant", label, "text", known.get("tenant", ""), "organization", required=False))
    if after is not None:
        parts.append(f'<input type="hidden" name="next" value="{escape(after)}">')
    title = _(N_("Sign in"))
    told = alert(explain(error)) if error is not None else ""
    lost = _(N_("Password forgotten?"))
    return shown(title, told + form(PATH, "".join(parts), title) + link(FORGOTTEN, lost), status=status)


def _is_secure(settings: Settings) -> bool:
    return settings.tls_cert_file is not None or (settings.public_url or "").startswith("https://")
