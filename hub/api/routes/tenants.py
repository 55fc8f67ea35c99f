"""Tenants: the operator's staff add and see them all, a tenant's people see and change their own profile."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from pydantic import Field

from connectors.secret import Secret
from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import Answer, Body, Page, cursor_of, keys_of
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag_of, require_seen
from hub.api.whole import BodyOf
from hub.control import tenant_profile, tenants
from hub.control.new_tenant import NewTenant
from hub.control.plans import Plan
from hub.identity.permissions import Permission
from hub.validation import checked

router = make_router("tenants")

Reference = Annotated[str, Path(max_length=63, description="Id or subdomain.", examples=["lale-lojistik"])]


class Tenant(Answer):
    """What the directory says of a tenant."""

    tenant_id: str = Field(examples=["tabcdefghijk"])
    name: str = Field(examples=["Lale Lojistik Ltd. Şti."])
    subdomain: str = Field(examples=["lale-lojistik"])
    plan: Plan
    active: bool
    language: str = Field(examples=["tr-TR"])
    time_zone: str = Field(examples=["Europe/Istanbul"])
    currency: str = Field(examples=["TRY"])
    created_at: datetime
    suspended_at: datetime | None


class OneTenant(Tenant):
    """A tenant with its own numbers above its plan's."""

    limits: dict[str, int] = Field(examples=[{"actions_per_day": 5000}])


class Profile(Tenant):
    """A tenant's own view of itself. The tax number is told by its kind alone."""

    tax_number_kind: Literal["vkn", "tckn"]
    tax_office: str
    kvkk_consent_date: date
    verbis_registration: str | None
    limits: dict[str, Any]
    features: tuple[str, ...]


class TenantToAdd(BodyOf):
    """A tenant as it is entered; every field is checked."""

    checked_as = NewTenant

    name: str = Field(max_length=200, examples=["Lale Lojistik Ltd. Şti."])
    subdomain: str = Field(max_length=63, examples=["lale-lojistik"])
    tax_number: str = Field(max_length=20, examples=["1111111114"], description="VKN, or TCKN of a sole trader.")
    tax_office: str = Field(max_length=200, examples=["Kadıköy"])
    kvkk_consent_date: date = Field(examples=["2026-11-01"])
    verbis_registration: str | None = Field(default=None, max_length=50)
    plan: Plan = "trial"
    limits: dict[str, int] = Field(default_factory=dict)
    language: str = Field(default="tr-TR", max_length=35)
    time_zone: str = Field(default="Europe/Istanbul", max_length=64)
    currency: str = Field(default="TRY", max_length=3)


class PlanChange(Body):
    """What the operator may change of a tenant."""

    name: str = Field(default="", max_length=200, examples=["Lale Lojistik Ltd. Şti."])
    plan: Plan = "trial"
    limits: dict[str, int] = Field(default_factory=dict, examples=[{"actions_per_day": 5000}])


class ProfileChange(Body):
    """What a company may change of itself."""

    name: str = Field(default="", max_length=200)
    tax_office: str = Field(default="", max_length=200, examples=["Kadıköy"])
    verbis_registration: str | None = Field(default=None, max_length=50)
    language: str = Field(default="tr-TR", max_length=35)
    time_zone: str = Field(default="Europe/Istanbul", max_length=64)
    currency: str = Field(default="TRY", max_length=3)


@router.get("/tenants", summary="List the tenants")
@needs(Permission.TENANTS_READ)
def list_tenants(
    call: Call,
    search: Annotated[str | None, Query(min_length=1, max_length=100, examples=["ışık"])] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Tenant]:
    """By name in Turkish alphabetical order. `search` finds names and subdomains, whatever their case and marks."""
    name, tenant_id = map(str, keys_of(cursor, 2)) if cursor else (None, None)
    after = (name, tenant_id) if name is not None and tenant_id is not None else None
    found = tenants.by_name(call.database, search=search, after=after, limit=limit + 1)
    items = [Tenant.model_validate(each) for each in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next=cursor_of(last.name, last.tenant_id) if last else None)


