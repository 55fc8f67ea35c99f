"""Stands before every stand-in: counts requests and puts the faults in force into effect."""

from __future__ import annotations

import asyncio
import gzip
from functools import lru_cache
from typing import TYPE_CHECKING

from connectors.sandbox.provider import Asked, Reply, SandboxProvider
from connectors.sandbox.wire import cut

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from connectors.sandbox.faults import Fault
    from connectors.sandbox.world import World

_LARGEST_REQUEST = 4 * 1024 * 1024
_BOMB_BYTES = 96 * 1024 * 1024
QUOTED_CUSTOMER = 0
"""The customer of the company whom an indiscreet error quotes."""


class FaultGate:
    """ASGI wrapper around one provider's stand-in."""

    def __init__(self, inner: ASGIApp, *, world: World, provider: SandboxProvider) -> None:
        self._inner = inner
        self._world = world
        self._provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        body = await _body(receive)
        if body is None:
            await _send(send, Reply(413, b""))
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        asked = Asked(scope["path"], scope["query_string"].decode("latin-1"), headers, body)
        company = self._provider.company_of(self._world, asked) or ""
        self._world.requests[(self._provider.name, company, asked.path)] += 1
        fault = self._world.faults.take(provider=self._provider.name, company=company, path=asked.path)
        if fault is None:
            await self._inner(scope, _replay(body), send)
            return
        await self._sick(fault, company, asked, scope, receive, send)

    async def _sick(self, fault: Fault, company: str, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        body = asked.body
        person = self._world.company(company).customer(QUOTED_CUSTOMER)
        match fault.kind:
            case "rate_limited" | "server_error" | "credentials_expired" | "error_with_personal_data":
                reply = (
                    self._provider.error(self._world, fault.kind, person)
                    if self._provider.error_to is None
                    else self._provider.error_to(self._world, fault.kind, person, asked)
                )
                if fault.kind == "rate_limited":
                    reply = Reply(reply.status, reply.body, {**reply.headers, "retry-after": str(fault.seconds)})
                await _send(send, reply)
            case "redirect":
                await _send(send, Reply(302, b"", {"location": "http://169.254.169.254/latest/meta-data/"}))
            case "not_json":
                await _send(send, Reply(200, b"<html>Bak\xc4\xb1m</html>", {"content-type": "text/html"}))
            case "bomb":
                await _send(
                    send,
                    Reply(200, _bomb(), {"content-type": "application/json", "content-encoding": "gzip"}),
                )
            case "slow":
                await _wait_or_leave(receive, fault.seconds)
                await self._inner(scope, _replay(body), send)
            case "cut_before":
                cut(scope)
                raise ConnectionDropped
            case "cut_after":
                await self._whole(scope, body)
                cut(scope)
                raise ConnectionDropped
            case "late":
                done = await self._whole(scope, body)
                await _wait_or_leave(receive, fault.seconds)
                await _send(send, done)
            case "truncated":
                await _send_half(send, await self._whole(scope, body))
            case "wrong_type" | "undeclared_column":
                good = await self._whole(scope, body)
                await _send(send, Reply(good.status, self._provider.spoil(fault.kind, good.body, person), good.headers))

    async def _whole(self, scope: Scope, body: bytes) -> Reply:
        status, content = 200, bytearray()
        headers: dict[str, str] = {}

        async def collect(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                kept = [(name, value) for name, value in message["headers"] if name == b"content-type"]
                headers.update({name.decode(): value.decode("latin-1") for name, value in kept})
            else:
                content.extend(message.get("body", b""))

        await self._inner(scope, _replay(body), collect)
        return Reply(status, bytes(content), headers)


class ConnectionDropped(Exception):
    """Ends a request in the middle of its answer: the server closes the connection."""


async def _body(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _LARGEST_REQUEST:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _send(send: Send, reply: Reply) -> None:
    headers = [(name.encode(), value.encode()) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


async def _send_half(send: Send, reply: Reply) -> None:
    headers = [(name.encode(), value.encode("latin-1")) for name, value in reply.headers.items()]
    headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body[: len(reply.body) // 2], "more_body": True})
    raise ConnectionDropped


async def _wait_or_leave(receive: Receive, seconds: int) -> None:
    """Keep the client waiting, but not longer than it stays."""
    leaving = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({leaving}, timeout=seconds)
    finally:
        leaving.cancel()


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(b" " * _BOMB_BYTES)
