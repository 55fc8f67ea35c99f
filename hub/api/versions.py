"""`ETag` and `If-Match` (RFC 9110, section 13.1.1) for what has a version: who changes says what they had seen."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Header

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Mapping

IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=100)]
"""A route's parameter."""
_TAG = re.compile(r'"(\d{1,18})"')
_SHOWN = re.compile(r'-[0-9a-f]{16}"$')
"""What hub/api/preconditions.py adds for what an answer shows; who changes need not have seen the newest of that."""


def etag(version: int) -> str:
    """A strong entity tag."""
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that a caller saw; None where it does not say, or takes any. HubError `version_differs`."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.fullmatch(_own(if_match))
    if match is None:  # a tag that we never gave out matches nothing
        raise HubError("version_differs")
    return int(match[1])


def etag_of(fields: Mapping[str, Any]) -> str:
    """A strong entity tag of what has no version of its own: it changes with any of the fields."""
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, default=str)
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def require_seen(if_match: str | None, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The fields, if the caller says that it saw them; None where it does not say. HubError `version_differs`."""
    if if_match is None or if_match.strip() == "*":
        return None
    if _own(if_match) != etag_of(fields):
        raise HubError("version_differs")
    return fields


def require_seen_there(if_match: str | None, fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The same for what may not be there yet (empty fields): then no tag holds, and `*` neither."""
    if if_match is not None and not fields:
        raise HubError("version_differs")
    return require_seen(if_match, fields)


def _own(if_match: str) -> str:
    return _SHOWN.sub('"', if_match.strip())
