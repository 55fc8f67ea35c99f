"""A user's row: who they are (sealed), their role, their state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from hub.errors import HubError
from hub.i18n import Language
from hub.identity import logins
from hub.identity.permissions import PLATFORM_ROLES, TENANT_ROLES, Role
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.keys.keyring import Keyring, TenantKeys
    from hub.kvkk.audit import Actor

State = Literal["invited", "active", "disabled"]

_COLUMNS = (
    "u.user_id, u.login_cipher, u.name_cipher, u.role, u.language, u.state, u.version, u.created_at, u.activated_at,"
    " u.disabled_at, u.signed_in_at, c.password_hash IS NOT NULL, c.totp_confirmed_at IS NOT NULL"
)
_FROM = (
    "hub.users u LEFT JOIN hub.user_credentials c ON c.tenant_id = u.tenant_id AND c.user_id = u.user_id"
    " WHERE u.tenant_id = %(tenant)s"
)
_LOGIN, _NAME = "user-login", "user-name"


class NewUser(BaseModel):
    """Whom to add. The address is the login, and where the invitation goes."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, extra="forbid")

    email: Annotated[str, Field(min_length=3, max_length=320)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Role
    language: Language = "tr"

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        form = logins.folded(value)
        if form is None:
            raise PydanticCustomError("field_not_an_email", "")
        return form


@dataclass(frozen=True)
class User:
    """A user as those who manage users see them. `repr` shows no address and no name."""

    tenant_id: str
    user_id: UUID
    email: str = field(repr=False)
    name: str = field(repr=False)
    role: Role
    language: Language
    state: State
    version: int
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    signed_in_at: datetime | None
    has_password: bool
    has_second_factor: bool


def insert(
    connection: Connection, keyring: Keyring, tenant_id: str, user_id: UUID, new: NewUser, *, actor: Actor
) -> None:
    """Add a user who is invited. HubError `user_exists`, `role_of_another_level`."""
    require_level(tenant_id, new.role)
    keys = keyring.tenant(tenant_id)
    added = connection.execute(
        "INSERT INTO hub.users (tenant_id, user_id, login_hash, login_cipher, name_cipher, contact, role, language,"
        " created_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (tenant_id, login_hash) DO NOTHING RETURNING user_id",
        (
            tenant_id,
            user_id,
            logins.login_hash(keyring, new.email),
            keys.seal(_LOGIN, str(user_id), new.email.encode()),
            keys.seal(_NAME, str(user_id), new.name.encode()),
            keys.pseudonymiser().one("email", new.email),
            new.role.value,
            new.language,
            actor.name,
        ),
    ).fetchone()
    if added is None:
        raise HubError("user_exists")
    connection.execute(
        "INSERT INTO hub.user_credentials (tenant_id, user_id) VALUES (%s, %s)",
        (tenant_id, user_id),
    )


def require_level(tenant_id: str, role: Role) -> None:
    """Platform roles are for the platform's people alone, tenants' roles for tenants'. HubError."""
    if role not in (PLATFORM_ROLES if tenant_id == PLATFORM_SCOPE else TENANT_ROLES):
        raise HubError("role_of_another_level", role=role.value)


def read(connection: Connection, keys: TenantKeys, user_id: UUID, *, locked: bool = False) -> User:
    """One user; HubError `user_unknown`."""
    if locked:
        connection.execute(
            "SELECT 1 FROM hub.users WHERE tenant_id = %s AND user_id = %s FOR UPDATE", (keys.tenant_id, user_id)
        )
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM {_FROM} AND u.user_id = %(user)s".encode(),  # noqa: S608 - our own names
        {"tenant": keys.tenant_id, "user": user_id},
    ).fetchone()
    if row is None:
        raise HubError("user_unknown")
    return _user(keys, row)


def listed(
    database: Database,
    keyring: Keyring,
    tenant_id: str,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[User]:
    """A tenant's users, oldest first; `after` are the time and id of the last one seen. All without a `limit`."""
    keys = keyring.tenant(tenant_id)
    moment, last = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM {_FROM} AND (%(last)s::uuid IS NULL"  # noqa: S608 - our own names
            " OR (u.created_at, u.user_id) > (%(moment)s::timestamptz, %(last)s::uuid))"
            " ORDER BY u.created_at, u.user_id LIMIT %(limit)s".encode(),
            {"tenant": tenant_id, "moment": moment, "last": last, "limit": limit},
        ).fetchall()
    return [_user(keys, row) for row in rows]


def found_by_login(database: Database, keyring: Keyring, tenant_id: str, login: str) -> UUID:
    """The user of this tenant with that address; HubError `user_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "SELECT user_id FROM hub.users WHERE tenant_id = %s AND login_hash = %s",
            (tenant_id, logins.login_hash(keyring, login)),
        ).fetchone()
    if row is None:
        raise HubError("user_unknown")
    return row[0]


def enter(
    connection: Connection,
    tenant_id: str,
    user_id: UUID,
    action: str,
    actor: Actor,
    *,
    result: str = "ok",
    **details: object,
) -> None:
    """Enter an act about a user in their tenant's log, or the platform's."""
    entry = audit.Entry(actor, action, f"user:{user_id}", result=result, details=details)
    audit.append(connection, tenant_id, entry)


def _user(keys: TenantKeys, row: tuple[Any, ...]) -> User:
    user_id, login, name, role, language, *rest = row
    return User(
        keys.tenant_id,
        user_id,
        keys.open(_LOGIN, str(user_id), bytes(login)).decode(),
        keys.open(_NAME, str(user_id), bytes(name)).decode(),
        Role(role),
        cast("Language", language),
        *rest,
    )
