"""Logins for analysts with SQL, one a person: from the login row-level security takes the tenant."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address
from typing import Annotated

from fastapi import Path
from pydantic import Field

from hub.api.asked import Call
from hub.api.models import Answer, Body
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.control import analysts
from hub.identity.permissions import Permission
from hub.messages import text_of
from hub.validation import checked

router = make_router("analysts", "/analysts")

LoginName = Annotated[str, Path(max_length=63, examples=["an_k3v7qz2m5x4w6abc"])]


class Analyst(Answer):
    """A login; its password is told once, when it is made or rotated."""

    role_name: str
    label: str
    created_at: datetime
    rotated_at: datetime | None
    revoked_at: datetime | None


class AnalystToAdd(Body):
    """What you call the login; the database does not get to know it."""

    label: str = Field(max_length=200, examples=["Raporlama"])


class Login(Answer):
    """What psql and other programs on libpq need, told this once: `PGUSER`, `PGPASSWORD` and their like.

    `PGHOST` and `PGPORT` are among them where the hub itself reaches the database over the net; else `note` says that
    the operator tells them.
    """

    role_name: str
    password: str
    environment: dict[str, str]
    note: str | None


@router.get("", summary="List the logins with SQL")
@needs(Permission.USERS_READ)
def list_analysts(call: Call) -> list[Analyst]:
    """Removed ones too, oldest first."""
    return [Analyst.model_validate(each) for each in analysts.listed(call.database, call.tenant)]


@router.post("", status_code=201, summary="Make a login with SQL")
@needs(Permission.USERS_MANAGE, answer_kept=False)
def add_analyst(call: Call, body: AnalystToAdd) -> Login:
    """It sees this tenant's masked data and no other's."""
    label = checked(analysts.Label, body.model_dump()).label
    analysts.require_room(call.database, call.tenant)
    return _told(analysts.add(call.services.settings, call.database, call.tenant, label=label, actor=call.actor))


@router.post("/{login}/rotate", summary="Give a login a new password")
@needs(Permission.USERS_MANAGE, answer_kept=False)
def rotate_analyst(call: Call, login: LoginName) -> Login:
    """The old one stops at once, and so do the sessions that it opened."""
    return _told(analysts.rotate(call.services.settings, call.database, call.tenant, login, actor=call.actor))


@router.delete("/{login}", status_code=204, summary="Take a login away")
@needs(Permission.USERS_MANAGE)
def remove_analyst(call: Call, login: LoginName) -> None:
    """Sessions under way end with it."""
    analysts.remove(call.services.settings, call.database, call.tenant, login, actor=call.actor)


def _told(login: analysts.Login) -> Login:
    environment = login.environment()
    note = None
    if _is_this_machine(environment["PGHOST"]):
        environment = {name: value for name, value in environment.items() if name not in ("PGHOST", "PGPORT")}
        note = text_of("analyst_address_untold")
    return Login(role_name=login.role_name, password=login.password, environment=environment, note=note)


def _is_this_machine(host: str) -> bool:
    """Whether the database's address is one of the hub's own machine (a socket, loopback): of no use from afar."""
    if host.startswith(("/", "@")) or host.lower() in ("", "localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
