"""What many answers and bodies have in common."""

from __future__ import annotations

import base64
import binascii
import json
from math import isfinite
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

Item = TypeVar("Item")

PAGE_SIZE = 50
MOST_A_PAGE = 500
_DEEPEST = 64
"""Levels of lists and objects within one another; our own bodies have no more than ten."""


class Body(BaseModel):
    """What a caller sends: a field that is not known is refused, so nobody sets what is not theirs to set."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _can_be_stored(cls, value: object) -> object:
        if not storable(value):
            raise PydanticCustomError("field_not_text", "")
        return value


class Answer(BaseModel):
    """What the hub answers, made from its own objects' attributes."""

    model_config = ConfigDict(from_attributes=True, frozen=True)


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next` is the `cursor` of the next part; null at the end."""

    items: list[Item]
    next: str | None = Field(default=None, examples=["WyIyMDI2LTExLTI3Il0"])


def storable(value: object) -> bool:
    """Whether Postgres and we can hold a JSON value.

    No NUL, no half of a surrogate pair, nothing nested too deep, and no `NaN`, which Python reads and JSON has not.
    """
    level = [value]
    for _depth in range(_DEEPEST):
        if not level:
            return True
        below: list[object] = []
        for part in level:
            if isinstance(part, str):
                if "\x00" in part or any("\ud800" <= char <= "\udfff" for char in part):
                    return False
            elif isinstance(part, float):
                if not isfinite(part):
                    return False
            elif isinstance(part, dict):
                for key, inner in cast("dict[object, object]", part).items():
                    below += (key, inner)
            elif isinstance(part, list):
                below += cast("list[object]", part)
        level = below
    return False


def cursor_of(*keys: Any) -> str:
    """Where a page ended: its last row's sort keys, as text that means nothing to a caller."""
    return base64.urlsafe_b64encode(json.dumps(list(keys), default=str).encode()).decode().rstrip("=")


def keys_of(cursor: str, count: int) -> Sequence[str | int]:
    """The sort keys in a cursor. HubError `cursor_malformed`: it is not one that we gave out."""
    try:
        keys = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        keys = None
    found = cast("list[object]", keys) if isinstance(keys, list) else []
    texts = [key for key in found if isinstance(key, str | int)]
    if len(texts) != count or len(found) != count or not storable(found):
        raise HubError("cursor_malformed")
    return texts
