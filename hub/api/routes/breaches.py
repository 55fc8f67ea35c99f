"""Breaches: registered, filled in, told to the Board, closed; and the Board's form as a paper."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.breach_form import BreachFields
from hub.api.forms import PAGE_POLICY, attachment
from hub.api.headers import tells
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page, cursor_of
from hub.api.moments import Moment, moment_and_id
from hub.api.need import needs
from hub.api.route import documented
from hub.api.route import router as make_router
from hub.api.versions import IfMatch, etag, version_of
from hub.i18n import Language, language_in_use
from hub.identity.permissions import Permission
from hub.kvkk.breach import record, register
from hub.kvkk.breach.vocabulary import Stage, State

if TYPE_CHECKING:
    from hub.kvkk.breach.record import Breach as Recorded

router = make_router("breaches", "/breaches")

BreachId = Annotated[UUID, Path()]
LanguageAsked = Annotated[Language | None, Query(description="Of the paper; the call's unless given.")]
_PAPER_TYPES = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "json": "application/json",
}
_FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}


class Breach(Answer):
    """A breach without its form. People who acted stand by their ids."""

    breach_id: UUID
    state: State
    learned_at: datetime
    board_due_at: datetime = Field(description="72 hours after learning of it.")
    remaining_seconds: int | None = Field(description="To tell the Board; negative when it is over.")
    began_at: datetime | None
    ended_at: datetime | None
    board_notified_at: datetime | None
    persons_notified_at: datetime | None
    registered_by: str
    created_at: datetime
    closed_at: datetime | None


class BreachEvent(Answer):
    """One entry of a breach's timeline: codes, counts, names of fields."""

    number: int
    at: datetime
    actor: str
    event: str
    details: dict[str, Any]


class BreachOverview(Breach):
    """How it stands: what the Board's form misses, how many are concerned and were told, what was done."""

    missing: list[str] = Field(examples=[["began_at", "sources"]])
    subjects: int
    told: int
    timeline: list[BreachEvent]


class BreachToRegister(BreachFields):
    """When the controller learned of it, and what happened; all else may follow later.

    One at least of `source_details`, `sources`, `affected` and `detected_how` says what.
    """

    learned_at: Moment = Field(examples=["2026-11-27T10:15:00+03:00"])


class BoardTold(Body):
    """That the Board was told, with the proof: the Authority's number."""

    stage: Stage
    at: Moment | None = Field(default=None, description="Now unless given.")
    evidence_ref: str = Field(min_length=1, max_length=200, examples=["KVKK-2026-4711"])


class Closing(Body):
    """Whether it turned out to be no breach at all."""

    false_alarm: bool = Field(default=False, examples=[False])


_CLOSED = Closing()


