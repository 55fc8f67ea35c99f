"""What rested on a consent that ended and must go, or is kept for a reason (KVKK art. 7). One check a consent."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from hub.api.asked import Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page
from hub.api.moments import after, moment_and_id
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.kvkk import erasure_checks
from hub.kvkk.erasure_checks import Cause, State

router = make_router("destruction", "/erasure-checks")

ConsentId = Annotated[UUID, Path(description="The consent's id.")]


class ErasureCheck(Answer):
    """`datasets`: records that rested on the consent when it was examined, by `<provider>.<stream>`."""

    consent_id: UUID
    cause: Cause
    state: State
    datasets: dict[str, int] = Field(examples=[{"findeks.reports": 1}])
    raised_at: datetime
    due_at: datetime = Field(description="Three months after the consent's end.")
    examined_at: datetime | None
    settled_at: datetime | None
    settled_by: str | None
    settled_reason: str | None


class Outcome(Body):
    """What became of the data."""

    outcome: Literal["erased", "kept"]
    reason: str | None = Field(
        default=None,
        min_length=1,
        max_length=1_000,
        examples=["VUK m. 253"],
        description="Why it is kept: an article, a hold or a file number. It names nobody.",
    )


@router.get("", summary="List the checks of consents that ended")
@needs(Permission.DESTRUCTION_READ)
def list_checks(
    call: Call,
    everything: Annotated[
        bool, Query(alias="all", description="Settled ones too, and those that found nothing.")
    ] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[ErasureCheck]:
    """The most pressing first. Whose records they are stands with the consent."""
    found = erasure_checks.listed(
        call.database, call.tenant, everything=everything, after=moment_and_id(cursor), limit=limit + 1
    )
    last = found[limit - 1] if len(found) > limit else None
    items = [ErasureCheck.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=after(last.due_at, last.consent_id) if last else None)


@router.get("/{consent}", summary="Show a consent's check")
@needs(Permission.DESTRUCTION_READ)
def show_check(call: Call, consent: ConsentId) -> ErasureCheck:
    """Made when the consent is withdrawn, or within the hour after it expired."""
    return ErasureCheck.model_validate(erasure_checks.get(call.database, call.tenant, consent))


@router.post("/{consent}/settle", summary="Settle a check")
@needs(Permission.DESTRUCTION_DECIDE)
def settle_check(call: Call, consent: ConsentId, body: Outcome) -> ErasureCheck:
    """`erased` is looked at again, and is refused while a record is left; `kept` needs its reason."""
    from connectors.registry import PROVIDERS

    with naming_fields({"check_reason_": "reason"}):
        settled = erasure_checks.settle(
            call.database,
            PROVIDERS,
            call.tenant,
            consent,
            outcome=body.outcome,
            reason=body.reason,
            actor=call.actor,
        )
    return ErasureCheck.model_validate(settled)
