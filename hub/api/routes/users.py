"""Users of a tenant, and the operator's staff. An invitation is mailed; without a mail server its link is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.paging import AT_ONCE, Cursor, Limit, page_of
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag, version_of
from hub.i18n import Language
from hub.identity import users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.links import link_of
from hub.identity.permissions import Permission, Role
from hub.identity.record import NewUser
from hub.validation import checked

router = make_router("users")

UserId = Annotated[UUID, Path()]


class User(Answer):
    """A user as those who manage users see them."""

    user_id: UUID
    email: str
    name: str
    role: Role
    language: Language
    state: str = Field(examples=["active"])
    version: int
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_second_factor: bool


class Invitation(Answer):
    """The user, and unless it was mailed the link to hand over; `token` is what stands behind its `#`."""

    user: User
    mailed: bool
    link: str | None = Field(examples=["https://kopru.example.com/account/password#hubt_..."])
    token: str | None
    expires_at: datetime | None


TenantRole = Literal["owner", "engineer", "analyst", "dpo"]
StaffRole = Literal["platform_admin", "platform_analyst"]
# Apart, so that the description and every error name to a tenant's people none but their own.


class _Invited(Body):
    email: str = Field(max_length=320, examples=["ayse@lale-lojistik.com.tr"])
    name: str = Field(max_length=200, examples=["Ayşe Yılmaz"])
    language: Language = "tr"


class UserToAdd(_Invited):
    """Whom to invite."""

    role: TenantRole = Field(examples=["engineer"])


class StaffToAdd(_Invited):
    """Whom of the operator's people to invite."""

    role: StaffRole = Field(examples=["platform_analyst"])


class RoleChange(Body):
    """Another role."""

    role: TenantRole = Field(examples=["analyst"])


class StaffRoleChange(Body):
    """Another role of the operator's people."""

    role: StaffRole = Field(examples=["platform_analyst"])


def _routes(prefix: str, read: Permission, manage: Permission, *, of_tenant: bool, who: str) -> None:
    """The same routes for a tenant's users and for the operator's staff, each behind permissions of its own."""

    def home(call: Asked) -> str:
        return call.tenant if of_tenant else PLATFORM_SCOPE

    @router.get(prefix, summary=f"List {who}", name=f"list_{prefix[1:]}")
    @needs(read, of_tenant=of_tenant)
    def list_users(call: Call, limit: Limit = AT_ONCE, cursor: Cursor = None) -> Page[User]:
        """Oldest first."""
        found = users.listed(call.database, call.keyring, home(call), after=moment_and_id(cursor), limit=limit + 1)
        return page_of(User, found, limit, place=lambda last: after(last.created_at, last.user_id))

    @router.get(prefix + "/{user}", summary="Show a user", name=f"show_{prefix[1:]}")
    @needs(read, of_tenant=of_tenant)
    @tells("ETag")
    def show_user(call: Call, user: UserId, response: Response) -> User:
        """Its `ETag` is for `If-Match`."""
        return _shown(users.get(call.database, call.keyring, home(call), user), response)

    @router.post(prefix + "/{user}/disable", summary="Let a user in no more", name=f"disable_{prefix[1:]}")
    @needs(manage, of_tenant=of_tenant)
    @tells("ETag")
    def disable_user(call: Call, user: UserId, response: Response, if_match: IfMatch = None) -> User:
        """Sessions and links end."""
        after = users.disable(
            call.database, call.keyring, home(call), user, actor=call.actor, version=version_of(if_match)
        )
        return _shown(after, response)

    @router.post(prefix + "/{user}/enable", summary="Let a user in again", name=f"enable_{prefix[1:]}")
    @needs(manage, of_tenant=of_tenant)
    @tells("ETag")
    def enable_user(call: Call, user: UserId, response: Response, if_match: IfMatch = None) -> User:
        """With the password and second factor of before."""
        after = users.enable(
            call.database, call.keyring, home(call), user, actor=call.actor, version=version_of(if_match)
        )
        return _shown(after, response)

    @router.post(prefix + "/{user}/reset-password", summary="Reset a password", name=f"reset_{prefix[1:]}")
    @needs(manage, of_tenant=of_tenant, answer_kept=False)
    def reset_password(call: Call, user: UserId, request: Request) -> Invitation:
        """Sessions end, and a link to set a new one goes out."""
        done = users.reset_password(call.database, call.keyring, home(call), user, actor=call.actor)
        return _invitation(call, done, request)

    @router.post(
        prefix + "/{user}/reset-second-factor", summary="Take a lost second factor away", name=f"factor_{prefix[1:]}"
    )
    @needs(manage, of_tenant=of_tenant)
    @tells("ETag")
    def reset_second_factor(call: Call, user: UserId, response: Response) -> User:
        """Sessions end; the next sign-in wants the password alone, and roles that need a second factor a new one."""
        after = users.reset_second_factor(call.database, call.keyring, home(call), user, actor=call.actor)
        return _shown(after, response)

    del list_users, show_user, disable_user, enable_user, reset_password, reset_second_factor


