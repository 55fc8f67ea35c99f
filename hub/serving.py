"""Serves an ASGI application on 127.0.0.1 to callers who may be slow on purpose: the inbox's receiver, and the API.

Uvicorn waits for ever for the rest of a header, and keeps every connection that is opened. Somebody with a few hundred
sockets who sends a byte a minute would shut the door for everybody. So headers and bodies have a time to arrive in, a
header has a size, and connections have a number. A reverse proxy in front has limits of its own; these hold without it.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub import unheard
from hub.errors import HubError
from hub.orchestration.ports import LOOPBACK

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

_BACKLOG = 512
_Stage = Literal["header", "body"]


@dataclass(frozen=True)
class Limits:
    """What callers may take up. Times are seconds."""

    connections: int = 512
    """Open at once; a request beyond is answered 503, and beyond twice as many a connection is closed unheard."""
    header_seconds: float = 10.0
    """From the first byte of a request, or from the opening of the connection, to the end of its headers."""
    header_bytes: int = 16 * 1024
    body_seconds: float = 30.0
    """From the end of the headers to the end of the body. An application may be stricter."""
    idle_seconds: int = 5
    """Between two requests on one connection."""
    ending_seconds: int = 15
    """For requests under way when the process is told to stop."""


LIMITS = Limits()


def configuration(
    app: Callable[..., Any],
    *,
    limits: Limits = LIMITS,
    lifespan: Literal["on", "off"] = "off",
    websockets: bool = False,
    **more: Any,
) -> uvicorn.Config:
    """How the application is served. No log of addresses is written: secrets stand in paths.

    `more` is uvicorn's: certificates, and which proxies are believed.
    """

    class Served(_Impatient):
        pass

    Served.limits = limits
    given: dict[str, Any] = {"proxy_headers": False} | more
    return uvicorn.Config(
        app,
        http=Served,
        ws="websockets-sansio" if websockets else "none",
        access_log=False,
        log_config=None,  # its own would show exceptions in clear (hub/observe/logs.py)
        log_level="warning",
        server_header=False,
        lifespan=lifespan,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=limits.ending_seconds,
        **given,
    )


def serve(
    app: Callable[..., Any],
    port: int,
    on_ready: Callable[[str], None],
    *,
    limits: Limits = LIMITS,
    lifespan: Literal["on", "off"] = "off",
) -> None:
    """Serve until the process is interrupted; port 0 takes a free one. HubError `port_taken`."""
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
            listening.listen(_BACKLOG)
        except OSError:
            raise HubError("port_taken", port=port) from None
        on_ready(f"http://{LOOPBACK}:{listening.getsockname()[1]}")
        uvicorn.Server(configuration(app, limits=limits, lifespan=lifespan)).run(sockets=[listening])


class _TooLong(Exception):
    """A header beyond its bound. Raised in a callback of the parser, which gives up on whatever is raised there."""


class _Impatient(HttpToolsProtocol):
    """A connection that ends when its caller takes too long. Between requests uvicorn's own timer holds.

    The parser is C and bounds nothing by itself. What a request waits for is noted by its callbacks, and a timer is set
    only when a piece of data has ended in the middle of a request: most requests come whole.
    """

    limits: ClassVar[Limits] = LIMITS
    _timer: asyncio.TimerHandle | None = None
    _requests = 0
    _waits: _Stage | None = None
    """What the request that is coming in lacks; None between two of them."""
    _timed: tuple[int, _Stage] | None = None
    """Which request, and what of it, the timer is for."""
    _header_bytes = 0
    _refused = unheard.MALFORMED
    """The status of what the parser gives up on."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > 2 * self.limits.connections:
            transport.abort()
            return
        self._wait((1, "header"))

    def data_received(self, data: bytes) -> None:
        before = self._requests
        super().data_received(data)
        if self.transport.is_closing() or self._is_handed_over():
            self._wait(None)
            return
        if self._waits is not None:
            self._wait((self._requests, self._waits))
        elif self._requests == before:
            self._wait((self._requests + 1, "header"))  # empty lines before a request are the beginning of one
        else:
            self._wait(None)
        if self._waits == "header":
            self._header_bytes += len(data)
            if self._header_bytes > self.limits.header_bytes:
                self._refused = unheard.HEADER_TOO_LARGE
                self.send_400_response("")
                self._wait(None)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._requests += 1
        self._waits, self._header_bytes = "header", 0

    def on_headers_complete(self) -> None:
        # Four for what stands between and after them.
        whole = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if whole > self.limits.header_bytes:
            self._refused = unheard.HEADER_TOO_LARGE
            raise _TooLong
        served = self.app
        if max(len(self.connections), len(self.tasks)) >= self.limits.connections:
            self.logger.warning("more than %d calls at once", self.limits.connections)
            self.app = self._busy
        try:
            super().on_headers_complete()
        finally:
            self.app = served
        self._waits = "body"

    async def _busy(self, scope: Any, receive: Any, send: Any) -> None:
        await unheard.response(unheard.BUSY, scope["headers"])(scope, receive, send)

    def send_400_response(self, msg: str) -> None:
        self.transport.write(unheard.raw(self._refused, self._headers()))
        self.transport.close()

    def _headers(self) -> list[tuple[bytes, bytes]]:
        """Of the last request, as far as they came. Uvicorn says that there always are some, and has None at first."""
        return cast("list[tuple[bytes, bytes]] | None", self.headers) or []

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._waits = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def _is_handed_over(self) -> bool:
        """To a websocket, which has bounds of its own."""
        return self not in self.connections

    def _wait(self, what: tuple[int, _Stage] | None) -> None:
        if what == self._timed:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timed, self._timer = what, None
        if what is not None:
            self._timer = self.loop.call_later(self._seconds(what[1]), self._too_slow)

    def _seconds(self, stage: _Stage) -> float:
        return self.limits.header_seconds if stage == "header" else self.limits.body_seconds

    def _too_slow(self) -> None:
        if self.transport.is_closing() or self._timed is None:
            return
        stage = self._timed[1]
        if self._is_answering_another(stage):
            self._timer = self.loop.call_later(self._seconds(stage), self._too_slow)
            return
        last = self._last()
        if last is None or last.response_complete or not last.response_started:
            self.transport.write(unheard.raw(unheard.TOO_SLOW, self._headers()))
        self.transport.close()

    def _is_answering_another(self, stage: _Stage) -> bool:
        """Whether an earlier request of the same connection is still being served: it must not pay for this one."""
        last = self._last()
        earlier = stage == "header" and last is not None and not last.response_complete
        return earlier or bool(self.pipeline)

    def _last(self) -> RequestResponseCycle | None:
        """The request whose headers came last. Uvicorn says that there is always one, and there is none at first."""
        return cast("RequestResponseCycle | None", self.cycle)
