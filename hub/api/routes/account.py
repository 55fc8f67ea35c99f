"""One's own account: who am I, my password, my second factor, my sessions. Machines are told who they are, no more."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity import account, api_keys, users
from hub.identity.permissions import Permission, Role

router = make_router("account", "/me")


class Me(Answer):
    """The person who calls. `permissions` is what this very token may do."""

    kind: Literal["user"] = "user"
    user_id: UUID
    tenant_id: str | None = Field(description="Null for the operator's staff.")
    email: str
    name: str
    role: Role
    language: str
    permissions: list[Permission]
    has_second_factor: bool
    second_factor_used: bool
    tenant_suspended: bool = Field(description="Everything can be read then, and little else done.")


class MachineMe(Answer):
    """The API key that calls, or with which its token was got. `permissions` is what this very credential may do."""

    kind: Literal["machine"] = "machine"
    key_id: UUID
    tenant_id: str
    label: str = Field(examples=["muhasebe programı"])
    prefix: str = Field(description="How the secret begins that is in force.")
    role: Role = Role.MACHINE
    scopes: list[Permission]
    permissions: list[Permission]
    created_at: datetime
    expires_at: datetime
    previous_until: datetime | None = Field(description="Until when the secret before the present one works too.")
    tenant_suspended: bool


class Session(Answer):
    """Where one is signed in. `network` is cut short."""

    session_id: UUID
    started_at: datetime
    last_used_at: datetime
    expires_at: datetime
    second_factor: bool
    network: str
    user_agent: str
    ended_at: datetime | None
    end_reason: str | None


class PasswordChange(Body):
    """The old and the new one."""

    current: str = Field(max_length=1_000, examples=["mavi bir kapının ardında"])
    new: str = Field(max_length=1_000, examples=["yedi uzun sarı merdiven"])


class Proof(Body):
    """One's password again."""

    password: str = Field(max_length=1_000, examples=["mavi bir kapının ardında"])


class Code(Body):
    """Six digits of the authenticator."""

    code: str = Field(max_length=20, examples=["123456"])


class Begun(Answer):
    """For the authenticator: type the secret, or show `uri` as a QR code."""

    secret: str
    uri: str


class Recovery(Answer):
    """Codes for when the authenticator is lost; each works once. They are shown this once."""

    recovery_codes: list[str]


@router.get("", summary="Who am I?")
@needs(Permission.SELF_READ, of_tenant=False)
def me(call: Call) -> Me | MachineMe:
    """A person or, as `kind` says, a machine; with what this token or key may do. No scope is asked for."""
    who = call.who
    if who.kind == "machine":
        return _machine(call)
    user = users.get(call.database, call.keyring, who.home, who.subject)
    return Me(
        user_id=user.user_id,
        tenant_id=None if who.is_platform else user.tenant_id,
        email=user.email,
        name=user.name,
        role=user.role,
        language=user.language,
        permissions=sorted(who.permissions),
        has_second_factor=user.has_second_factor,
        second_factor_used=who.second_factor,
        tenant_suspended=who.tenant_suspended,
    )


@router.post("/password", status_code=204, summary="Change the password")
@needs(Permission.ACCOUNT, of_tenant=False)
def change_password(call: Call, body: PasswordChange) -> None:
    """Every other session ends."""
    account.change_password(
        call.database,
        call.keyring,
        call.who.home,
        call.who.subject,
        current=body.current,
        new=body.new,
        session=call.who.session,
        source=call.ip,
    )


@router.post("/second-factor", summary="Begin a second factor")
@needs(Permission.ACCOUNT, of_tenant=False, answer_kept=False)
def begin_second_factor(call: Call, body: Proof) -> Begun:
    """The secret for an authenticator. It counts once a code of it was confirmed."""
    begun = account.begin_second_factor(
        call.database, call.keyring, call.who.home, call.who.subject, password=body.password, source=call.ip
    )
    return Begun.model_validate(begun)


@router.post("/second-factor/confirm", summary="Confirm the second factor")
@needs(Permission.ACCOUNT, of_tenant=False, answer_kept=False)
def confirm_second_factor(call: Call, body: Code) -> Recovery:
    """From now on every sign-in wants a code. Refresh the token to use what wants a second factor."""
    codes = account.confirm_second_factor(
        call.database,
        call.keyring,
        call.who.home,
        call.who.subject,
        body.code,
        session=call.who.session,
        source=call.ip,
    )
    return Recovery(recovery_codes=codes)


@router.get("/sessions", summary="Where am I signed in?")
@needs(Permission.ACCOUNT, of_tenant=False)
def list_sessions(call: Call) -> list[Session]:
    """The latest first, ended ones of late too."""
    found = users.sessions_of(call.database, call.keyring, call.who.home, call.who.subject)
    return [Session.model_validate(each) for each in found]


@router.delete("/sessions/{session}", status_code=204, summary="End a session")
@needs(Permission.ACCOUNT, of_tenant=False)
def end_session(call: Call, session: Annotated[UUID, Path()]) -> None:
    """Its tokens work no more, at most five seconds later."""
    _end(call, session)


def _end(call: Asked, session: UUID) -> None:
    users.end_session(call.database, call.who.home, call.who.subject, session, actor=call.actor)


def _machine(call: Asked) -> MachineMe:
    who = call.who
    key = api_keys.get(call.database, who.home, who.subject)
    return MachineMe(
        key_id=key.key_id,
        tenant_id=who.home,
        label=key.label,
        prefix=key.prefix,
        scopes=sorted(key.scopes),
        permissions=sorted(who.permissions),
        created_at=key.created_at,
        expires_at=key.expires_at,
        previous_until=key.previous_until,
        tenant_suspended=who.tenant_suspended,
    )
