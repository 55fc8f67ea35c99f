"""API keys: for machines, with chosen scopes and an end. A key's secret is answered once and stored nowhere."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.paging import AT_ONCE, Cursor, Limit, page_of
from hub.api.route import router as make_router
from hub.api.whole import BodyOf
from hub.identity import api_keys
from hub.identity.permissions import Permission
from hub.validation import checked

router = make_router("api-keys", "/api-keys")

KeyId = Annotated[UUID, Path()]


class ApiKey(Answer):
    """A key without its secret. `prefix` is how it begins."""

    key_id: UUID
    label: str
    scopes: list[Permission]
    prefix: str
    created_by: str
    created_at: datetime
    expires_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class MadeKey(Answer):
    """A new key with its secret, this once. As a client of `client_credentials`, `key_id` is the client's id."""

    key: ApiKey
    secret: str


class KeyToMake(BodyOf):
    """What the key is for; `scopes` are permissions, at most what a machine and its maker may do."""

    checked_as = api_keys.NewKey

    label: str = Field(max_length=200, examples=["muhasebe programı"])
    scopes: list[api_keys.Scope] = Field(max_length=50, examples=[["status.read", "data.read"]])
    days: int = Field(default=365, examples=[90])


class KeyRotation(Body):
    """Whether the old secret ends at once; otherwise both work for a week."""

    at_once: bool = Field(default=False, examples=[False])


_BOTH_WORK = KeyRotation()


@router.get("", summary="List the keys")
@needs(Permission.KEYS_MANAGE)
def list_keys(call: Call, limit: Limit = AT_ONCE, cursor: Cursor = None) -> Page[ApiKey]:
    """Revoked and expired ones too, oldest first."""
    found = api_keys.listed(call.database, call.tenant, after=moment_and_id(cursor), limit=limit + 1)
    return page_of(ApiKey, found, limit, place=lambda last: after(last.created_at, last.key_id))


@router.post("", status_code=201, summary="Make a key")
@needs(Permission.KEYS_MANAGE, answer_kept=False)
@tells("Location")
def make_key(call: Call, body: KeyToMake, response: Response) -> MadeKey:
    """Store the secret where secrets belong: it is not shown again."""
    new = checked(api_keys.NewKey, body.model_dump())
    made = api_keys.create(call.database, call.tenant, new, actor=call.actor, may=call.who.permissions)
    response.headers["Location"] = f"/api/v1/api-keys/{made.key.key_id}"
    return MadeKey.model_validate(made)


@router.get("/{key}", summary="Show a key")
@needs(Permission.KEYS_MANAGE)
def show_key(call: Call, key: KeyId) -> ApiKey:
    """Without its secret."""
    return ApiKey.model_validate(api_keys.get(call.database, call.tenant, key))


@router.post("/{key}/rotate", summary="Give a key a new secret")
@needs(Permission.KEYS_MANAGE, answer_kept=False)
def rotate_key(call: Call, key: KeyId, body: KeyRotation = _BOTH_WORK) -> MadeKey:
    """The old one works on for a week, unless it must end at once."""
    made = api_keys.rotate(
        call.database, call.tenant, key, actor=call.actor, at_once=body.at_once, may=call.who.permissions
    )
    return MadeKey.model_validate(made)


@router.delete("/{key}", summary="Revoke a key")
@needs(Permission.KEYS_MANAGE)
def revoke_key(call: Call, key: KeyId) -> ApiKey:
    """It works no more, at most five seconds later."""
    return ApiKey.model_validate(api_keys.revoke(call.database, call.tenant, key, actor=call.actor))
