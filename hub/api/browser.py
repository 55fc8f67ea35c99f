"""Signing in with a browser, for the pages behind the door (Dagster's): a form, a cookie, and a way out.

The cookie is for pages alone: the API takes none, so no other site's page can make a call with it. It is `__Host-` and
`Secure` behind TLS, unreadable to scripts, and sent by no other site (`SameSite=Strict`). The form itself is taken from
our own pages only (`Sec-Fetch-Site`, else `Origin`).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.api import problems
from hub.api.models import storable
from hub.api.pages import field, page
from hub.dagster_door.cross_site import is_cross_site
from hub.errors import HubError
from hub.i18n import N_, _
from hub.identity.access_tokens import BROWSER_FOR
from hub.messages import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import FormData
    from starlette.types import Scope

    from hub.api.services import Services
    from hub.identity.caller import Caller
    from hub.settings import Settings

PATH, LEAVE = "/sign-in", "/sign-out"
_MOST_FORM_BYTES = 16_384
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
_CODE_WANTED = {"second_factor_needed", "second_factor_wrong"}


def routes(services: Services) -> Sequence[Route]:
    """The form, what it is sent to, and the way out."""

    async def form(request: Request) -> Response:
        return _page(_next(request.query_params.get("next")))

    async def enter(request: Request) -> Response:
        if is_cross_site(request.scope):
            return _page(_next(None), error=HubError("sign_in_from_elsewhere"), status=403)
        try:
            fields = await _fields(request)
            return await run_in_threadpool(_enter, services, request, fields)
        except HubError as error:
            status = problems.status_of(error.code)
            kept = cast("dict[str, str]", getattr(request.state, "fields", {}))
            return _page(_next(kept.get("next")), error=error, fields=kept, status=status)

    async def leave(request: Request) -> Response:
        cookie = request.cookies.get(cookie_name(services.settings))
        if cookie and not is_cross_site(request.scope):
            await run_in_threadpool(services.sign_in.sign_out_browser, cookie)
        response = RedirectResponse(PATH, status_code=303)
        response.delete_cookie(cookie_name(services.settings), path="/", secure=_is_secure(services.settings))
        return response

    return (
        Route(PATH, form, methods=["GET"]),
        Route(PATH, enter, methods=["POST"]),
        Route(LEAVE, leave, methods=["POST"]),
    )


def caller_of(services: Services, scope: Scope) -> Caller | None:
    """Who comes with the cookie of that request or websocket; None for nobody."""
    request = Request({**scope, "type": "http"})
    cookie = request.cookies.get(cookie_name(services.settings))
    if not cookie:
        return None
    try:
        return services.sign_in.of_browser(cookie)
    except HubError:
        return None


def cookie_name(settings: Settings) -> str:
    """`__Host-` is heeded by browsers on secure addresses alone."""
    return "__Host-hub_session" if _is_secure(settings) else "hub_session"


def _enter(services: Services, request: Request, fields: dict[str, str]) -> Response:
    headers: dict[str, str] = {}
    ip = request.client.host if request.client else None
    services.limiting.stranger(ip, headers)
    tokens = services.sign_in.password(
        fields.get("login", ""),
        fields.get("password", ""),
        tenant=fields.get("tenant") or request.scope.get("hub.subdomain"),
        code=fields.get("code") or None,
        source=ip,
        user_agent=request.headers.get("user-agent", "")[:200],
    )
    response = RedirectResponse(_next(fields.get("next")), status_code=303)
    response.set_cookie(
        cookie_name(services.settings),
        services.sign_in.for_browser(tokens),
        max_age=int(BROWSER_FOR.total_seconds()),
        path="/",
        secure=_is_secure(services.settings),
        httponly=True,
        samesite="strict",
    )
    return response


async def _fields(request: Request) -> dict[str, str]:
    length = request.headers.get("content-length", "")
    if not length.isdigit() or int(length) > _MOST_FORM_BYTES:
        raise HubError("body_too_large")
    try:
        form: FormData = await request.form(max_files=0, max_fields=10)
    except HTTPException:  # a form that is none
        raise HubError("request_malformed") from None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    if not storable(fields):
        raise HubError("request_malformed")
    request.state.fields = fields
    return fields


def _page(
    after: str, *, error: HubError | None = None, fields: dict[str, str] | None = None, status: int = 200
) -> Response:
    known = fields or {}
    with_code = error is not None and error.code in _CODE_WANTED
    with_tenant = (error is not None and error.code == "tenant_needed") or bool(known.get("tenant"))
    parts = [
        field("login", _(N_("E-mail address")), "email", known.get("login", ""), "username"),
        field("password", _(N_("Password")), "password", "", "current-password"),
    ]
    if with_code:
        parts.append(field("code", _(N_("Code of the second factor")), "text", "", "one-time-code"))
    if with_tenant:
        parts.append(
            field(
                "tenant", _(N_("Company (subdomain)")), "text", known.get("tenant", ""), "organization", required=False
            )
        )
    alert = f'<p role="alert">{escape(explain(error))}</p>' if error is not None else ""
    title = _(N_("Sign in"))
    html = page(
        title,
        f'<h1>Köprü</h1>{alert}<form method="post" action="{PATH}">'
        f'<input type="hidden" name="next" value="{escape(after)}">{"".join(parts)}'
        f"<button>{escape(title)}</button></form>",
    )
    return HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": _POLICY})


def _next(wanted: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever was asked for."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or "\\" in wanted:
        return "/dagster/"
    if any(ord(char) < 33 for char in wanted):
        return "/dagster/"
    parts = urlsplit(wanted)
    return wanted if not parts.scheme and not parts.netloc else "/dagster/"


def _is_secure(settings: Settings) -> bool:
    return settings.tls_cert_file is not None or (settings.public_url or "").startswith("https://")
