"""The audit log: a tenant's own, and the platform's for its administrators; who did what to how much, never to whom."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Page, cursor_of
from hub.api.moments import Moment, number
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.kvkk import audit_listing
from hub.kvkk.audit import PLATFORM

if TYPE_CHECKING:
    from hub.kvkk.audit_verify import Verdict

router = make_router("audit")

ActionAsked = Annotated[str | None, Query(pattern=r"^[a-z][a-z0-9_.]*$", max_length=100, examples=["consent.recorded"])]
ActorAsked = Annotated[
    str | None,
    Query(min_length=1, max_length=200, examples=["user:6f1c1f2e-9d1b-4c0d-8a53-c2a7be0c9f11"]),
]
Since = Annotated[Moment | None, Query(description="From this time on.", examples=["2026-11-01T00:00:00Z"])]
Until = Annotated[Moment | None, Query(description="Before this time.", examples=["2026-12-01T00:00:00Z"])]
Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE)]
Cursor = Annotated[str | None, Query(max_length=2_000)]


class AuditEntry(Answer):
    """One act, in ids, codes and counts. People who acted stand by their ids."""

    seq: int
    at: datetime
    actor: str = Field(examples=["user:6f1c1f2e-9d1b-4c0d-8a53-c2a7be0c9f11"])
    actor_role: str = Field(examples=["dpo"])
    action: str = Field(examples=["consent.recorded"])
    object: str
    purpose: str | None
    legal_basis: str | None
    count: int | None
    result: str
    request_id: UUID | None
    details: dict[str, Any]


class AuditFinding(Answer):
    """One thing that is wrong with the log, and the number of its entry."""

    seq: int
    fault: Literal["altered", "removed", "out_of_order", "rewritten", "cut_off"]


class AuditVerdict(Answer):
    """What verifying found. Entries above `protected` are in no signed head that was written outside the database."""

    intact: bool
    entries: int
    protected: int
    unprotected: int
    findings: list[AuditFinding]
    heads_file_faults: list[str] = Field(description="What is wrong with the file of signed heads, as codes.")


@router.get("/audit", summary="Read the audit log")
@needs(Permission.AUDIT_READ)
def list_audit(
    call: Call,
    action: ActionAsked = None,
    actor: ActorAsked = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = PAGE_SIZE,
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """The tenant's, newest first."""
    return _page(call, call.tenant, action, actor, since, until, limit, cursor)


@router.get("/audit/verification", summary="Verify the audit log")
@needs(Permission.AUDIT_READ)
def verify_audit(call: Call) -> AuditVerdict:
    """Every entry's hash is made anew and held against the entry before it and the last signed head."""
    return _verified(call, call.tenant)


@router.get("/platform/audit", summary="Read the platform's audit log")
@needs(Permission.PLATFORM_AUDIT_READ)
def list_platform_audit(
    call: Call,
    action: ActionAsked = None,
    actor: ActorAsked = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = PAGE_SIZE,
    cursor: Cursor = None,
) -> Page[AuditEntry]:
    """What was done across tenants, newest first."""
    return _page(call, PLATFORM, action, actor, since, until, limit, cursor)


@router.get("/platform/audit/verification", summary="Verify the platform's audit log")
@needs(Permission.PLATFORM_AUDIT_READ)
def verify_platform_audit(call: Call) -> AuditVerdict:
    """As a tenant's log is verified."""
    return _verified(call, PLATFORM)


def _page(
    call: Asked,
    chain: str,
    action: str | None,
    actor: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    cursor: str | None,
) -> Page[AuditEntry]:
    found = audit_listing.page(
        call.database,
        chain,
        action=action,
        actor=actor,
        since=since,
        until=until,
        before=number(cursor),
        limit=limit + 1,
    )
    items = [AuditEntry.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=cursor_of(items[-1].seq) if len(found) > limit else None)


def _verified(call: Asked, chain: str) -> AuditVerdict:
    from hub.kvkk.audit_heads import SigningKey
    from hub.kvkk.audit_heads_file import read_heads
    from hub.kvkk.audit_verify import verify_chain

    settings = call.services.settings
    exported = read_heads(settings.audit_heads_file, SigningKey(settings.audit_signing_key_file).public)
    verdict: Verdict = verify_chain(call.database, chain, exported)
    return AuditVerdict(
        intact=not verdict.findings and not exported.faults,
        entries=verdict.entries,
        protected=verdict.protected,
        unprotected=verdict.unprotected,
        findings=[AuditFinding.model_validate(each) for each in verdict.findings],
        heads_file_faults=list(exported.faults),
    )
