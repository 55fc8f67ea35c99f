"""Which addresses may be asked for. What two servers could read differently is no address of Dagster's, and refused.

A proxy is tricked where it and the server behind it disagree on a path: `..` in one of its spellings, a doubled or an
encoded slash, a backslash, a control character. Dagster's own addresses have none of these, so nothing is normalised:
the path goes on byte for byte, or not at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_to_bytes

if TYPE_CHECKING:
    from starlette.types import Scope

PREFIX = "/dagster"
"""Where the hub serves Dagster, and Dagster's webserver believes to stand."""
GRAPHQL = PREFIX + "/graphql"

MOST_PATH_BYTES = 2_048
MOST_QUERY_BYTES = 16_384
"""A query by GET stands in it."""

_PATH = re.compile(rb"/dagster(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)*/?")
_QUERY = re.compile(rb"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?\[\]{}|^`\"-]|%[0-9A-Fa-f]{2})*")
_NEVER_IN_A_SEGMENT = re.compile(rb"[\x00-\x1f\x7f/\\]")
_CLOSED = (PREFIX + "/notebook", PREFIX + "/dagit", PREFIX + "/report_asset")
"""Dagster's own that the hub has no use for: code's notebooks as pages of our origin, and writing past GraphQL."""


@dataclass(frozen=True)
class Address:
    """A path under `PREFIX` and a query, both as they came and safe to pass on."""

    path: str
    query: str

    @property
    def is_graphql(self) -> bool:
        """Whether Dagster executes what is sent there."""
        return self.path == GRAPHQL

    @property
    def target(self) -> str:
        """Path and query, as in a request's first line."""
        return f"{self.path}?{self.query}" if self.query else self.path


def address_of(scope: Scope) -> Address | None:
    """The address that a request names, or None where it is none of Dagster's."""
    raw = scope.get("raw_path")
    path = bytes(raw) if raw is not None else quote(scope["path"]).encode()
    query = bytes(scope.get("query_string", b""))
    if len(path) > MOST_PATH_BYTES or len(query) > MOST_QUERY_BYTES:
        return None
    if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
        return None
    segments = [unquote_to_bytes(segment) for segment in path.split(b"/")]
    if any(segment in (b".", b"..") or _NEVER_IN_A_SEGMENT.search(segment) for segment in segments):
        return None
    # What is compared is what the webserver will decode, lest an encoded letter open what is closed.
    if any(b"/".join(segments).startswith(closed.encode()) for closed in _CLOSED):
        return None
    if b"/".join(segments).rstrip(b"/") == GRAPHQL.encode() and path != GRAPHQL.encode():
        return None
    return Address(path.decode("ascii"), query.decode("ascii"))