@router.post("/users", status_code=201, summary="Invite one of a tenant's users")
@needs(Permission.USERS_MANAGE, answer_kept=False)
@tells("Location")
def add_users(call: Call, body: UserToAdd, request: Request, response: Response) -> Invitation:
    """Nobody is let in before the invitation was accepted."""
    return _invitation(call, _added(call, call.tenant, "/users", body, response), request)


@router.post("/staff", status_code=201, summary="Invite one of the operator's staff")
@needs(Permission.STAFF_MANAGE, answer_kept=False)
@tells("Location")
def add_staff(call: Call, body: StaffToAdd, request: Request, response: Response) -> Invitation:
    """Nobody is let in before the invitation was accepted."""
    return _invitation(call, _added(call, PLATFORM_SCOPE, "/staff", body, response), request)


@router.put("/users/{user}/role", summary="Give another role")
@needs(Permission.USERS_MANAGE)
@tells("ETag")
def role_users(call: Call, user: UserId, body: RoleChange, response: Response, if_match: IfMatch = None) -> User:
    """Tokens of the old role are refused from then on. Nobody changes their own."""
    return _with_role(call, call.tenant, user, body.role, response, if_match)


@router.put("/staff/{user}/role", summary="Give another role")
@needs(Permission.STAFF_MANAGE)
@tells("ETag")
def role_staff(call: Call, user: UserId, body: StaffRoleChange, response: Response, if_match: IfMatch = None) -> User:
    """Tokens of the old role are refused from then on. Nobody changes their own."""
    return _with_role(call, PLATFORM_SCOPE, user, body.role, response, if_match)


def _added(call: Asked, home: str, prefix: str, body: _Invited, response: Response) -> users.Invited:
    new = checked(NewUser, body.model_dump())
    invited = users.add(call.database, call.keyring, home, new, actor=call.actor)
    response.headers["Location"] = f"/api/v1{prefix}/{invited.user.user_id}"
    return invited


def _with_role(call: Asked, home: str, user: UUID, role: str, response: Response, if_match: str | None) -> User:
    after = users.change_role(
        call.database, call.keyring, home, user, Role(role), actor=call.actor, version=version_of(if_match)
    )
    return _shown(after, response)


def _shown(user: users.User, response: Response) -> User:
    response.headers["ETag"] = etag(user.version)
    return User.model_validate(user)


def _invitation(call: Asked, invited: users.Invited, request: Request) -> Invitation:
    made = invited.one_time
    shown = None if invited.mailed else made
    # Without a public address: where whoever asks has reached the hub, and so may whom they hand the link to.
    reached = str(request.base_url)
    return Invitation(
        user=User.model_validate(invited.user),
        mailed=invited.mailed,
        link=link_of(call.services.settings, shown, otherwise=reached) if shown is not None else None,
        token=shown.token if shown is not None else None,
        expires_at=made.expires_at if made is not None else None,
    )


_routes("/users", Permission.USERS_READ, Permission.USERS_MANAGE, of_tenant=True, who="a tenant's users")
_routes("/staff", Permission.STAFF_MANAGE, Permission.STAFF_MANAGE, of_tenant=False, who="the operator's staff")