@router.get("", summary="List breaches")
@needs(Permission.BREACHES_READ)
def list_breaches(
    call: Call,
    closed: Annotated[bool, Query(description="Closed ones too.")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Breach]:
    """Newest first."""
    found = record.listed(call.database, call.tenant, closed=closed, after=moment_and_id(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[_breach(each) for each in found[:limit]],
        next=cursor_of(last.learned_at.isoformat(), last.breach_id) if last else None,
    )


@router.post("", status_code=201, summary="Register a breach")
@needs(Permission.BREACHES_HANDLE)
@tells("Location")
def register_breach(call: Call, body: BreachToRegister, response: Response) -> Breach:
    """The 72 hours run from `learned_at`."""
    made = register.register(
        call.database, call.keyring, call.tenant, learned_at=body.learned_at, fields=body.stated, actor=call.actor
    )
    response.headers["Location"] = f"/api/v1/breaches/{made.breach_id}"
    return _breach(made)


@router.get("/{breach}", summary="Show a breach")
@needs(Permission.BREACHES_READ)
@tells("ETag")
def show_breach(call: Call, breach: BreachId, response: Response) -> BreachOverview:
    """The form is opened to see what it misses; that is in the audit log. Its `ETag` is for `If-Match`."""
    from hub.kvkk.breach.overview import overview

    seen = overview(call.database, call.keyring, call.tenant, breach, actor=call.actor)
    response.headers["ETag"] = etag(seen.breach.version)
    return BreachOverview(
        **_breach(seen.breach).model_dump(),
        missing=list(seen.missing),
        subjects=seen.subjects,
        told=seen.told,
        timeline=[BreachEvent.model_validate(each) for each in seen.timeline],
    )


@router.patch("/{breach}", summary="Fill in the Board's form")
@needs(Permission.BREACHES_HANDLE)
@tells("ETag")
def update_breach(
    call: Call, breach: BreachId, body: BreachFields, response: Response, if_match: IfMatch = None
) -> Breach:
    """Fields that are not named stay; null takes one back. Two who fill it in together say `If-Match`."""
    version = version_of(if_match)
    after = register.update(
        call.database, call.keyring, call.tenant, breach, fields=body.stated, actor=call.actor, version=version
    )
    response.headers["ETag"] = etag(after.version)
    return _breach(after)


@router.post("/{breach}/board", summary="Note that the Board was told")
@needs(Permission.BREACHES_HANDLE)
def tell_board(call: Call, breach: BreachId, body: BoardTold) -> Breach:
    """The first time stops the clock. The notice itself goes by the Authority's own form."""
    noted = register.tell_board(
        call.database,
        call.keyring,
        call.tenant,
        breach,
        stage=body.stage,
        at=body.at,
        evidence_ref=body.evidence_ref,
        actor=call.actor,
    )
    return _breach(noted)


@router.post("/{breach}/close", summary="Close a breach")
@needs(Permission.BREACHES_HANDLE)
def close_breach(call: Call, breach: BreachId, body: Closing = _CLOSED) -> Breach:
    """Once the Board and everybody concerned were told. The register keeps it."""
    return _breach(register.close(call.database, call.tenant, breach, false_alarm=body.false_alarm, actor=call.actor))


@router.get(
    "/{breach}/form",
    summary="Write the Board's form",
    response_class=Response,
    responses={200: {"content": {"text/html": _FILE, "application/json": {"schema": {"type": "object"}}}}},
)
@needs(Permission.BREACHES_DOWNLOAD)
def write_form(
    call: Call,
    breach: BreachId,
    format_: Annotated[Literal["html", "json"], Query(alias="format")] = "html",
    language: LanguageAsked = None,
) -> Response:
    """What is missing is marked. It names the controller's contact person, so a second factor is asked for."""
    return _paper(call, breach, "form", format_, language)


@router.get(
    "/{breach}/notice",
    summary="Write the notice to the persons",
    response_class=Response,
    responses={200: {"content": {"text/html": _FILE, "text/plain": _FILE}}, 409: documented(409)},
)
@needs(Permission.BREACHES_DOWNLOAD)
def write_notice(
    call: Call,
    breach: BreachId,
    format_: Annotated[Literal["text", "html"], Query(alias="format")] = "text",
    language: LanguageAsked = None,
) -> Response:
    """What everybody concerned is told."""
    return _paper(call, breach, "notice", format_, language)


def _paper(call: Asked, breach: UUID, paper: str, shape: str, language: Language | None) -> Response:
    from hub.kvkk.breach.papers import write_paper

    made = write_paper(
        call.database,
        call.keyring,
        call.tenant,
        breach,
        paper=paper,
        shape=shape,
        language=language or language_in_use(),
        actor=call.actor,
    )
    headers = attachment(f"breach-{paper}-{breach}.{'txt' if shape == 'text' else shape}")
    if shape == "html":
        headers["Content-Security-Policy"] = PAGE_POLICY
    return Response(made.content, media_type=_PAPER_TYPES[shape], headers=headers)


def _breach(found: Recorded) -> Breach:
    left = found.remaining(datetime.now(UTC))
    values = {name: getattr(found, name) for name in Breach.model_fields if name != "remaining_seconds"}
    return Breach(**values, remaining_seconds=None if left is None else int(left.total_seconds()))
