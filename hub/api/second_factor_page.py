"""Setting up a second factor with a browser: the first administrator may do nothing else before.

The password is asked for again, then an authenticator takes the secret from a QR code, and a code of it makes it count.
The secret and the recovery codes stand in one answer each and in no address; a wrong code shows no secret again.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.api import browser, problems
from hub.api.pages import alert, field, form, hint, link, shown
from hub.dagster_door.cross_site import is_cross_site
from hub.errors import HubError
from hub.i18n import N_, _
from hub.identity import account, users
from hub.messages import explain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

    from hub.api.services import Services
    from hub.identity.caller import Caller

    Step = Callable[[Services, Request, Caller, dict[str, str]], Response]

PATH = browser.SECOND_FACTOR
CONFIRM = f"{PATH}/confirm"


def routes(services: Services) -> Sequence[Route]:
    """The page, and where its two forms are sent to."""

    async def start(request: Request) -> Response:
        caller = await browser.admitted(services, request)
        if isinstance(caller, Response):
            return caller
        return await run_in_threadpool(_start, services, caller)

    async def back(_request: Request) -> Response:
        return RedirectResponse(PATH, status_code=303)

    async def begin(request: Request) -> Response:
        return await _taken(services, request, _begin, _ask_password)

    async def confirm(request: Request) -> Response:
        return await _taken(services, request, _confirm, _ask_code)

    return (
        Route(PATH, start, methods=["GET"]),
        Route(PATH, begin, methods=["POST"]),
        Route(CONFIRM, back, methods=["GET"]),
        Route(CONFIRM, confirm, methods=["POST"]),
    )


async def _taken(
    services: Services, request: Request, step: Step, again: Callable[[HubError | None, int], Response]
) -> Response:
    """What a form leads to; with an error, the form again."""
    if is_cross_site(request.scope):
        return again(HubError("sign_in_from_elsewhere"), 403)
    caller = await browser.admitted(services, request)
    if isinstance(caller, Response):
        return caller
    try:
        fields = await browser.fields_of(request)
        return await run_in_threadpool(step, services, request, caller, fields)
    except HubError as error:
        return again(error, problems.status_of(error.code))


def _start(services: Services, caller: Caller) -> Response:
    if users.get(services.database, services.keyring, caller.home, caller.subject).has_second_factor:
        text = _(N_("A second factor is set up. When it is lost, somebody who manages users takes it away."))
        return shown(_title(), f"<p>{escape(text)}</p>{_onward()}")
    return _ask_password(None, 200)


def _begin(services: Services, request: Request, caller: Caller, fields: dict[str, str]) -> Response:
    begun = account.begin_second_factor(
        services.database,
        services.keyring,
        caller.home,
        caller.subject,
        password=fields.get("password", ""),
        source=browser.ip_of(request),
    )
    scan = _(N_("Scan this with an authenticator on your phone, or type the secret below into it."))
    label = _(N_("Secret"))
    body = f"<p>{escape(scan)}</p>{_qr_code(begun.uri)}<p>{escape(label)}: <code>{_in_groups(begun.secret)}</code></p>"
    return shown(_title(), body + _code_form())


def _confirm(services: Services, request: Request, caller: Caller, fields: dict[str, str]) -> Response:
    codes = account.confirm_second_factor(
        services.database,
        services.keyring,
        caller.home,
        caller.subject,
        fields.get("code", ""),
        session=caller.session,
        source=browser.ip_of(request),
    )
    services.sign_in.forget(caller)
    listed = "".join(f"<li><code>{escape(code)}</code></li>" for code in codes)
    text = _(
        N_("Keep these codes where your phone is not: each lets you in once without it. They are shown this once.")
    )
    body = f'<p>{escape(text)}</p><ol class="codes">{listed}</ol>{_onward()}'
    return shown(_(N_("The second factor is set up")), body)


def _ask_password(error: HubError | None, status: int) -> Response:
    if error is not None and error.code == "second_factor_exists":
        return RedirectResponse(PATH, status_code=303)
    why = _(N_("From then on, signing in takes a code of your phone beside the password. First your password again."))
    words = field("password", _(N_("Password")), "password", "", "current-password", more=" autofocus")
    told = alert(explain(error)) if error is not None else ""
    onward = form(PATH, words, _(N_("Go on")))
    return shown(_title(), f"{told}<p>{escape(why)}</p>{onward}", status=status)


def _ask_code(error: HubError | None, status: int) -> Response:
    if error is not None and error.code in {"second_factor_exists", "second_factor_not_begun"}:
        return RedirectResponse(PATH, status_code=303)
    told = alert(explain(error)) if error is not None else ""
    again = link(PATH, _(N_("Begin again with another secret")))
    return shown(_title(), told + _code_form(" autofocus") + again, status=status)


def _code_form(more: str = "") -> str:
    more += ' inputmode="numeric" aria-describedby="code-hint"'
    words = field("code", _(N_("Code")), "text", "", "one-time-code", more=more)
    words += hint("code-hint", _(N_("The six digits that the authenticator shows now.")))
    return form(CONFIRM, words, _(N_("Confirm")))


def _title() -> str:
    return _(N_("Second factor"))


def _onward() -> str:
    return link(browser.HOME, _(N_("To your account")))


def _qr_code(uri: str) -> str:
    """As an inline SVG with a name for those who do not see it; nothing is loaded for it."""
    import segno

    drawn = segno.make(uri, error="m", micro=False).svg_inline(scale=4, border=4, omitsize=True)
    name = _(N_("QR code of the secret"))
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(name)}" ', 1)


def _in_groups(secret: str) -> str:
    """Four letters at a time are typed without losing the place; authenticators pass the spaces over."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
