"""One of Dagster's webservers on loopback, asked without a cookie jar, a redirect or a proxy of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
from starlette.responses import StreamingResponse

from hub.dagster_door.headers import back, towards_dagster
from hub.dagster_door.refusals import refused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from starlette.responses import Response
    from starlette.types import Scope

    from hub.dagster_door.limits import Limits


class TooLong(Exception):
    """The answer is longer than any of Dagster's: the connection is cut, since its head is out already."""


class Webserver:
    """Passes requests on to one address; `host` and `port` are the configuration's and nothing a client sent."""

    def __init__(self, url: str, limits: Limits) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError("a webserver's address is http://HOST:PORT, with or without a path")
        self.netloc = parts.netloc
        self._limits = limits
        # A transport and no client: a client keeps cookies, and would show one person's to the next.
        self._transport = httpx.AsyncHTTPTransport(
            trust_env=False,
            limits=httpx.Limits(
                max_connections=limits.connections,
                max_keepalive_connections=limits.connections,
                keepalive_expiry=limits.idle_seconds,
            ),
        )

    async def aclose(self) -> None:
        """Close the connections kept."""
        await self._transport.aclose()

    async def passed_on(self, scope: Scope, target: str, *, method: str, body: bytes | None = None) -> Response:
        """Dagster's answer to `target`, which is a path under the prefix, as a stream; or a refusal.

        A body is one that we have written ourselves, in JSON.
        """
        headers = towards_dagster(scope)
        if body is not None:
            headers = [(name, value) for name, value in headers if name not in ("content-type", "range")]
            headers.append(("content-type", "application/json"))
        request = httpx.Request(
            method,
            httpx.URL(scheme="http", netloc=self.netloc.encode("ascii"), raw_path=target.encode("ascii")),
            headers=headers,
            content=body,
            extensions={"timeout": self._limits.timeout()},
        )
        try:
            answer = await self._transport.handle_async_request(request)
        except httpx.TimeoutException:
            return refused(scope, "dagster_slow")
        except httpx.TransportError:
            return refused(scope, "dagster_away")
        passed = back(answer.headers.multi_items())
        if passed is None:
            await answer.aclose()
            return refused(scope, "dagster_away")
        response = StreamingResponse(self._stream(answer), status_code=answer.status_code)
        response.raw_headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in passed]
        return response

    async def _stream(self, answer: httpx.Response) -> AsyncGenerator[bytes]:
        sent = 0
        try:
            async for chunk in answer.aiter_raw():
                sent += len(chunk)
                if sent > self._limits.answer_bytes:
                    raise TooLong
                yield chunk
        finally:
            await answer.aclose()
