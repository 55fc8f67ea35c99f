"""Serves an ASGI application on 127.0.0.1 to callers who may be slow on purpose: the inbox's receiver, and the API.

Uvicorn waits for ever for the rest of a header, and keeps every connection that is opened. Somebody with a few hundred
sockets who sends a byte a minute would shut the door for everybody. So headers and bodies have a time to arrive in, a
header has a size, and connections have a number. A reverse proxy in front has limits of its own; these hold without it.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from hub.errors import HubError
from hub.orchestration.ports import LOOPBACK

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

_BACKLOG = 512
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


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
        limit_concurrency=limits.connections,
        h11_max_incomplete_event_size=limits.header_bytes,
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


class _Impatient(H11Protocol):
    """A connection that ends when its caller takes too long. Between requests uvicorn's own timer holds."""

    limits: ClassVar[Limits] = LIMITS
    _timer: asyncio.TimerHandle | None = None
    _waits_for: Literal["header", "body"] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > 2 * self.limits.connections:
            transport.abort()
            return
        self._wait("header")

    def data_received(self, data: bytes) -> None:
        if self._waits_for is None and self.conn.their_state is h11.IDLE:
            self._wait("header")
        super().data_received(data)
        if self.conn.their_state is h11.SEND_BODY:
            if self._waits_for != "body":
                self._wait("body")
        elif self.conn.their_state is not h11.IDLE:
            self._wait(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def _wait(self, what: Literal["header", "body"] | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._waits_for, self._timer = what, None
        if what is not None:
            seconds = self.limits.header_seconds if what == "header" else self.limits.body_seconds
            self._timer = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):  # no answer has begun
            self.transport.write(_TOO_SLOW)
        self.transport.close()
