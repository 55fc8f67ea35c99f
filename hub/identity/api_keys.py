"""API keys: how machines call. Each belongs to one tenant, may do what its scopes say, and ends on a day that is known.

A key's id is also the client id of OAuth 2's client credentials, the key itself the secret, so rotating keeps the id:
the former secret goes on working for a while, or not at all if somebody else has it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID, uuid4

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from hub.errors import HubError
from hub.identity import opaque
from hub.identity.permissions import ROLES, Permission, Role
from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk import audit

if TYPE_CHECKING:
    from hub.db.database import Connection, Database
    from hub.kvkk.audit import Actor

OVERLAP = timedelta(days=7)
LIVES_FOR_DAYS = 365
_COLUMNS = (
    "key_id, label, scopes, prefix, created_by, created_at, expires_at, rotated_at, previous_until, last_used_at,"
    " revoked_at, version"
)


_GRANTABLE = sorted(permission.value for permission in ROLES[Role.MACHINE])


def _known(value: object) -> object:
    """A word that is no permission is answered with those that a key may hold: the platform's are nobody's business."""
    if isinstance(value, str) and value in frozenset(Permission):
        return value
    raise PydanticCustomError("field_not_in_list", "", {"expected": ", ".join(_GRANTABLE)})


Scope = Annotated[Permission, BeforeValidator(_known), WithJsonSchema({"type": "string", "enum": _GRANTABLE})]
"""A permission that a key is to hold; whether it may, `create` says."""


class NewKey(BaseModel):
    """What a new key is for. `days` is how long it lives."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, extra="forbid")

    label: Annotated[str, Field(min_length=1, max_length=200)]
    scopes: Annotated[frozenset[Scope], Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=LIVES_FOR_DAYS)] = LIVES_FOR_DAYS


@dataclass(frozen=True)
class ApiKey:
    """A key as it may be listed: its secret is nowhere in it."""

    key_id: UUID
    label: str
    scopes: frozenset[Permission]
    prefix: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    version: int


@dataclass(frozen=True)
class Made:
    """A key with its secret, which is shown once and stored nowhere."""

    key: ApiKey
    secret: str = field(repr=False)


