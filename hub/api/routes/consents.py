"""Consents: recorded with the exact text that was shown, listed by pseudonym, proved, withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.headers import tells
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of
from hub.api.moments import Moment, moment_and_id
from hub.api.need import needs
from hub.api.persons import PersonNamed
from hub.api.route import router as make_router
from hub.control import consent_intake, consents
from hub.control.consent_intake import Stated
from hub.control.consent_record import Channel, NewConsent
from hub.identity.permissions import Permission
from hub.validation import InvalidInput, Problem, checked

router = make_router("consents", "/consents")

MOST_AT_ONCE = 200

ConsentId = Annotated[UUID, Path()]
PurposeAsked = Annotated[str | None, Query(min_length=1, max_length=63, examples=["marketing_sms"])]
Code = Annotated[str, Field(min_length=1, max_length=63)]


class Consent(Answer):
    """A consent. `data_subject` is the person's pseudonym."""

    consent_id: UUID
    data_subject: str = Field(examples=["phone_4kq2…"])
    subject_kind: str
    purpose: str = Field(examples=["marketing_sms"])
    legal_basis: str
    data_categories: tuple[str, ...]
    retention_period: str = Field(examples=["P1Y"])
    text_version: str
    consent_text_sha256: str
    channel: str
    given_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None
    supersedes_id: UUID | None


class ConsentProof(Answer):
    """A consent with the text that was shown. `text_verified`: it gives the hash that was recorded with it."""

    consent: Consent
    consent_text: str
    language: str
    notice_id: str
    source: str | None
    evidence_ref: str | None
    collected_by: str | None
    withdrawal_channel: str | None
    text_verified: bool


class ConsentToRecord(PersonNamed):
    """A consent as it was given; every field is checked."""

    purpose: Code = Field(examples=["marketing_sms"])
    legal_basis: Literal["explicit_consent", "s_explicit_consent"] = "explicit_consent"
    data_categories: list[Code] = Field(min_length=1, max_length=30, examples=[["ILETISIM"]])
    retention_period: str = Field(max_length=20, examples=["P1Y"])
    consent_text: str = Field(max_length=20_000, examples=["Kampanyalar için SMS almayı kabul ediyorum."])
    text_version: str = Field(max_length=200, examples=["v3"])
    language: Literal["tr", "en"] = "tr"
    notice_id: str = Field(max_length=200, examples=["aydinlatma-2026-01"])
    given_at: Moment = Field(examples=["2026-11-27T10:15:00+03:00"])
    expires_at: Moment | None = None
    channel: Channel = Field(examples=["web"])
    source: str | None = Field(default=None, max_length=200)
    evidence_ref: str = Field(max_length=200, examples=["form-4711"])
    ip_address: str | None = Field(default=None, max_length=45)
    user_agent: str | None = Field(default=None, max_length=500)
    collected_by: str | None = Field(default=None, max_length=200)
    transfer_abroad: bool = False
    recipients: list[str] = Field(default_factory=list, max_length=30)
    supersedes_id: UUID | None = None


class ConsentsToRecord(Body):
    """Several consents, recorded all together or not at all."""

    consents: list[ConsentToRecord] = Field(min_length=1, max_length=MOST_AT_ONCE)


class PersonsConsents(PersonNamed):
    """One person's consents."""

    purpose: Code | None = None
    active: bool = False
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MOST_A_PAGE)
    cursor: str | None = Field(default=None, max_length=2_000)


class Withdrawal(Body):
    """How it was withdrawn, as codes. No reason is needed."""

    channel: Code = Field(examples=["call_centre"])
    reason: Code | None = None


class WithdrawalOfAll(PersonNamed):
    """Whose consents to which purpose end."""

    purpose: Code = Field(examples=["marketing_sms"])
    channel: Code = Field(examples=["call_centre"])
    reason: Code | None = None


@router.get("", summary="List consents")
@needs(Permission.CONSENTS_READ)
def list_consents(
    call: Call,
    purpose: PurposeAsked = None,
    active: bool = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Consent]:
    """Newest first. People appear as pseudonyms; one person's are found with `POST /consents/search`."""
    return _page(call, None, purpose, active=active, limit=limit, cursor=cursor)


