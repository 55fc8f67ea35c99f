"""Applications of data subjects (KVKK art. 11, 13): opened, listed, shown. Who applies is sealed and stands apart."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of, keys_of
from hub.api.moments import Moment, id_of, moment_of
from hub.api.need import needs
from hub.api.persons import IdentifierNamed, all_known_as
from hub.api.route import router as make_router
from hub.i18n import _
from hub.identity.permissions import Permission
from hub.kvkk.requests import opening, record
from hub.kvkk.requests.new_request import NewRequest, Phone
from hub.kvkk.requests.vocabulary import (
    ARTICLES,
    Channel,
    Decision,
    Outcome,
    RequestType,
    State,
    WorkState,
)
from hub.validation import checked

router = make_router("requests", "/requests")

RequestId = Annotated[UUID, Path()]
MOST_IDENTIFIERS = 20
Line = Annotated[str, Field(min_length=1, max_length=300)]


class DataRequest(Answer):
    """An application in codes and times. `handler` is a user's id, or a name given on the hub's machine."""

    request_id: UUID
    type: RequestType
    state: State
    outcome: Outcome | None
    channel: str
    language: str
    received_at: datetime
    due_at: datetime = Field(description="By then it must be answered (KVKK art. 13/2).")
    identity_confirmed_at: datetime | None
    identity_method: str | None
    handler: str | None
    refusal_code: str | None
    refusal_article: str | None
    destruction_due: date | None
    fee: Decimal
    answered_at: datetime | None
    closed_at: datetime | None
    work_state: WorkState = Field(description="The hub's own part: packing, or erasing.")
    work_code: str | None = Field(examples=["erasure_needs_approval"])
    warned_days: list[int]


class RequestSubject(Answer):
    """One whom the request concerns, by an id that says nothing of the person. `review`: a person decides."""

    subject_id: str
    reached_by: str = Field(examples=["strong"])
    decision: Decision
    decided_by: str | None


class RequestEvent(Answer):
    """One line of the history, in codes and counts."""

    number: int
    at: datetime
    actor: str
    event: str
    details: dict[str, Any]


class RequestPackage(Answer):
    """A package that was made for the request."""

    export_id: UUID
    state: str = Field(examples=["ready"])
    bytes: int | None
    sha256: str | None
    link_expires_at: datetime | None
    downloaded_at: datetime | None
    failure_code: str | None
    created_at: datetime


class RequestInWhole(DataRequest):
    """With what the law says of it, whom it concerns, its history, and what the hub and the desk do."""

    article: str = Field(examples=["KVKK 11/1-c"])
    hub_does: str
    desk_does: str
    lists: list[str] = Field(description="Recipients, or columns of scores, where the request asks about them.")
    subjects: list[RequestSubject]
    events: list[RequestEvent]
    packages: list[RequestPackage]


class SealedParts(Answer):
    """What the applicant said of themselves and asked, and what was answered. In clear."""

    contact: dict[str, Any] | None
    content: dict[str, Any] | None
    answer: dict[str, Any] | None


class ContactGiven(Body):
    """Where the answer goes: a name and at least one way."""

    name: Line = Field(repr=False, examples=["Ayşe Yılmaz"])
    email: Line | None = Field(default=None, repr=False, examples=["ayse@ornek.com.tr"])
    address: Line | None = Field(default=None, repr=False)
    phone: Phone | None = Field(default=None, repr=False)


class CorrectionGiven(Body):
    """One value that is wrong: where it stands, and what it should be."""

    source: Line = Field(examples=["bulutfon"])
    field: Line
    value: Line = Field(repr=False)


class RequestToOpen(Body):
    """An application. Identifiers become pseudonyms, everything else of the applicant is sealed."""

    type: RequestType
    channel: Channel
    language: Literal["tr", "en"] = "tr"
    received_at: Moment | None = Field(default=None, description="Now unless given: the thirty days run from it.")
    identifiers: list[IdentifierNamed] = Field(min_length=1, max_length=MOST_IDENTIFIERS)
    contact: ContactGiven
    text: str | None = Field(default=None, min_length=1, max_length=20_000, repr=False)
    corrections: list[CorrectionGiven] = Field(default_factory=list[CorrectionGiven], max_length=100)


@router.post("", status_code=201, summary="Open a request")
@needs(Permission.REQUESTS_OPEN)
@tells("Location")
def open_request(call: Call, body: RequestToOpen, response: Response) -> DataRequest:
    """For the desk, and for an application built for it. Nothing of the applicant is answered back."""
    values = body.model_dump(exclude={"identifiers"}, exclude_none=True)
    named = all_known_as(call, body.identifiers)
    made = opening.open_request(
        call.database, call.keyring, call.tenant, checked(NewRequest, values), named, actor=call.actor
    )
    response.headers["Location"] = f"/api/v1/requests/{made.request_id}"
    return DataRequest.model_validate(made)


@router.get("", summary="List requests")
@needs(Permission.REQUESTS_READ)
def list_requests(
    call: Call,
    answered: Annotated[
        bool, Query(description="Those that have been answered too; `state`, where given, says it instead.")
    ] = False,
    state: Annotated[list[State] | None, Query(max_length=6)] = None,
    type_: Annotated[list[RequestType] | None, Query(alias="type", max_length=8)] = None,
    handler: Annotated[str | None, Query(min_length=1, max_length=200, description="A user's id.")] = None,
    due_before: Annotated[Moment | None, Query(examples=["2026-12-01T00:00:00Z"])] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[DataRequest]:
    """The most urgent first; nothing in it names a person."""
    found = record.page(
        call.database,
        call.tenant,
        only_open=not answered and not state,
        wanted=record.Wanted(state or (), type_ or (), handler, due_before),
        after=_place_in(cursor),
        limit=limit + 1,
    )
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[DataRequest.model_validate(each) for each in found[:limit]],
        next=cursor_of(int(last.answered_at is not None), last.due_at.isoformat(), last.request_id) if last else None,
    )


@router.get("/{request}", summary="Show a request")
@needs(Permission.REQUESTS_READ)
def show_request(call: Call, request: RequestId) -> RequestInWhole:
    """With its history. What is sealed stands under `/content`."""
    from hub.kvkk.requests.overview import overview

    seen = overview(call.database, call.tenant, request, call.services.policies)
    return RequestInWhole(
        **DataRequest.model_validate(seen.request).model_dump(),
        article=ARTICLES[seen.request.type],
        hub_does=_(seen.duties.hub),
        desk_does=_(seen.duties.person),
        lists=list(seen.lists),
        subjects=[RequestSubject.model_validate(each) for each in seen.subjects],
        events=[RequestEvent.model_validate(each) for each in seen.events],
        packages=[RequestPackage.model_validate(each) for each in seen.packages],
    )


@router.get("/{request}/content", summary="Read what is sealed")
@needs(Permission.REQUESTS_DOWNLOAD)
def read_content(call: Call, request: RequestId) -> SealedParts:
    """The applicant's contact, their text and the answer, in clear: the reading is in the audit log."""
    from hub.kvkk.requests import sealed

    parts = sealed.reveal(
        call.database, call.keyring, call.tenant, request, ("contact", "content", "answer"), actor=call.actor
    )
    return SealedParts(contact=parts["contact"], content=parts["content"], answer=parts["answer"])


def _place_in(cursor: str | None) -> tuple[bool, datetime, UUID] | None:
    if cursor is None:
        return None
    answered, due, request_id = keys_of(cursor, 3)
    return bool(answered), moment_of(due), id_of(request_id)
