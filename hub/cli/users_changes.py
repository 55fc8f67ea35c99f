"""`hub users role|disable|enable|reset|reset-second-factor|sessions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.cli.kvkk_acting import ActingOption, acting
from hub.cli.opening import opened
from hub.cli.options import JsonOption
from hub.cli.output import moment, say, show_json, show_table
from hub.cli.users import state_in_words
from hub.cli.users_scope import (
    PlatformChoice,
    RoleOption,
    TenantChoice,
    UserArgument,
    handed_over,
    scope_of,
    tell_link,
    user_of,
)
from hub.i18n import N_, _

if TYPE_CHECKING:
    from hub.identity.record import User


def register(group: typer.Typer) -> None:
    """Add the commands to their group."""
    group.command("role", help=N_("Give a user another role."))(role_)
    group.command("disable", help=N_("Let a user in no more; sessions end at once."))(disable)
    group.command("enable", help=N_("Let a disabled user in again."))(enable)
    group.command("reset", help=N_("End a user's sessions and make a one-time link to a new password."))(reset)
    group.command("reset-second-factor", help=N_("Take a second factor away whose phone and codes are lost."))(
        reset_second_factor
    )
    group.command("sessions", help=N_("List a user's sessions, or end them."))(sessions)


def role_(
    user: UserArgument,
    role: RoleOption,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tokens of the old role are refused from then on."""
    from pydantic import BaseModel

    from hub.identity import users
    from hub.identity.permissions import Role
    from hub.validation import checked

    class Given(BaseModel):
        role: Role

    actor, wanted = acting(by), checked(Given, {"role": role}).role
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        after = users.change_role(hub.database, hub.keyring, scope, user_of(hub, scope, user), wanted, actor=actor)
    _show(after, as_json=as_json)


def disable(
    user: UserArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """The last owner and the last administrator stay."""
    from hub.identity import users

    actor = acting(by)
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        after = users.disable(hub.database, hub.keyring, scope, user_of(hub, scope, user), actor=actor)
    _show(after, as_json=as_json)


def enable(
    user: UserArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """With the password and second factor of before."""
    from hub.identity import users

    actor = acting(by)
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        after = users.enable(hub.database, hub.keyring, scope, user_of(hub, scope, user), actor=actor)
    _show(after, as_json=as_json)


def reset(
    user: UserArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """For one who was invited and never came, another invitation."""
    from hub.identity import users

    actor = acting(by)
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        done = users.reset_password(hub.database, hub.keyring, scope, user_of(hub, scope, user), actor=actor)
        if as_json:
            show_json({"user_id": done.user.user_id} | handed_over(hub, done))
            return
        tell_link(hub, done)


def reset_second_factor(
    user: UserArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make sure who asks for it: the password alone lets them in afterwards."""
    from hub.identity import users

    actor = acting(by)
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        after = users.reset_second_factor(hub.database, hub.keyring, scope, user_of(hub, scope, user), actor=actor)
    _show(after, as_json=as_json)


def sessions(
    user: UserArgument,
    tenant: TenantChoice = None,
    platform: PlatformChoice = False,
    end: Annotated[
        UUID | None, typer.Option("--end", metavar="SESSION", help=N_("Session to end, as it is listed."))
    ] = None,
    by: ActingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Networks are cut to /24 or /64."""
    from hub.identity import users

    actor = acting(by)
    with opened() as hub:
        scope = scope_of(hub, tenant, platform)
        user_id = user_of(hub, scope, user)
        if end is not None:
            users.end_session(hub.database, scope, user_id, end, actor=actor)
        found = users.sessions_of(hub.database, hub.keyring, scope, user_id)
    if as_json:
        show_json(found)
        return
    show_table(
        [_("Session"), _("Since"), _("Last used"), _("Network"), _("Ended")],
        [
            [
                str(each.session_id),
                moment(each.started_at),
                moment(each.last_used_at),
                each.network,
                moment(each.ended_at),
            ]
            for each in found
        ],
    )


def _show(user: User, *, as_json: bool) -> None:
    if as_json:
        show_json({"user_id": user.user_id, "role": user.role.value, "state": user.state, "version": user.version})
        return
    say(_("User {user}: {role}, {state}.").format(user=user.user_id, role=user.role.value, state=state_in_words(user)))
