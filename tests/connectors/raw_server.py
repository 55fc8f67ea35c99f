"""A server that says byte for byte what a test tells it to: for answers that no decent framework would give."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from typing import Literal

DRIP = "drip"
Script = bytes | Literal["drip"] | None


@dataclass
class RawServer:
    """Each connection gets the next script: bytes to send before it closes; `None` keeps the client waiting.

    `DRIP` sends an endless answer, byte by byte.
    """

    scripts: Sequence[Script]
    requests: list[bytes] = field(default_factory=list)
    port: int = 0
    _answering: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)
        with suppress(ConnectionError, asyncio.IncompleteReadError), closing(writer):
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: (\d+)", head)
            self.requests.append(head + (await reader.readexactly(int(length[1])) if length else b""))
            script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
            if script is None:
                await reader.read()
            elif script == DRIP:
                writer.write(http(200, b"", length=10**9))
                while not writer.is_closing():
                    writer.write(b" ")
                    await writer.drain()
                    await asyncio.sleep(0)
            else:
                writer.write(script)
                await writer.drain()

    async def stop(self) -> None:
        for task in tuple(self._answering):
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)


@asynccontextmanager
async def raw_server(*scripts: Script) -> AsyncIterator[RawServer]:
    server = RawServer(scripts)
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await server.stop()


def http(status: int, body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *headers, f"Content-Length: {len(body) if length is None else length}"]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body
