"""Answers to calls that never reach an application: not HTTP, too large a header, too slow, too many at once.

Uvicorn would say these in plain English text. A client of the API reads problem documents (RFC 9457), so it gets one
here too, in its reader's language where the headers came far enough to say which.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from hub.i18n import language_in_use, speaking
from hub.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

MALFORMED, TOO_SLOW, HEADER_TOO_LARGE, BUSY = 400, 408, 431, 503
_CODES = {
    MALFORMED: "request_malformed",
    TOO_SLOW: "too_slow",
    HEADER_TOO_LARGE: "header_too_large",
    BUSY: "too_many_connections",
}


def response(status: int, headers: Iterable[tuple[bytes, bytes]]) -> Response:
    """The problem document for one of the four; `headers` are the caller's, with names in small letters."""
    from hub.api.outermost import preferred
    from hub.api.problems import problem

    asked = next((value.decode("latin-1") for name, value in headers if name == b"accept-language"), None)
    code = _CODES[status]
    wait = {"Retry-After": "1"} if status == BUSY else {}
    with speaking(preferred(asked) or language_in_use()):
        return problem(status, code, text_of(code), headers={"Connection": "close", **wait})


def raw(status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """The same as it goes over the wire, for a connection on which nothing was answered yet."""
    answer = response(status, headers)
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()]
    lines += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*lines, b"", bytes(answer.body)])
