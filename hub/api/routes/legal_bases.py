"""Legal bases other than consent: recorded for one person and one purpose, listed by pseudonym, ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of
from hub.api.moments import Moment, moment_and_id
from hub.api.need import needs
from hub.api.persons import PersonNamed
from hub.api.route import router as make_router
from hub.control import legal_bases
from hub.control.legal_basis_record import NewLegalBasis, OtherBasis
from hub.identity.permissions import Permission
from hub.validation import checked

router = make_router("consents", "/legal-bases")

BasisId = Annotated[UUID, Path()]
Code = Annotated[str, Field(min_length=1, max_length=63)]


class LegalBasis(Answer):
    """A basis (KVKK art. 5/2). `data_subject` is the person's pseudonym; people who acted stand by their ids."""

    basis_id: UUID
    data_subject: str
    subject_kind: str
    purpose: str = Field(examples=["credit_check"])
    legal_basis: str = Field(examples=["contract"])
    data_categories: tuple[str, ...]
    proportionality_note: str
    notice_id: str
    evidence_ref: str | None
    valid_from: datetime
    valid_until: datetime | None
    recorded_by: str
    recorded_at: datetime
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None


class LegalBasisToRecord(PersonNamed):
    """A basis as it was decided; who decided it is who calls."""

    purpose: Code = Field(examples=["credit_check"])
    legal_basis: OtherBasis = Field(examples=["contract"])
    data_categories: list[Code] = Field(min_length=1, max_length=30, examples=[["FINANS"]])
    proportionality_note: str = Field(
        max_length=5_000,
        description="Why no milder means serves. It names nobody.",
        examples=["Vadeli satışta ödeme gücü başka yolla ölçülemiyor."],
    )
    notice_id: str = Field(max_length=200, examples=["aydinlatma-2026-01"])
    evidence_ref: str | None = Field(default=None, max_length=200, examples=["sozlesme-4711"])
    valid_from: Moment = Field(examples=["2026-11-27T10:15:00+03:00"])
    valid_until: Moment | None = None


class PersonsLegalBases(PersonNamed):
    """One person's bases."""

    purpose: Code | None = None
    active: bool = False
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MOST_A_PAGE)
    cursor: str | None = Field(default=None, max_length=2_000)


class EndOfBasis(Body):
    """Why it ends, as a code; none is needed."""

    reason: Code | None = Field(default=None, examples=["contract_ended"])


@router.get("", summary="List legal bases")
@needs(Permission.CONSENTS_READ)
def list_legal_bases(
    call: Call,
    purpose: Annotated[str | None, Query(min_length=1, max_length=63)] = None,
    active: bool = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[LegalBasis]:
    """Newest first. People appear as pseudonyms; one person's are found with `POST /legal-bases/search`."""
    return _page(call, None, purpose, active=active, limit=limit, cursor=cursor)


@router.post("/search", summary="List one person's legal bases")
@needs(Permission.CONSENTS_READ)
def search_legal_bases(call: Call, body: PersonsLegalBases) -> Page[LegalBasis]:
    """The identifier stands in the body, so that it is in nobody's log of addresses."""
    subject = body.pseudonym(call)
    return _page(call, subject, body.purpose, active=body.active, limit=body.limit, cursor=body.cursor)


@router.post("", status_code=201, summary="Record a legal basis")
@needs(Permission.CONSENTS_RECORD)
def record_legal_basis(call: Call, body: LegalBasisToRecord) -> LegalBasis:
    """For one person and one purpose: none holds for everybody."""
    values: dict[str, Any] = body.model_dump(exclude={"subject_kind", "subject"}) | {"recorded_by": call.actor.name}
    new = checked(NewLegalBasis, values)
    made = legal_bases.record(
        call.database, call.tenant, kind=body.subject_kind, subject=body.pseudonym(call), new=new, actor=call.actor
    )
    return LegalBasis.model_validate(made)


@router.post("/{basis}/end", summary="End a legal basis")
@needs(Permission.CONSENTS_RECORD)
def end_legal_basis(call: Call, basis: BasisId, body: EndOfBasis) -> LegalBasis:
    """From now on: what rests on it alone is refused from the next load on."""
    actor = call.actor
    ended = legal_bases.end(call.database, call.tenant, basis, by=actor.name, reason=body.reason, actor=actor)
    return LegalBasis.model_validate(ended)


def _page(
    call: Asked, subject: str | None, purpose: str | None, *, active: bool, limit: int, cursor: str | None
) -> Page[LegalBasis]:
    found = legal_bases.listed(
        call.database,
        call.tenant,
        subject=subject,
        purpose=purpose,
        active_at=datetime.now(UTC) if active else None,
        after=moment_and_id(cursor),
        limit=limit + 1,
    )
    items = [LegalBasis.model_validate(each) for each in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next=cursor_of(last.valid_from.isoformat(), last.basis_id) if last else None)