@router.post("/search", summary="List one person's consents")
@needs(Permission.CONSENTS_READ)
def search_consents(call: Call, body: PersonsConsents) -> Page[Consent]:
    """The identifier stands in the body, so that it is in nobody's log of addresses."""
    subject = body.pseudonym(call)
    return _page(call, subject, body.purpose, active=body.active, limit=body.limit, cursor=body.cursor)


@router.post("", status_code=201, summary="Record a consent")
@needs(Permission.CONSENTS_RECORD)
@tells("Location")
def record_consent(call: Call, body: ConsentToRecord, response: Response) -> Consent:
    """It is kept with a hash of its text, under the person's pseudonym."""
    stated = _stated(call, body)
    made = consent_intake.take(call.database, call.keyring, call.tenant, [stated], actor=call.actor)[0]
    response.headers["Location"] = f"/api/v1/consents/{made.consent_id}"
    return Consent.model_validate(made)


@router.post("/batch", status_code=201, summary="Record several consents")
@needs(Permission.CONSENTS_RECORD)
def record_consents(call: Call, body: ConsentsToRecord) -> list[Consent]:
    """All of them or none; in the order given. A wrong field is named with its place: `consents.3.purpose`."""
    stated: list[Stated] = []
    problems: list[Problem] = []
    for place, each in enumerate(body.consents):
        try:
            stated.append(_stated(call, each))
        except InvalidInput as error:
            problems += [Problem(f"consents.{place}.{one.field}", one.code, one.params) for one in error.problems]
    if problems:
        raise InvalidInput(problems)
    made = consent_intake.take(call.database, call.keyring, call.tenant, stated, actor=call.actor)
    return [Consent.model_validate(each) for each in made]


@router.get("/{consent}", summary="Prove a consent")
@needs(Permission.CONSENTS_READ)
def show_consent(call: Call, consent: ConsentId) -> ConsentProof:
    """With the exact text, whose hash is made anew. The reading is in the audit log."""
    return ConsentProof.model_validate(consents.proof(call.database, call.tenant, consent, actor=call.actor))


@router.post("/withdraw", summary="Withdraw all of a person's consents to a purpose")
@needs(Permission.CONSENTS_RECORD)
def withdraw_all(call: Call, body: WithdrawalOfAll) -> list[Consent]:
    """Those that were active and have ended now; an empty list where there was none."""
    ended = consent_intake.withdraw_all(
        call.database,
        call.tenant,
        body.pseudonym(call),
        body.purpose,
        channel=body.channel,
        reason=body.reason,
        actor=call.actor,
    )
    return [Consent.model_validate(each) for each in ended]


@router.post("/{consent}/withdraw", summary="Withdraw a consent")
@needs(Permission.CONSENTS_RECORD)
def withdraw_consent(call: Call, consent: ConsentId, body: Withdrawal) -> Consent:
    """From now on. What rested on it alone is looked for within the hour."""
    ended = consents.withdraw(
        call.database, call.tenant, consent, channel=body.channel, reason=body.reason, actor=call.actor
    )
    return Consent.model_validate(ended)


def _stated(call: Asked, body: ConsentToRecord) -> Stated:
    body.pseudonym(call)  # here a wrong identifier is known by its field
    values: dict[str, Any] = body.model_dump(exclude={"subject_kind", "subject"})
    return Stated(body.subject_kind, body.identifier, checked(NewConsent, values))


def _page(
    call: Asked, subject: str | None, purpose: str | None, *, active: bool, limit: int, cursor: str | None
) -> Page[Consent]:
    found = consents.listed(
        call.database,
        call.tenant,
        subject=subject,
        purpose=purpose,
        active_at=datetime.now(UTC) if active else None,
        after=moment_and_id(cursor),
        limit=limit + 1,
    )
    items = [Consent.model_validate(each) for each in found[:limit]]
    last = items[-1] if len(found) > limit else None
    return Page(items=items, next=cursor_of(last.given_at.isoformat(), last.consent_id) if last else None)