def create(
    database: Database, tenant_id: str, new: NewKey, *, actor: Actor, may: frozenset[Permission] | None = None
) -> Made:
    """A new key. `may` is what its maker may do (None: the operator at the machine), and no key may do more.

    HubError `tenant_unknown`, `api_key_of_platform`, `scope_not_granted`.
    """
    from hub.control import tenants

    if tenant_id == PLATFORM_SCOPE:
        raise HubError("api_key_of_platform")
    tenants.get(database, tenant_id)
    granted = ROLES[Role.MACHINE] if may is None else ROLES[Role.MACHINE] & may
    if not new.scopes <= granted:
        raise HubError("scope_not_granted", scopes=" ".join(sorted(new.scopes - granted)))
    secret = opaque.new("hub", tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        row = connection.execute(
            "INSERT INTO hub.api_keys (tenant_id, key_id, label, scopes, prefix, secret_hash, expires_at, created_by)"  # noqa: S608 - our own names
            f" VALUES (%s, %s, %s, %s, %s, %s, now() + %s, %s) RETURNING {_COLUMNS}".encode(),
            (
                tenant_id,
                uuid4(),
                new.label,
                sorted(new.scopes),
                secret.prefix,
                secret.hash,
                timedelta(days=new.days),
                actor.name,
            ),
        ).fetchone()
        made = _required(row)
        _enter(connection, tenant_id, made.key_id, "api_key_created", actor, scopes=sorted(new.scopes), days=new.days)
    return Made(made, secret.text)


def listed(
    database: Database,
    tenant_id: str,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[ApiKey]:
    """Every key of the tenant, revoked and expired ones too, oldest first.

    `after` are the time and id of the last one seen; without a `limit` all that follow.
    """
    moment, last = after or (None, None)
    with database.tenant(tenant_id, "app") as connection:
        rows = connection.execute(
            f"SELECT {_COLUMNS} FROM hub.api_keys WHERE tenant_id = %(tenant)s"  # noqa: S608 - our own names
            " AND (%(last)s::uuid IS NULL OR (created_at, key_id) > (%(moment)s::timestamptz, %(last)s::uuid))"
            " ORDER BY created_at, key_id LIMIT %(limit)s".encode(),
            {"tenant": tenant_id, "moment": moment, "last": last, "limit": limit},
        ).fetchall()
    return [_key(row) for row in rows]


def get(database: Database, tenant_id: str, key_id: UUID) -> ApiKey:
    """One key; HubError `api_key_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        return _read(connection, tenant_id, key_id)


def rotate(
    database: Database,
    tenant_id: str,
    key_id: UUID,
    *,
    actor: Actor,
    at_once: bool = False,
    may: frozenset[Permission] | None = None,
) -> Made:
    """A new secret for a key. The present one works for `OVERLAP` more; with `at_once` neither it nor its tokens do.

    HubError `api_key_unknown`, `api_key_ended` (revoked or expired), `scope_not_granted` (who rotates a key holds it).
    """
    secret = opaque.new("hub", tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        before = _read(connection, tenant_id, key_id, locked=True)
        if may is not None and not before.scopes <= may:
            raise HubError("scope_not_granted", scopes=" ".join(sorted(before.scopes - may)))
        row = connection.execute(
            "UPDATE hub.api_keys SET previous_hash = CASE WHEN %(at_once)s THEN NULL ELSE secret_hash END,"  # noqa: S608 - our own names
            " previous_until = CASE WHEN %(at_once)s THEN NULL ELSE now() + %(overlap)s END, secret_hash = %(hash)s,"
            " prefix = %(prefix)s, rotated_at = now(), version = version + 1,"
            " tokens_from = CASE WHEN %(at_once)s THEN now() ELSE tokens_from END"
            " WHERE tenant_id = %(tenant)s AND key_id = %(key)s AND revoked_at IS NULL AND expires_at > now()"
            f" RETURNING {_COLUMNS}".encode(),
            {
                "at_once": at_once,
                "overlap": OVERLAP,
                "hash": secret.hash,
                "prefix": secret.prefix,
                "tenant": tenant_id,
                "key": key_id,
            },
        ).fetchone()
        if row is None:
            raise HubError("api_key_ended")
        _enter(connection, tenant_id, key_id, "api_key_rotated", actor, at_once=at_once)
    return Made(_required(row), secret.text)


def revoke(database: Database, tenant_id: str, key_id: UUID, *, actor: Actor) -> ApiKey:
    """Let a key work no more, nor what was got with it. Safe to repeat. HubError `api_key_unknown`."""
    with database.tenant(tenant_id, "app") as connection:
        before = _read(connection, tenant_id, key_id, locked=True)
        if before.revoked_at is not None:
            return before
        connection.execute(
            "UPDATE hub.api_keys SET revoked_at = now(), previous_hash = NULL, previous_until = NULL,"
            " version = version + 1 WHERE tenant_id = %s AND key_id = %s",
            (tenant_id, key_id),
        )
        _enter(connection, tenant_id, key_id, "api_key_revoked", actor)
        return _read(connection, tenant_id, key_id)


def _read(connection: Connection, tenant_id: str, key_id: UUID, *, locked: bool = False) -> ApiKey:
    lock = " FOR UPDATE" if locked else ""
    row = connection.execute(
        f"SELECT {_COLUMNS} FROM hub.api_keys WHERE tenant_id = %s AND key_id = %s{lock}".encode(),  # noqa: S608 - our own names
        (tenant_id, key_id),
    ).fetchone()
    if row is None:
        raise HubError("api_key_unknown")
    return _key(row)


def _required(row: tuple[Any, ...] | None) -> ApiKey:
    if row is None:
        raise RuntimeError("a statement returned no row")
    return _key(row)


def _key(row: tuple[Any, ...]) -> ApiKey:
    key_id, label, scopes, *rest = row
    return ApiKey(key_id, label, frozenset(map(Permission, scopes)), *rest)


def _enter(connection: Connection, tenant_id: str, key_id: UUID, action: str, actor: Actor, **details: object) -> None:
    audit.append(connection, tenant_id, audit.Entry(actor, action, f"api_key:{key_id}", details=details))
