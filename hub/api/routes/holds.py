"""Legal holds (kvkk.md, section 6): what a lawsuit, an audit or an authority needs is not destroyed meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from hub.api.asked import Call
from hub.api.headers import tells
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Body, Page
from hub.api.moments import Moment, after, moment_and_id
from hub.api.naming import naming_fields
from hub.api.need import needs
from hub.api.persons import IdentifierNamed
from hub.api.route import router as make_router
from hub.identity.permissions import Permission
from hub.kvkk import holds
from hub.kvkk.holds import Reason, Scope

router = make_router("destruction", "/holds")

HoldId = Annotated[UUID, Path()]
_FIELDS = {"hold_target_": "target", "hold_over_": "held_until"}


class Hold(Answer):
    """A hold. `target`: a subject's id, a dataset, a category or `*`; who acted stands by their id, or a name."""

    hold_id: UUID
    scope: Scope
    target: str = Field(examples=["landing.iyzico_settlement_files"])
    reason: Reason
    legal_ref: str
    held_from: datetime
    held_until: datetime | None
    placed_by: str
    placed_at: datetime
    released_at: datetime | None


class Ground(Body):
    """Why it is held and until when."""

    reason: Reason
    legal_ref: str = Field(
        min_length=1,
        max_length=1_000,
        pattern=r"\S",
        examples=["HMK m. 219; Kadıköy 2. ATM 2026/123"],
        description="Article, court and file number. It names nobody.",
    )
    held_until: Moment | None = Field(default=None, description="When it ends by itself.")


class HoldToPlace(Ground):
    """What is held; all of the tenant's data with `*`."""

    scope: Scope = Field(examples=["dataset"])
    target: str = Field(
        max_length=80,
        examples=["landing.iyzico_settlement_files"],
        description="Of `subject` an id that the tenant knows (32 hex digits), of `dataset` a table, of `tenant` `*`.",
    )


class PersonToHold(Ground):
    """Whose data is held, by one of their identifiers."""

    identifier: IdentifierNamed


@router.get("", summary="List legal holds")
@needs(Permission.DESTRUCTION_READ)
def list_holds(
    call: Call,
    in_force: Annotated[bool, Query(description="Those that hold now alone.")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Hold]:
    """Newest first. People appear as ids of subjects."""
    found = holds.listed(call.database, call.tenant, in_force=in_force, after=moment_and_id(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [Hold.model_validate(each) for each in found[:limit]]
    return Page(items=items, next=after(last.placed_at, last.hold_id) if last else None)


@router.post("", status_code=201, summary="Place a legal hold")
@needs(Permission.DESTRUCTION_DECIDE)
@tells("Location")
def place_hold(call: Call, body: HoldToPlace, response: Response) -> Hold:
    """From now on nothing in its scope is destroyed, whether asked for or by age."""
    new = holds.NewHold(body.scope, body.target, body.reason, body.legal_ref, body.held_until)
    with naming_fields(_FIELDS):
        placed = holds.place(call.database, call.tenant, new, actor=call.actor)
    response.headers["Location"] = f"/api/v1/holds/{placed.hold_id}"
    return Hold.model_validate(placed)


@router.post("/person", status_code=201, summary="Hold a person's data")
@needs(Permission.DESTRUCTION_DECIDE)
def hold_person(call: Call, body: PersonToHold) -> list[Hold]:
    """A hold on each subject that is known to be the person; the identifier is not answered back."""
    pair = body.identifier.known_as(call, "identifier")
    new = holds.NewHold("subject", "", body.reason, body.legal_ref, body.held_until)
    with naming_fields(_FIELDS):
        placed = holds.place_on_person(call.database, call.keyring, call.tenant, pair, new, actor=call.actor)
    return [Hold.model_validate(each) for each in placed]


@router.get("/{hold}", summary="Show a legal hold")
@needs(Permission.DESTRUCTION_READ)
def show_hold(call: Call, hold: HoldId) -> Hold:
    """Whether it holds or was released."""
    return Hold.model_validate(holds.get(call.database, call.tenant, hold))


@router.post("/{hold}/release", summary="Release a legal hold")
@needs(Permission.DESTRUCTION_DECIDE)
def release_hold(call: Call, hold: HoldId) -> Hold:
    """From now on; what waited for it goes with the next request or retention run. One that is released is unknown."""
    return Hold.model_validate(holds.release(call.database, call.tenant, hold, actor=call.actor))
