"""Steps of a request: who applies, whose it is, what a reviewer decides, the work, the answer.

Whoever calls is whoever acts: a request's handler is a user's id, so nobody passes for another by typing a name.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from connectors.secret import Secret
from hub.api.asked import Call
from hub.api.models import Answer, Body
from hub.api.moments import Day
from hub.api.need import needs
from hub.api.persons import IdentifierNamed, all_known_as
from hub.api.route import router as make_router
from hub.api.routes.requests import MOST_IDENTIFIERS, DataRequest, RequestId, RequestSubject
from hub.identity.permissions import Permission
from hub.kvkk.requests import answering, handling, identity, signed_in, subjects
from hub.kvkk.requests.fees import AnswerForm, Delivery
from hub.kvkk.requests.vocabulary import IdentityMethod
from hub.kvkk.wording import require_code
from hub.messages import text_of

if TYPE_CHECKING:
    from hub.kvkk.requests.answering import Refusal
    from hub.kvkk.requests.record import Request

router = make_router("requests", "/requests/{request}")

Code = Annotated[str, Field(min_length=1, max_length=63, json_schema_extra={"pattern": "^[a-z][a-z0-9_]*$"})]
_DOUBTFUL = "request_identity_doubtful"


class IdentifiersToAdd(Body):
    """What the applicant named later."""

    identifiers: list[IdentifierNamed] = Field(min_length=1, max_length=MOST_IDENTIFIERS)


class IdentityCheck(Body):
    """How it was checked. No document is kept or described."""

    method: IdentityMethod
    identifiers: list[IdentifierNamed] = Field(default_factory=list[IdentifierNamed], max_length=MOST_IDENTIFIERS)


class IdentityChecked(DataRequest):
    """The request, and why the identity is not established where it is not."""

    reason: str | None = Field(examples=["request_identity_doubtful"])
    reason_text: str | None


class Assignment(Body):
    """Whose it is from now on."""

    user_id: UUID = Field(examples=["4b0c6f0e-6a53-4f0c-9a39-0d6a3c9b7a10"])
    warn: bool = Field(default=False, description="Warnings of its due date go to the user's address.")


class Question(Body):
    """What the applicant was asked for, as a code of your own that names nobody."""

    missing: Code = Field(examples=["tckn"])


class SubjectDecision(Body):
    """Whether a subject's data is the applicant's, and why, as a code."""

    decision: Literal["included", "excluded"]
    reason: Code = Field(examples=["family_phone"])


class Ground(Body):
    """Why it is refused, wholly or in part (KVKK art. 13/3)."""

    code: Code = Field(examples=["statutory_retention"])
    article: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None
    destruction_due: Day | None = None


class RequestAnswer(Body):
    """The answer, which is sealed. `refused_part` says why a part is refused."""

    text: str = Field(
        min_length=1, max_length=20_000, repr=False, examples=["Başvurunuz kabul edildi; verileriniz ektedir."]
    )
    form: AnswerForm = "electronic"
    pages: int = Field(default=0, ge=0, le=100_000)
    medium_cost: Decimal = Field(default=Decimal(0), ge=0, le=100_000, max_digits=9, decimal_places=2)
    own_fault: bool = False
    refused_part: Ground | None = None


class RefusalToGive(Body):
    """The reasons, which are sealed; without a ground the one stands that the hub's own work found."""

    text: str = Field(
        min_length=1,
        max_length=20_000,
        repr=False,
        examples=["Faturalar on yıl saklanmak zorunda olduğundan silinemez."],
    )
    ground: Ground | None = Field(
        default=None, examples=[{"code": "statutory_retention", "article": "TTK 82", "destruction_due": "2036-12-31"}]
    )


class ErasureApproved(Answer):
    """Who approved the erasure of how many subjects. Somebody starts the work again after it."""

    by: str
    subjects: int


@router.post("/identifiers", summary="Add identifiers")
@needs(Permission.REQUESTS_HANDLE)
def add_identifiers(call: Call, request: RequestId, body: IdentifiersToAdd) -> DataRequest:
    """They prove nothing by themselves: the identity is checked again."""
    named = all_known_as(call, body.identifiers)
    return _told(identity.name_identifiers(call.database, call.tenant, request, named, actor=call.actor))


