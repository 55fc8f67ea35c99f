"""Points in time as callers give them, within years that every clock and database can hold."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from hub.api.models import cursor_of, keys_of
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Id = TypeVar("Id")

_FIRST, _LAST = 1971, 2199
"""Years."""


def _within_reach(moment: datetime) -> datetime:
    """Arithmetic with zones fails at the ends of the calendar."""
    if not _FIRST <= moment.year <= _LAST:
        raise PydanticCustomError("field_not_a_date", "")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_within_reach)]
"""A time with its zone, `2026-11-27T09:00:00+03:00`, in the years 1971 to 2199."""


def after(moment: datetime, id_: object) -> str:
    """The cursor of a list that is in order of time, behind this row."""
    return cursor_of(moment.isoformat(), str(id_))


def where(cursor: str | None, id_of: Callable[[str], Id] = UUID) -> tuple[datetime, Id] | None:
    """Time and id in such a cursor; None for the first page. HubError `cursor_malformed`."""
    if cursor is None:
        return None
    moment_text, id_text = map(str, keys_of(cursor, 2))
    try:
        moment, id_ = datetime.fromisoformat(moment_text), id_of(id_text)
    except (ValueError, OverflowError):
        raise HubError("cursor_malformed") from None
    if moment.tzinfo is None or not _FIRST <= moment.year <= _LAST:
        raise HubError("cursor_malformed")
    return moment, id_
