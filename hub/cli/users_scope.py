"""Whose users are meant: a tenant's or the platform's own. And how a one-time link is handed over."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.output import note, say
from hub.errors import HubError
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.cli.opening import Hub
    from hub.identity.users import Invited

TenantChoice = Annotated[
    str | None, typer.Option("--tenant", metavar="TENANT", help=N_("Tenant: its id or its subdomain."))
]
PlatformChoice = Annotated[bool, typer.Option("--platform", help=N_("The platform's own people, of no tenant."))]
UserArgument = Annotated[
    str,
    typer.Argument(
        metavar="USER", help=N_("The user: the id or the address, as `hub users list` shows them, or whole.")
    ),
]
RoleOption = Annotated[
    str,
    typer.Option(
        "--role",
        metavar="ROLE",
        help=N_("owner, engineer, analyst or dpo; platform_admin or platform_analyst with --platform."),
    ),
]


def scope_of(hub: Hub, tenant: str | None, platform: bool) -> str:
    """The id under which these users stand. HubError `users_of_whom` unless one of the two was named."""
    from hub.identity.scope import PLATFORM_SCOPE

    if (tenant is None) != platform:
        raise HubError("users_of_whom")
    return hub.tenant_id(tenant) if tenant is not None else PLATFORM_SCOPE


def user_of(hub: Hub, scope: str, named: str) -> UUID:
    """The user with that id or address, also as shortened by `hub users list`. HubError `user_unnamed`."""
    from hub.identity import users

    with suppress(ValueError):
        return UUID(named)
    if "…" in named:
        found = [
            each.user_id for each in users.listed(hub.database, hub.keyring, scope) if shortened(each.email) == named
        ]
        if len(found) == 1:
            return found[0]
        raise HubError("user_unnamed")
    try:
        return users.found_by_login(hub.database, hub.keyring, scope, named)
    except HubError as error:
        raise HubError("user_unnamed" if error.code == "user_unknown" else error.code, **error.params) from None


def tell_link(hub: Hub, invited: Invited) -> None:
    """Say that the link was mailed, or show it."""
    from hub.identity.links import link_of

    made = invited.one_time
    if made is None:
        return
    if invited.mailed:
        say(_("The link to choose a password goes to the user by mail."))
        return
    note(_("No mail goes out from here. Hand this over yourself; it works once:"))
    say(link_of(hub.settings, made))
    if not hub.settings.public_url:
        note(_("HUB_PUBLIC_URL is not set, so this leads to the hub's own machine."))


def handed_over(hub: Hub, invited: Invited) -> dict[str, str | bool | None]:
    """The same for machines: the link and its token, unless they were mailed."""
    from hub.identity.links import link_of

    made = None if invited.mailed else invited.one_time
    return {
        "mailed": invited.mailed,
        "token": made.token if made else None,
        "link": link_of(hub.settings, made) if made else None,
    }


def shortened(email: str) -> str:
    """An address by which those who know it recognise it, and nobody else reads it off a screen."""
    local, _at, domain = email.partition("@")
    return f"{local[:2]}…@{domain}"
