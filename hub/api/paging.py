"""Lists that grow are read in parts: a limit, a cursor, and `next` in the answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query
from pydantic import BaseModel

from hub.api.models import MOST_A_PAGE, PAGE_SIZE, Page

Limit = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="How many at most.")]
Cursor = Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")]
AT_ONCE = PAGE_SIZE

Item = TypeVar("Item", bound=BaseModel)


def page_of(model: type[Item], found: Sequence[Any], limit: int, *, place: Callable[[Any], str]) -> Page[Item]:
    """A page of what was read, one row more than the limit if there are more. `place` is a row's cursor."""
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        items=[model.model_validate(each) for each in found[:limit]], next=place(last) if last is not None else None
    )
