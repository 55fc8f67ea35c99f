"""Who has forgotten a password asks for a link here: the form, and one answer whoever it is.

Whether there is such an account, and whether its mail box is full of links already, shows neither in the words nor in
the time: what there is to do is done when the answer has gone out.
"""

from __future__ import annotations

from contextlib import suppress
from html import escape
from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from hub.api import browser, problems
from hub.api.pages import alert, field, form, hint, link, shown
from hub.dagster_door.cross_site import is_cross_site
from hub.errors import HubError
from hub.i18n import N_, _
from hub.identity import account
from hub.messages import explain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from hub.api.services import Services

PATH = browser.FORGOTTEN


def routes(services: Services) -> Sequence[Route]:
    """The form, and what it is sent to."""

    async def blank(_request: Request) -> Response:
        return _ask(services, None, 200)

    async def taken(request: Request) -> Response:
        if is_cross_site(request.scope):
            return _ask(services, HubError("sign_in_from_elsewhere"), 403)
        ip, headers = browser.ip_of(request), dict[str, str]()
        try:
            login = (await browser.fields_of(request)).get("login", "")
            await run_in_threadpool(_admit, services, ip, headers)
        except HubError as error:
            answer = _ask(services, error, problems.status_of(error.code))
        else:
            answer = _told()
            answer.background = BackgroundTask(_mail_link, services, login, ip)
        answer.headers.update(headers)
        return answer

    return (Route(PATH, blank, methods=["GET"]), Route(PATH, taken, methods=["POST"]))


def _admit(services: Services, ip: str | None, headers: dict[str, str]) -> None:
    """HubError `too_many_calls`, `sign_in_locked`: neither says anything of an account."""
    services.limiting.stranger(ip, headers)
    try:
        account.admit_forgotten(services.database, services.keyring, source=ip)
    except HubError as error:
        if "retry_seconds" in error.params:
            headers["Retry-After"] = str(error.params["retry_seconds"])
        raise


def _mail_link(services: Services, login: str, ip: str | None) -> None:
    with suppress(HubError):  # whatever it is, nobody waits to be told
        account.forgot_password(services.database, services.keyring, login, source=ip)


def _ask(services: Services, error: HubError | None, status: int) -> Response:
    if not (services.settings.smtp_host and services.settings.public_url):
        text = _(N_("This hub sends no mails. Whoever manages its users can make you a link to a new password."))
        return shown(_title(), f"<p>{escape(text)}</p>{_back()}", status=status)
    words = field("login", _(N_("E-mail address")), "email", "", "username", more=' autofocus aria-describedby="how"')
    words += hint("how", _(N_("A link to a new password is mailed to you.")))
    told = alert(explain(error)) if error is not None else ""
    return shown(_title(), told + form(PATH, words, _(N_("Send the link"))) + _back(), status=status)


def _told() -> Response:
    text = _(
        N_(
            "If there is an account with this address, a mail with a link is on its way, unless several came within the"
            " last two hours: those links work too. If there is none, ask whoever manages your users."
        )
    )
    return shown(_title(), f'<p role="status">{escape(text)}</p>{_back()}')


def _title() -> str:
    return _(N_("Forgotten password"))


def _back() -> str:
    return link(browser.PATH, _(N_("To the sign-in")))