@router.post("/identify", summary="Check who applies")
@needs(Permission.REQUESTS_HANDLE)
def identify(call: Call, request: RequestId, body: IdentityCheck) -> IdentityChecked:
    """Where the doubt stays `identity_confirmed_at` is null, and `reason` says why."""
    named = all_known_as(call, body.identifiers)
    found = identity.identify(
        call.database, call.keyring, call.tenant, request, body.method, actor=call.actor, added=named
    )
    told = _told(found).model_dump()
    if found.identity_confirmed_at is not None and found.identity_method == body.method:
        return IdentityChecked(**told, reason=None, reason_text=None)
    return IdentityChecked(**told, reason=_DOUBTFUL, reason_text=text_of(_DOUBTFUL, method=body.method))


@router.post("/ask", summary="Note what is missing")
@needs(Permission.REQUESTS_HANDLE)
def ask(call: Call, request: RequestId, body: Question) -> DataRequest:
    """The asking is a person's; the thirty days run on."""
    require_code("missing", body.missing)
    return _told(handling.ask(call.database, call.tenant, request, body.missing, actor=call.actor))


@router.post("/assign", summary="Make it somebody's")
@needs(Permission.REQUESTS_HANDLE)
def assign(call: Call, request: RequestId, body: Assignment) -> DataRequest:
    """That user alone starts, answers or refuses it then."""
    moved = signed_in.assign_to_user(
        call.database, call.keyring, call.tenant, request, body.user_id, warn=body.warn, actor=call.actor
    )
    return _told(moved)


@router.post("/subjects/{subject}/decision", summary="Decide about a subject")
@needs(Permission.REQUESTS_HANDLE)
def decide(call: Call, request: RequestId, subject: Annotated[UUID, Path()], body: SubjectDecision) -> RequestSubject:
    """Of those who were reached through a weak or shared identifier."""
    require_code("reason", body.reason)
    done = subjects.decide(
        call.database, call.tenant, request, subject.hex, body.decision, reason=body.reason, actor=call.actor
    )
    return RequestSubject.model_validate(done)


@router.post("/start", summary="Start the work")
@needs(Permission.REQUESTS_HANDLE)
def start(call: Call, request: RequestId) -> DataRequest:
    """Or start it again after it failed. What the hub does by itself, packing or erasing, a run takes up at once."""
    return _told(handling.start(call.database, call.keyring, call.tenant, request, actor=call.actor))


@router.post("/approve-erasure", summary="Approve an erasure of many")
@needs(Permission.REQUESTS_APPROVE)
def approve_erasure(call: Call, request: RequestId) -> ErasureApproved:
    """By somebody else than whoever handles or started it, and for those alone who are meant now."""
    from hub.kvkk.erasure import approval

    given = approval.approve(call.database, call.keyring, call.tenant, request, actor=call.actor)
    return ErasureApproved.model_validate(given)


@router.post("/answer", summary="Answer a request")
@needs(Permission.REQUESTS_HANDLE)
def answer(call: Call, request: RequestId, body: RequestAnswer) -> DataRequest:
    """Accepts it, wholly or in part. The most that may be asked for it is in `fee`."""
    delivery = Delivery(body.form, body.pages, body.medium_cost, body.own_fault)
    refused_part = _refusal(body.refused_part)
    return _told(
        answering.answer(
            call.database,
            call.keyring,
            call.tenant,
            request,
            Secret(body.text),
            actor=call.actor,
            delivery=delivery,
            refused_part=refused_part,
        )
    )


@router.post("/refuse", summary="Refuse a request")
@needs(Permission.REQUESTS_HANDLE)
def refuse(call: Call, request: RequestId, body: RefusalToGive) -> DataRequest:
    """The whole of it, with ground, article and reasons."""
    refusal = _refusal(body.ground)
    text = Secret(body.text)
    return _told(answering.refuse(call.database, call.keyring, call.tenant, request, text, refusal, actor=call.actor))


@router.post("/close", summary="Close a request")
@needs(Permission.REQUESTS_HANDLE)
def close(call: Call, request: RequestId) -> DataRequest:
    """Once the answer has reached the applicant."""
    return _told(answering.close(call.database, call.tenant, request, actor=call.actor))


def _told(request: Request) -> DataRequest:
    return DataRequest.model_validate(request)


def _refusal(ground: Ground | None) -> Refusal | None:
    if ground is None:
        return None
    return answering.Refusal(ground.code, article=ground.article, destruction_due=ground.destruction_due)
