"""Records that were not loaded because no legal basis was recorded for whom they are about."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from hub.api.asked import Asked, Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Page
from hub.api.moments import after, moment_and_id
from hub.api.need import needs
from hub.api.persons import PersonNamed
from hub.api.route import router as make_router
from hub.control import refusals
from hub.identity.permissions import Permission
from hub.messages import text_of

router = make_router("consents", "/refusals")


class Refusal(Answer):
    """A record that waits for a basis, by its key; nothing of what it tells. `data_subject` is a pseudonym."""

    refusal_id: UUID
    provider: str = Field(examples=["findeks"])
    stream: str = Field(examples=["reports"])
    record_key: str
    data_subject: str | None
    purpose: str
    code: str
    text: str = Field(description="The code in words.")
    first_refused_at: datetime
    last_refused_at: datetime
    settled_at: datetime | None
    settled_as: Literal["loaded", "gone"] | None = Field(description="A basis came, or the provider has it no more.")


class PersonsRefusals(PersonNamed):
    """What of one person was not loaded."""

    provider: str | None = Field(default=None, min_length=1, max_length=40)
    settled: bool = False
    limit: int = Field(default=PAGE_SIZE, ge=1, le=MOST_A_PAGE)
    cursor: str | None = Field(default=None, max_length=2_000)


@router.get("", summary="List what was not loaded")
@needs(Permission.CONSENTS_READ)
def list_refusals(
    call: Call,
    provider: Annotated[str | None, Query(min_length=1, max_length=40, examples=["findeks"])] = None,
    settled: Annotated[bool, Query(description="Those that were loaded since, or are gone, too.")] = False,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Refusal]:
    """The last ones first. Record a basis, and the next sync loads what the provider still has."""
    return _page(call, None, provider, settled=settled, limit=limit, cursor=cursor)


@router.post("/search", summary="List what of one person was not loaded")
@needs(Permission.CONSENTS_READ)
def search_refusals(call: Call, body: PersonsRefusals) -> Page[Refusal]:
    """The identifier stands in the body, so that it is in nobody's log of addresses."""
    subject = body.pseudonym(call)
    return _page(call, subject, body.provider, settled=body.settled, limit=body.limit, cursor=body.cursor)


def _page(
    call: Asked, subject: str | None, provider: str | None, *, settled: bool, limit: int, cursor: str | None
) -> Page[Refusal]:
    found = refusals.listed(
        call.database,
        call.tenant,
        provider=provider,
        subject=subject,
        settled=settled,
        after=moment_and_id(cursor),
        limit=limit + 1,
    )
    last = found[limit - 1] if len(found) > limit else None
    items = [Refusal.model_validate({**vars(each), "text": text_of(each.code)}) for each in found[:limit]]
    return Page(items=items, next=after(last.last_refused_at, last.refusal_id) if last else None)
