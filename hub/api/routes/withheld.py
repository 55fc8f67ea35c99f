"""What statutes keep of people who were erased: where it stood, why and until when. No value is opened here.

Reading one is for those whom the operator permits on the hub's machine (`hub kvkk withheld read`).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import Field

from hub.api.asked import Call
from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Answer, Page, cursor_of, keys_of
from hub.api.moments import id_of
from hub.api.need import needs
from hub.api.route import router as make_router
from hub.errors import HubError
from hub.identity.permissions import Permission
from hub.kvkk.erasure import withheld_records

router = make_router("destruction", "/withheld")


class Withheld(Answer):
    """One value that is kept, by stream, key of its record and column."""

    stream: str = Field(examples=["iyzico.settlement_files"])
    record: str
    column: str
    category: str = Field(examples=["FINANS"])
    article: str = Field(examples=["VUK m. 253"])
    withheld_at: datetime
    due_on: date = Field(description="Destroyed by the first retention run on or after this day.")
    erasure_id: UUID


@router.get("", summary="List what statutes keep of erased people")
@needs(Permission.DESTRUCTION_READ)
def list_withheld(
    call: Call,
    stream: Annotated[str | None, Query(min_length=1, max_length=104, examples=["iyzico.settlement_files"])] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_A_PAGE)] = PAGE_SIZE,
    cursor: Annotated[str | None, Query(max_length=2_000)] = None,
) -> Page[Withheld]:
    """The first that is due ahead."""
    found = withheld_records.listed(call.database, call.tenant, stream=stream, after=_place(cursor), limit=limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    items = [Withheld.model_validate(each) for each in found[:limit]]
    if last is None:
        return Page(items=items)
    return Page(
        items=items, next=cursor_of(last.due_on.isoformat(), last.stream, last.record, last.column, last.erasure_id)
    )


def _place(cursor: str | None) -> withheld_records.Place | None:
    if cursor is None:
        return None
    due_on, stream, record, column, erasure_id = keys_of(cursor, 5)
    try:
        return date.fromisoformat(str(due_on)), str(stream), str(record), str(column), id_of(erasure_id)
    except ValueError:
        raise HubError("cursor_malformed") from None
