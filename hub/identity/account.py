"""What people do with their own account: come in by a one-time token, change the password, set up a second factor.

Whoever holds a session alone (a borrowed computer) can change nothing of this: the password is asked for again, and
wrong ones are counted as at sign-in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from hub.errors import HubError
from hub.identity import logins, notices, one_time, record, second_factor, sessions
from hub.identity.attempts import Attempts, database_now
from hub.identity.passwords import checked_password, fits, hash_password
from hub.kvkk import audit

if TYPE_CHECKING:
    from datetime import datetime

    from hub.db.database import Connection, Database
    from hub.identity.record import User
    from hub.identity.second_factor import Begun
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor


def set_password(database: Database, keyring: Keyring, token: str, password: str, *, source: str | None) -> User:
    """Set the password of the account that a one-time token opens: of an invitation, or after a reset.

    All sessions of the account end. A second factor stays. The network that the token came from counts as the
    person's own, which is the way back in for somebody whose login strangers have slowed down.
    HubError `one_time_token_invalid`; `InvalidInput` for a weak password, which does not use the token up.
    """
    target = one_time.target_of(database, token)
    tenant_id, user_id = target.tenant_id, target.user_id
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = record.read(connection, keys, user_id)
        about = (user.email, user.name, notices.tenant_name(connection, tenant_id))
    hashed = hash_password(checked_password(password, about=about))
    actor = audit.Actor(f"user:{user_id}", user.role.value, source)
    with database.tenant(tenant_id, "app") as connection:
        # The user's row first, as whoever disables or resets them does: two orders would block each other.
        record.read(connection, keys, user_id, locked=True)
        one_time.use(connection, target, token)
        one_time.end_all(connection, tenant_id, user_id)
        connection.execute(
            "UPDATE hub.users SET state = 'active', activated_at = coalesce(activated_at, now()), version = version + 1"
            " WHERE tenant_id = %s AND user_id = %s AND state = 'invited'",
            (tenant_id, user_id),
        )
        action = "invitation_accepted" if target.purpose == "invitation" else "password_set"
        _set(connection, keys, user, hashed, action=action, actor=actor)
        if target.purpose == "reset":
            notices.tell_password_changed(connection, keys, user)
        user = record.read(connection, keys, user_id)
    Attempts(database, keyring).welcome(logins.login_hash(keyring, user.email), source)
    return user


accept_invitation = set_password
"""The same act: the token says which it is."""


def change_password(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    user_id: UUID,
    *,
    current: str,
    new: str,
    session: UUID | None,
    source: str | None,
) -> None:
    """Another password for oneself; every session but this one ends.

    A hash takes its time: what came meanwhile (a reset, the end of the session) stands, and nothing is changed.
    HubError `password_wrong`, `token_invalid`, `sign_in_locked`, `sign_in_busy`, `user_unknown`; `InvalidInput`.
    """
    keys = keyring.tenant(tenant_id)
    user, proved = _proved(database, keyring, tenant_id, user_id, current, source)
    with database.tenant(tenant_id, "app") as connection:
        about = (user.email, user.name, notices.tenant_name(connection, tenant_id))
    hashed = hash_password(checked_password(new, about=about, field="new"))
    actor = audit.Actor(f"user:{user_id}", user.role.value, source)
    with database.tenant(tenant_id, "app") as connection:
        _require_session(connection, tenant_id, user_id, session)
        _require_password(connection, tenant_id, user_id, proved)
        _set(connection, keys, user, hashed, action="password_changed", actor=actor, but=session)
        one_time.end_all(connection, tenant_id, user_id)
        notices.tell_password_changed(connection, keys, user)


def begin_second_factor(
    database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, *, password: str, source: str | None
) -> Begun:
    """What an authenticator needs, shown once.

    HubError `password_wrong`, `sign_in_locked`, `sign_in_busy`, `second_factor_exists`, `user_unknown`.
    """
    user, proved = _proved(database, keyring, tenant_id, user_id, password, source)
    with database.tenant(tenant_id, "app") as connection:
        _require_session(connection, tenant_id, user_id, None)
        _require_password(connection, tenant_id, user_id, proved)
        return second_factor.begin(connection, keyring.tenant(tenant_id), user_id, label=user.email)


def confirm_second_factor(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    user_id: UUID,
    code: str,
    *,
    session: UUID | None,
    source: str | None,
    clock: Callable[[], datetime] | None = None,
) -> list[str]:
    """Let the second factor count: the recovery codes, shown once. This session has it from now on, others end.

    Wrong codes are counted (hub/identity/second_factor.py) and entered in the log. HubError `second_factor_wrong`,
    `second_factor_not_begun`, `second_factor_exists`, `token_invalid` (the session has ended), `user_unknown`.
    """
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        user = record.read(connection, keys, user_id, locked=True)
        _require_session(connection, tenant_id, user_id, session)
        codes = second_factor.confirm(connection, keys, user_id, code, clock=clock)
        actor = audit.Actor(f"user:{user_id}", user.role.value, source)
        result = "second_factor_wrong" if codes is None else "ok"
        record.enter(connection, tenant_id, user_id, "second_factor_set", actor, result=result)
        if codes is not None:
            sessions.end_all(connection, tenant_id, user_id, reason="second_factor_set", actor=actor, but=session)
            connection.execute(
                "UPDATE hub.sessions SET second_factor = true"
                " WHERE tenant_id = %s AND session_id = %s AND user_id = %s",
                (tenant_id, session, user_id),
            )
            notices.tell_second_factor_changed(connection, keys, user)
    if codes is None:  # outside the transaction: what was counted must be committed
        raise HubError("second_factor_wrong")
    return codes


def admit_forgotten(
    database: Database, keyring: Keyring, *, source: str | None, clock: Callable[[], datetime] | None = None
) -> None:
    """Let a network ask for a link, whosever, before `forgot_password`. HubError `sign_in_locked` if it did too often.

    Nothing is counted of a login here, so that this may be told, and strangers who name one keep nobody else waiting.
    """
    Attempts(database, keyring, clock=clock).ask_for_link(source)


def forgot_password(
    database: Database,
    keyring: Keyring,
    login: str,
    *,
    source: str | None,
    clock: Callable[[], datetime] | None = None,
) -> None:
    """Mail a link to every account of this login, if there is any and mail is set up; says nothing either way.

    Whoever names a login may ask, so no link that lives is ended by it, and a mail box gets only so many
    (`one_time.issue_asked`). Failed attempts to sign in with the login have no say in it.
    """
    if not (database.settings.smtp_host and database.settings.public_url):
        return
    sought = logins.login_hash(keyring, login)
    for tenant_id in logins.tenants_of(database, sought):
        keys = keyring.tenant(tenant_id)
        with database.tenant(tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT user_id FROM hub.users WHERE tenant_id = %s AND login_hash = %s AND state = 'active'",
                (tenant_id, sought),
            ).fetchone()
            if row is None:
                continue
            user = record.read(connection, keys, row[0], locked=True)
            now = clock() if clock else database_now(connection)
            made = one_time.issue_asked(connection, tenant_id, user.user_id, now=now)
            if made is None:
                continue
            actor = audit.Actor("forgotten", "anybody", source)
            record.enter(connection, tenant_id, user.user_id, "password_forgotten", actor)
            notices.send_link(connection, database.settings, keys, user, made)


def _proved(
    database: Database, keyring: Keyring, tenant_id: str, user_id: UUID, password: str, source: str | None
) -> tuple[User, str]:
    """The user whose password this is, and its hash. HubError `password_wrong`, `sign_in_locked`, `sign_in_busy`."""
    with database.tenant(tenant_id, "app") as connection:
        user = record.read(connection, keyring.tenant(tenant_id), user_id)
        row = connection.execute(
            "SELECT password_hash FROM hub.user_credentials WHERE tenant_id = %s AND user_id = %s",
            (tenant_id, user_id),
        ).fetchone()
    attempts, stored = Attempts(database, keyring), row[0] if row else None
    with attempts.counted(logins.login_hash(keyring, user.email), source) as attempt:
        if not fits(stored, password) or stored is None:
            raise HubError("password_wrong")
    attempts.withdrawn(attempt)
    return user, stored


def _require_session(connection: Connection, tenant_id: str, user_id: UUID, session: UUID | None) -> None:
    """HubError `token_invalid` unless the person is active and their session, where they came by one, has not ended."""
    row = connection.execute(
        "SELECT 1 FROM hub.users u WHERE tenant_id = %(tenant)s AND user_id = %(user)s AND state = 'active'"
        " AND (%(session)s::uuid IS NULL OR EXISTS (SELECT FROM hub.sessions s WHERE s.tenant_id = u.tenant_id"
        " AND s.user_id = u.user_id AND s.session_id = %(session)s AND s.ended_at IS NULL)) FOR UPDATE",
        {"tenant": tenant_id, "user": user_id, "session": session},
    ).fetchone()
    if row is None:
        raise HubError("token_invalid")


def _require_password(connection: Connection, tenant_id: str, user_id: UUID, proved: str) -> None:
    """Hold the credentials; HubError `password_wrong` where the hash is not the one that was proved any more."""
    row = connection.execute(
        "SELECT 1 FROM hub.user_credentials WHERE tenant_id = %s AND user_id = %s AND password_hash = %s FOR UPDATE",
        (tenant_id, user_id, proved),
    ).fetchone()
    if row is None:
        raise HubError("password_wrong")


def _set(
    connection: Connection,
    keys: TenantKeys,
    user: User,
    hashed: str,
    *,
    action: str,
    actor: Actor,
    but: UUID | None = None,
) -> None:
    connection.execute(
        "UPDATE hub.user_credentials SET password_hash = %s, password_changed_at = now()"
        " WHERE tenant_id = %s AND user_id = %s",
        (hashed, keys.tenant_id, user.user_id),
    )
    record.enter(connection, keys.tenant_id, user.user_id, action, actor)
    sessions.end_all(connection, keys.tenant_id, user.user_id, reason=action, actor=actor, but=but)
