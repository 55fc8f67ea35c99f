"""`hub tenants analyst add|rotate|remove`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.opening import opened
from hub.cli.options import JsonOption, TenantOption
from hub.cli.output import note, say, show_json
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.control.analysts import Login

RoleArgument = Annotated[str, typer.Argument(metavar="LOGIN", help=N_("The login's name, as it was shown when added."))]


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("add", help=N_("Make a login for one person; name and password are shown once."))(add)
    group.command("rotate", help=N_("Give a login a new password, shown once."))(rotate)
    group.command("remove", help=N_("Take a login away."))(remove)


def add(
    tenant: TenantOption,
    label: Annotated[str, typer.Option(help=N_("What you call this login; not shown to the database."))],
    as_json: JsonOption = False,
) -> None:
    """A login for each person and tenant: policies take the tenant from it."""
    from hub.control import analysts
    from hub.kvkk.audit import operator
    from hub.validation import checked

    label = checked(analysts.Label, {"label": label}).label
    with opened() as hub:
        tenant_id = hub.tenant_id(tenant)
        analysts.require_room(hub.database, tenant_id)
        login = analysts.add(hub.settings, hub.database, tenant_id, label=label, actor=operator())
    _show(login, as_json=as_json)


def rotate(login: RoleArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """The old password stops at once, and so do the sessions that it opened."""
    from hub.control import analysts
    from hub.kvkk.audit import operator

    with opened() as hub:
        after = analysts.rotate(hub.settings, hub.database, hub.tenant_id(tenant), login, actor=operator())
    _show(after, as_json=as_json)


def remove(login: RoleArgument, tenant: TenantOption, as_json: JsonOption = False) -> None:
    """Sessions under way end with it."""
    from hub.control import analysts
    from hub.kvkk.audit import operator

    with opened() as hub:
        analysts.remove(hub.settings, hub.database, hub.tenant_id(tenant), login, actor=operator())
    if as_json:
        show_json({"removed": login})
    else:
        say(_("Removed: {login}").format(login=login))


def _show(login: Login, *, as_json: bool) -> None:
    if as_json:
        show_json({"login": login.role_name, "password": login.password})
        return
    say(_("Login: {login}").format(login=login.role_name))
    say(_("Password: {password}").format(password=login.password))
    note(_("The password is not stored anywhere and cannot be shown again."))
