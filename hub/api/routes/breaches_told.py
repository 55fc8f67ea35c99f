"""Whom a breach concerns, and that they were told: found, mailed, proved person by person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import BeforeValidator, Field

from hub.api.asked import Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of, keys_of
from hub.api.moments import Moment, id_of
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.i18n import Language
from hub.identity.permissions import Permission
from hub.kvkk.breach import mailing, subjects, told
from hub.kvkk.breach.vocabulary import ToldHow
from hub.validation import InvalidInput, Problem

router = make_router("breaches", "/breaches/{breach}")

BreachId = Annotated[UUID, Path()]
Reference = Annotated[str, Field(min_length=1, max_length=200)]
SubjectId = Annotated[str, BeforeValidator(lambda given: given.hex if isinstance(given, UUID) else given)]
"""32 hex digits, as every answer tells a subject."""
Code = Annotated[str, Field(min_length=1, max_length=100)]
MOST_AT_ONCE = 5_000


class PersonConcerned(Answer):
    """A person by a pseudonymous id, how they were found, and the proof that they were told."""

    subject_id: SubjectId
    found_by: str = Field(examples=["stream:bulutfon.calls"])
    told_at: datetime | None
    evidence_ref: str | None


class PersonsSearch(Body):
    """Where to look: in streams for who stood there, or in the audit log for whose data was read."""

    streams: list[Code] = Field(default_factory=list, max_length=20, examples=[["bulutfon.calls"]])
    audit: bool = False
    since: Moment | None = None
    until: Moment | None = Field(default=None, description="Now unless given.")
    actor: str | None = Field(default=None, max_length=200, description="Only what this one did, as the log has it.")
    actions: list[Code] = Field(default_factory=list, max_length=50)


class PersonsFound(Answer):
    """What a search added. `untraced` of the log's `entries` lead to no person: look at them by hand."""

    subjects: int
    added: int
    entries: int
    untraced: int


class PersonTold(Body):
    """The proof that one person was told."""

    subject_id: UUID
    evidence_ref: Reference


class PersonsTold(Body):
    """Either one proof for everybody who waits (a publication's address), or one for each person."""

    how: ToldHow = Field(examples=["publication"])
    at: Moment | None = Field(default=None, description="Now unless given.")
    evidence_ref: Reference | None = Field(default=None, examples=["https://ornek.com.tr/duyuru/4711"])
    persons: list[PersonTold] | None = Field(default=None, min_length=1, max_length=MOST_AT_ONCE)


class NewlyTold(Answer):
    """How many were told to whom that was new."""

    told: int


class NoticesToSend(Body):
    """In which language."""

    language: Language = Field(default="tr", examples=["tr"])


_IN_TURKISH = NoticesToSend()


class Mailing(Answer):
    """How the mails stand, in persons. `unknown`: look into the mail server's log; `no_address`: tell another way."""

    persons: int
    queued: int
    waiting: int
    sent: int
    unknown: int
    failed: int
    told: int
    no_address: int
    without_mail: int


@router.get("/subjects", summary="List the persons concerned")
@needs(Permission.BREACHES_READ)
def list_persons(
    call: Call,
    breach: BreachId,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[PersonConcerned]:
    """By pseudonymous ids. The reading is in the audit log."""
    found = subjects.concerned(
        call.database,
        call.tenant,
        breach,
        actor=call.actor,
        after=id_of(keys_of(cursor, 1)[0]) if cursor else None,
        limit=limit + 1,
    )
    items = [PersonConcerned.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=cursor_of(items[-1].subject_id) if len(found) > limit else None)


@router.post("/subjects/search", summary="Find the persons concerned")
@needs(Permission.BREACHES_HANDLE)
def find_persons(call: Call, breach: BreachId, body: PersonsSearch) -> list[PersonsFound]:
    """One answer for each stream, then one for the audit log. Whoever was found before stays."""
    from connectors.registry import PROVIDERS

    period = subjects.Period(body.since, body.until or datetime.now(UTC))
    search = subjects.SubjectSearch(call.database, call.keyring, PROVIDERS, call.services.policies)
    found = [
        search.from_stream(call.tenant, breach, stream, period, actor=call.actor)
        for stream in dict.fromkeys(body.streams)
    ]
    if body.audit:
        found.append(
            search.from_audit(call.tenant, breach, period, by=body.actor, actions=tuple(body.actions), actor=call.actor)
        )
    if not found:
        raise InvalidInput([Problem("streams", "field_missing")])
    return [PersonsFound.model_validate(each) for each in found]


@router.post("/persons", summary="Note that persons were told")
@needs(Permission.BREACHES_HANDLE)
def note_persons_told(call: Call, breach: BreachId, body: PersonsTold) -> NewlyTold:
    """What was proved before stays. Mails of the hub note themselves."""
    if (body.evidence_ref is None) == (body.persons is None):
        raise InvalidInput([Problem("persons", "field_one_of", {"fields": "evidence_ref, persons"})])
    proof = body.evidence_ref or {each.subject_id: each.evidence_ref for each in body.persons or ()}
    count = told.tell_persons(
        call.database, call.tenant, breach, how=body.how, evidence=proof, at=body.at, actor=call.actor
    )
    return NewlyTold(told=count)


@router.get("/notices", summary="How do the mails stand?")
@needs(Permission.BREACHES_READ)
def show_mailing(call: Call, breach: BreachId) -> Mailing:
    """Counts; no address is read."""
    return Mailing.model_validate(mailing.mailing(call.database, call.tenant, breach))


@router.post("/notices", summary="Mail the notice to the persons concerned")
@needs(Permission.BREACHES_HANDLE, key_required=True)
def send_notices(call: Call, breach: BreachId, body: NoticesToSend = _IN_TURKISH) -> Mailing:
    """Nobody is mailed twice, however often it is asked for. Addresses are read in the hub alone."""
    stands = mailing.send_notices(
        call.database, call.keyring, call.tenant, breach, language=body.language, actor=call.actor
    )
    return Mailing.model_validate(stands)