@router.post("/tenants", status_code=201, summary="Add a tenant")
@needs(Permission.TENANTS_MANAGE)
@tells("Location")
def add_tenant(call: Call, body: TenantToAdd, response: Response) -> Tenant:
    """Its partition in Dagster follows within a minute."""
    values = body.model_dump() | {"tax_number": Secret(body.tax_number)}
    added = tenants.add(
        call.database, call.keyring, checked(NewTenant, values), add_partition=_left_to_the_schedule, actor=call.actor
    )
    response.headers["Location"] = f"/api/v1/tenants/{added.tenant_id}"
    return Tenant.model_validate(added)


@router.get("/tenants/{tenant}", summary="Show a tenant")
@needs(Permission.TENANTS_READ)
@tells("ETag")
def show_tenant(call: Call, tenant: Reference, response: Response) -> OneTenant:
    """By id or subdomain. Its `ETag` is for `If-Match`."""
    found = tenants.find(call.database, tenant)
    call.services.staff_visits.enter(call.who, found, route="GET /api/v1/tenants/{tenant}", ip=call.ip)
    return _with_limits(call, tenants.get(call.database, found), response)


@router.patch("/tenants/{tenant}", summary="Change a tenant's plan and limits")
@needs(Permission.TENANTS_MANAGE)
@tells("ETag")
def change_tenant(
    call: Call, tenant: Reference, body: PlanChange, response: Response, if_match: IfMatch = None
) -> OneTenant:
    """`limits` are the tenant's own numbers above its plan's, and replace the former ones. What is not named stays."""
    after = _changed(call, tenants.find(call.database, tenant), body, if_match)
    return _with_limits(call, after, response)


@router.post("/tenants/{tenant}/suspend", summary="Suspend a tenant")
@needs(Permission.TENANTS_MANAGE)
def suspend_tenant(call: Call, tenant: Reference) -> Tenant:
    """Syncs and actions stop, those under way too; nothing is deleted."""
    found = tenants.find(call.database, tenant)
    return Tenant.model_validate(tenants.suspend(call.database, found, actor=call.actor))


@router.post("/tenants/{tenant}/resume", summary="Resume a tenant")
@needs(Permission.TENANTS_MANAGE)
def resume_tenant(call: Call, tenant: Reference) -> Tenant:
    """Syncs go on with the next tick."""
    found = tenants.find(call.database, tenant)
    return Tenant.model_validate(tenants.resume(call.database, found, actor=call.actor))


@router.get("/profile", summary="Show your own company")
@needs(Permission.PROFILE_READ)
@tells("ETag")
def show_profile(call: Call, response: Response) -> Profile:
    """The tenant of the credential. Its `ETag` is for `If-Match`."""
    response.headers["ETag"] = etag_of(tenant_profile.fields_of(call.database, call.tenant))
    row = tenants.get(call.database, call.tenant)
    own = tenants.profile(call.database, call.tenant)
    shown = {name: getattr(row, name) for name in Tenant.model_fields}
    shown |= {name: getattr(own, name) for name in Profile.model_fields if name not in Tenant.model_fields}
    return Profile.model_validate(shown)


@router.patch("/profile", summary="Change your own company's profile")
@needs(Permission.PROFILE_MANAGE)
@tells("ETag")
def change_profile(call: Call, body: ProfileChange, response: Response, if_match: IfMatch = None) -> Tenant:
    """What is not named stays. Plan and limits are the operator's to change."""
    after = _changed(call, call.tenant, body, if_match)
    response.headers["ETag"] = etag_of(tenant_profile.fields_of(call.database, call.tenant))
    return Tenant.model_validate(after)


def _changed(call: Asked, tenant_id: str, body: Body, if_match: str | None) -> tenants.Tenant:
    seen = require_seen(if_match, tenant_profile.fields_of(call.database, tenant_id))
    changes = body.model_dump(exclude_unset=True)
    return tenant_profile.change(call.database, tenant_id, changes, actor=call.actor, seen=seen)


def _with_limits(call: Asked, found: tenants.Tenant, response: Response) -> OneTenant:
    fields = tenant_profile.fields_of(call.database, found.tenant_id)
    response.headers["ETag"] = etag_of(fields)
    return OneTenant.model_validate(asdict(found) | {"limits": fields["limits"]})


def _left_to_the_schedule(_tenant_id: str) -> None:
    """Every sync schedule reconciles partitions before it asks what is due."""
