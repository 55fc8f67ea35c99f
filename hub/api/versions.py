"""`ETag` and `If-Match` (RFC 9110, section 13.1.1) for what has a version: who changes says what they had seen."""

from __future__ import annotations

import re

from hub.errors import HubError

_TAG = re.compile(r'"(\d{1,18})"')


def etag(version: int) -> str:
    """A strong entity tag."""
    return f'"{version}"'


def version_of(if_match: str | None) -> int | None:
    """The version that a caller saw; None where it does not say, or takes any. HubError `version_differs`."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = _TAG.fullmatch(if_match.strip())
    if match is None:  # a tag that we never gave out matches nothing
        raise HubError("version_differs")
    return int(match[1])
