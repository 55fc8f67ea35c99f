"""`hub users add|list|show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli import entering
from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import FromFile, JsonOption
from hub.cli.output import moment, say, show_json, show_table
from hub.cli.users_scope import (
    PlatformChoice,
    RoleOption,
    TenantChoice,
    UserArgument,
    handed_over,
    scope_of,
    shortened,
    tell_link,
    user_of,
)
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.identity.record import User


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("add", help=N_("Add a user. Address and name are asked for, or read from standard input or a file."))(
        add
    )
    group.command("list", help=N_("List the users of a tenant, or of the platform."))(list_)
    group.command("show", help=N_("Show one user with name and address."))(show)


def add(
    role: RoleOption,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    language: Annotated[str | None, typer.Option(help=N_("Language of the user's mails: tr or en."))] = None,
    ask: Annotated[
        bool, typer.Option("--ask-password", help=N_("Ask for the password at once, instead of a one-time link."))
    ] = False,
    from_file: FromFile = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The first administrator comes in this way: nobody needs to be signed in."""
    from hub.identity import users
    from hub.identity.record import NewUser
    from hub.validation import checked

    actor = acting(by)
    values: dict[str, Any] = entering.document(from_file) if from_file else {}
    if not from_file:
        values = {"email": entering.shown_value(_("E-mail")), "name": entering.shown_value(_("Name"))}
    values |= {"role": role} | ({"language": language} if language is not None else {})
    new = checked(NewUser, values)
    secret = entering.hidden_value(_("Password")) if ask else None
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        invited = users.add(hub.database, hub.keyring, scope, new, actor=actor, password=secret)
        if as_json:
            show_json(
                {"user_id": invited.user.user_id, "state": invited.user.state} | handed_over(hub, invited),
            )
            return
        say(_("User {user} is added as {role}.").format(user=invited.user.user_id, role=invited.user.role.value))
        tell_link(hub, invited)


def list_(tenant: TenantChoice = None, platform: PlatformChoice = False, as_json: JsonOption = False) -> None:
    """Addresses are shortened; `show` has them whole."""
    from hub.identity import users

    with opened() as hub:
        found = users.listed(hub.database, hub.keyring, scope_of(hub, tenant, platform))
    if as_json:
        show_json([_plain(user) | {"email": shortened(user.email)} for user in found])
        return
    show_table(
        [_("User"), _("E-mail"), _("Role"), _("State"), _("Second factor"), _("Signed in")],
        [
            [
                str(user.user_id),
                shortened(user.email),
                user.role.value,
                state_in_words(user),
                _("yes") if user.has_second_factor else _("no"),
                moment(user.signed_in_at),
            ]
            for user in found
        ],
    )


def show(
    user: UserArgument, tenant: TenantChoice = None, platform: PlatformChoice = False, as_json: JsonOption = False
) -> None:
    """Name and address in clear: for whoever manages users."""
    from hub.identity import users

    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        found = users.get(hub.database, hub.keyring, scope, user_of(hub, scope, user))
    if as_json:
        show_json(_plain(found) | {"email": found.email, "name": found.name})
        return
    show_table(
        [_("Field"), _("Value")],
        [
            [_("User"), str(found.user_id)],
            [_("Name"), found.name],
            [_("E-mail"), found.email],
            [_("Role"), found.role.value],
            [_("State"), state_in_words(found)],
            [_("Second factor"), _("yes") if found.has_second_factor else _("no")],
            [_("Added"), moment(found.created_at)],
            [_("Signed in"), moment(found.signed_in_at)],
        ],
    )


def state_in_words(user: User) -> str:
    """The state in the reader's language."""
    return {"invited": _("invited"), "active": _("active"), "disabled": _("disabled")}[user.state]


def _plain(user: User) -> dict[str, Any]:
    return {
        "user_id": user.user_id,
        "role": user.role.value,
        "language": user.language,
        "state": user.state,
        "second_factor": user.has_second_factor,
        "version": user.version,
        "created_at": user.created_at,
        "signed_in_at": user.signed_in_at,
    }
