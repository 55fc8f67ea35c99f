"""Users of a tenant, or of the platform: adding, roles, disabling, resets.

Nobody changes their own role or disables themselves, and a tenant's last owner and the platform's last administrator
stay: somebody must be able to let others in. Each change is in the log of the tenant, or of the platform.
What a person does with their own account stands in hub/identity/account.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from hub.errors import HubError
from hub.identity import notices, one_time, record, second_factor, sessions
from hub.identity.passwords import checked_password, hash_password
from hub.identity.permissions import Role
from hub.identity.record import NewUser, User, found_by_login
from hub.identity.scope import PLATFORM_SCOPE

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.secret import Secret
    from hub.db.database import Connection, Database
    from hub.identity.one_time import OneTime
    from hub.identity.sessions import Session
    from hub.keys.keyring import Keyring
    from hub.kvkk.audit import Actor

__all__ = [
    "Invited",
    "NewUser",
    "User",
    "add",
    "change_role",
    "disable",
    "enable",
    "end_session",
    "found_by_login",
    "get",
    "invite_again",
    "listed",
    "reset_password",
    "reset_second_factor",
    "sessions_of",
]


@dataclass(frozen=True)
class Invited:
    """A user and the token with which they set their password: mailed, or to be handed over by whoever asked."""

    user: User
    one_time: OneTime | None
    mailed: bool


def add(
    database: Database, keyring: Keyring, tenant_id: str, new: NewUser, *, actor: Actor, password: Secret | None = None
) -> Invited:
    """Add a user and invite them, or let them in at once with a password. `tenant_id` may be `PLATFORM_SCOPE`.

    HubError `tenant_unknown`, `user_exists`, `role_of_another_level`; `InvalidInput` for a weak password.
    """
    from hub.control import tenants

    record.require_level(tenant_id, new.role)
    if tenant_id != PLATFORM_SCOPE:
        tenants.get(database, tenant_id)
    user_id = uuid4()
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        about = (new.email, new.name, notices.tenant_name(connection, tenant_id))
    hashed = hash_password(checked_password(password.reveal(), about=about)) if password else None
    with database.tenant(tenant_id, "app") as connection:
        record.insert(connection, keyring, tenant_id, user_id, new, actor=actor)
        record.enter(connection, tenant_id, user_id, "user_added", actor, role=new.role.value)
        made, mailed = None, False
        if hashed is not None:
            connection.execute(
                "UPDATE hub.user_credentials SET password_hash = %s, password_changed_at = now()"
                " WHERE tenant_id = %s AND user_id = %s",
                (hashed, tenant_id, user_id),
            )
            connection.execute(
                "UPDATE hub.users SET state = 'active', activated_at = now() WHERE tenant_id = %s AND user_id = %s",
                (tenant_id, user_id),
            )
        else:
            made = one_time.issue(connection, tenant_id, user_id, "invitation", by=actor.name)
        user = record.read(connection, keys, user_id)
        if made is not None:
            mailed = notices.send_link(connection, database.settings, keys, user, made)
    return Invited(user, made, mailed)


def invite_again(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor) -> Invited:
    """A new invitation for one who has not come yet; the old one works no more. HubError `user_not_invited`."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = record.read(connection, keys, user_id, locked=True)
        if user.state != "invited":
            raise HubError("user_not_invited")
        made = one_time.issue(connection, tenant_id, user_id, "invitation", by=actor.name)
        record.enter(connection, tenant_id, user_id, "user_invited_again", actor)
        return Invited(user, made, notices.send_link(connection, database.settings, keys, user, made))


def get(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID) -> User:
    """One user; HubError `user_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        return record.read(connection, keyring.tenant(tenant_id), user_id)


def company(database: Database, tenant_id: str) -> str:
    """The name of the tenant to which a user belongs."""
    with database.tenant(tenant_id, "app") as connection:
        return notices.tenant_name(connection, tenant_id)


def listed(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[User]:
    """Every user of the tenant, oldest first; or a part of them (hub/identity/record.py)."""
    return record.listed(database, keyring, tenant_id, after=after, limit=limit)


def change_role(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    user_id: UUID,
    role: Role,
    *,
    actor: Actor,
    version: int | None = None,
) -> User:
    """Give a user another role; tokens of the old one are refused from then on.

    HubError `user_unknown`, `user_changed` (another version than the caller saw), `role_of_another_level`,
    `user_is_oneself`, `last_of_role`.
    """
    record.require_level(tenant_id, role)
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = _for_change(connection, keyring, tenant_id, user_id, actor=actor, version=version)
        if user.role is role:
            return user
        _require_another(connection, user)
        _update(connection, user, "role = %(value)s", role.value)
        record.enter(
            connection, tenant_id, user_id, "user_role_changed", actor, before=user.role.value, after=role.value
        )
        return record.read(connection, keys, user_id)


def disable(
    database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor, version: int | None = None
) -> User:
    """Let a user in no more: sessions and one-time tokens end. HubError as `change_role`."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = _for_change(connection, keyring, tenant_id, user_id, actor=actor, version=version)
        if user.state == "disabled":
            return user
        _require_another(connection, user)
        _update(connection, user, "disabled_at = now(), state = %(value)s", "disabled")
        record.enter(connection, tenant_id, user_id, "user_disabled", actor)
        sessions.end_all(connection, tenant_id, user_id, reason="user_disabled", actor=actor)
        one_time.end_all(connection, tenant_id, user_id)
        return record.read(connection, keys, user_id)


