"""Times that callers state, and cursors of lists that are in the order of time.

Python reads the year 1 and Postgres reads the year 10000, and a time zone turns each into what the other cannot hold:
so a time is taken only from years in which something can have happened, or can be planned.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from hub.api.models import cursor_of, keys_of
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Callable

EARLIEST, LATEST = 1900, 2199

When = TypeVar("When", bound=date)
Id = TypeVar("Id")


def _plausible(value: When) -> When:
    if not EARLIEST <= value.year <= LATEST:
        raise PydanticCustomError("field_not_a_date", "")
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_plausible)]
"""A time with its zone."""
Day = Annotated[date, AfterValidator(_plausible)]
"""A calendar day."""


def moment_of(key: str | int) -> datetime:
    """A time in a cursor. HubError `cursor_malformed`."""
    try:
        read = datetime.fromisoformat(str(key))
    except ValueError:
        raise HubError("cursor_malformed") from None
    if read.tzinfo is None or not EARLIEST <= read.year <= LATEST:
        raise HubError("cursor_malformed")
    return read


def id_of(key: str | int) -> UUID:
    """An id in a cursor. HubError `cursor_malformed`."""
    try:
        return UUID(str(key))
    except ValueError:
        raise HubError("cursor_malformed") from None


def after(moment: datetime, id_: object) -> str:
    """The cursor of a list that is in order of time, behind this row."""
    return cursor_of(moment.isoformat(), str(id_))


def where(cursor: str | None, id_read: Callable[[str], Id]) -> tuple[datetime, Id] | None:
    """Time and id in such a cursor; None for the first page. HubError `cursor_malformed`."""
    if cursor is None:
        return None
    moment, row_id = keys_of(cursor, 2)
    try:
        return moment_of(moment), id_read(str(row_id))
    except (ValueError, OverflowError):
        raise HubError("cursor_malformed") from None


def moment_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    """The same where ids are UUIDs."""
    return where(cursor, UUID)


def number(cursor: str | None) -> int | None:
    """The last row's number. HubError `cursor_malformed`."""
    if cursor is None:
        return None
    key = keys_of(cursor, 1)[0]
    if not isinstance(key, int) or not 0 <= key < 2**63:
        raise HubError("cursor_malformed")
    return key
