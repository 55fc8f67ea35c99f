"""Whose users are meant: a tenant's or the platform's own. And how a one-time link is handed over."""

from __future__ import annotations

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
UserArgument = Annotated[UUID, typer.Argument(metavar="USER", help=N_("The user's id, as `hub users list` shows it."))]
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


def tell_link(hub: Hub, invited: Invited) -> None:
    """Say that the link was mailed, or show it."""
    made = invited.one_time
    if made is None:
        return
    if invited.mailed:
        say(_("The link to choose a password goes to the user by mail."))
        return
    address = hub.settings.public_url
    note(_("No mail goes out from here. Hand this over yourself; it works once:"))
    say(address.rstrip("/") + made.path if address else made.token)


def shortened(email: str) -> str:
    """An address by which those who know it recognise it, and nobody else reads it off a screen."""
    local, _at, domain = email.partition("@")
    return f"{local[:2]}…@{domain}"