def enable(
    database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor, version: int | None = None
) -> User:
    """Let a disabled user in again; one who never set a password is invited again. HubError as `change_role`."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = _for_change(connection, keyring, tenant_id, user_id, actor=actor, version=version)
        if user.state != "disabled":
            return user
        came = user.activated_at is not None
        _update(connection, user, "disabled_at = NULL, state = %(value)s", "active" if came else "invited")
        record.enter(connection, tenant_id, user_id, "user_enabled", actor)
        return record.read(connection, keys, user_id)


def reset_password(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor) -> Invited:
    """A token to set a new password with, and the end of every session. The old password works until then.

    Nobody resets their own: the token may be in the answer, and a borrowed session must not change a password without
    the old one. HubError `user_unknown`, `user_disabled`, `user_is_oneself`.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = _for_change(connection, keyring, tenant_id, user_id, actor=actor, version=None)
        if user.state == "disabled":
            raise HubError("user_disabled")
        made = one_time.issue(
            connection, tenant_id, user_id, "reset" if user.state == "active" else "invitation", by=actor.name
        )
        record.enter(connection, tenant_id, user_id, "user_password_reset", actor)
        sessions.end_all(connection, tenant_id, user_id, reason="password_reset", actor=actor)
        return Invited(user, made, notices.send_link(connection, database.settings, keys, user, made))


def reset_second_factor(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor) -> User:
    """Take a second factor away whose phone and codes are lost; every session ends.

    HubError `user_unknown`, `user_is_oneself`, `second_factor_unset`.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = _for_change(connection, keyring, tenant_id, user_id, actor=actor, version=None)
        if not second_factor.remove(connection, tenant_id, user_id):
            raise HubError("second_factor_unset")
        record.enter(connection, tenant_id, user_id, "second_factor_reset", actor)
        sessions.end_all(connection, tenant_id, user_id, reason="second_factor_reset", actor=actor)
        notices.tell_second_factor_changed(connection, keys, user)
        return record.read(connection, keys, user_id)


def sessions_of(database: Database, keyring: Keyring, tenant_id: str, user_id: UUID) -> list[Session]:
    """A user's sessions, the latest first. HubError `user_unknown`."""
    get(database, keyring, tenant_id, user_id)
    return sessions.listed(database, keyring, tenant_id, user_id)


def end_session(database: Database, tenant_id: str, user_id: UUID, session_id: UUID, *, actor: Actor) -> None:
    """End one. HubError `session_unknown` for one that is not this user's, or has ended."""
    with database.tenant(tenant_id, "app") as connection:
        if not sessions.end(connection, tenant_id, session_id, reason="ended", actor=actor, user_id=user_id):
            raise HubError("session_unknown")


def _for_change(
    connection: Connection, keyring: Keyring, tenant_id: str, user_id: UUID, *, actor: Actor, version: int | None
) -> User:
    # One change of users at a time in a tenant: two who demote each other must not both succeed.
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub.users.' || %s, 0))", (tenant_id,))
    user = record.read(connection, keyring.tenant(tenant_id), user_id, locked=True)
    if actor.name == f"user:{user_id}":
        raise HubError("user_is_oneself")
    if version is not None and version != user.version:
        raise HubError("user_changed", version=user.version)
    return user


def _require_another(connection: Connection, user: User) -> None:
    """HubError `last_of_role` for the only one left who can let others in."""
    if user.role not in (Role.OWNER, Role.PLATFORM_ADMIN) or user.state != "active":
        return
    row = connection.execute(
        "SELECT count(*) FROM hub.users WHERE tenant_id = %s AND role = %s AND state = 'active' AND user_id <> %s",
        (user.tenant_id, user.role.value, user.user_id),
    ).fetchone()
    if row is None or row[0] == 0:
        raise HubError("last_of_role", role=user.role.value)


def _update(connection: Connection, user: User, change: str, value: str) -> None:
    connection.execute(
        f"UPDATE hub.users SET version = version + 1, {change}"  # noqa: S608 - our own words
        " WHERE tenant_id = %(tenant)s AND user_id = %(user)s".encode(),
        {"value": value, "tenant": user.tenant_id, "user": user.user_id},
    )
