"""Where others are signed in, for those who manage them: a lost telephone's session ends without a new password."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Path

from hub.api.asked import Call
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.routes.account import Session
from hub.api.routes.users import UserId
from hub.identity import users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Permission

router = make_router("users")

SessionId = Annotated[UUID, Path()]


@router.get("/users/{user}/sessions", summary="Where is a user signed in?")
@needs(Permission.USERS_MANAGE)
def list_sessions(call: Call, user: UserId) -> list[Session]:
    """The latest first, ended ones of late too. Networks are cut to /24 or /64."""
    found = users.sessions_of(call.database, call.keyring, call.tenant, user)
    return [Session.model_validate(each) for each in found]


@router.delete("/users/{user}/sessions/{session}", status_code=204, summary="End a user's session")
@needs(Permission.USERS_MANAGE)
def end_session(call: Call, user: UserId, session: SessionId) -> None:
    """Its tokens work no more, at most five seconds later."""
    users.end_session(call.database, call.tenant, user, session, actor=call.actor)


@router.get("/staff/{user}/sessions", summary="Where is one of the staff signed in?")
@needs(Permission.STAFF_MANAGE)
def list_staff_sessions(call: Call, user: UserId) -> list[Session]:
    """The latest first, ended ones of late too."""
    found = users.sessions_of(call.database, call.keyring, PLATFORM_SCOPE, user)
    return [Session.model_validate(each) for each in found]


@router.delete("/staff/{user}/sessions/{session}", status_code=204, summary="End a session of one of the staff")
@needs(Permission.STAFF_MANAGE)
def end_staff_session(call: Call, user: UserId, session: SessionId) -> None:
    """Its tokens work no more, at most five seconds later."""
    users.end_session(call.database, PLATFORM_SCOPE, user, session, actor=call.actor)
