"""Findeks sessions over the sandbox, over dropped files, or over both, with a clock that does not wait."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import httpx

from connectors.contract import ConnectionSpec, Row, Window
from connectors.findeks.session import FindeksSession, open_session
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from tests.connectors.stand_still import START, UNHURRIED, StandStill

T = TypeVar("T")
TCKN, VKN = "10000000146", "4540536920"


def spec(sandbox: Sandbox, company: str, **settings: Any) -> ConnectionSpec:
    """An account at the sandbox's gateway."""
    return at(sandbox.url, sandbox.credentials(company, "findeks"), **settings)


def at(url: str, credentials: dict[str, str], **settings: Any) -> ConnectionSpec:
    """An account at any address."""
    secrets = {name: Secret(value) for name, value in credentials.items()}
    return ConnectionSpec("taaaaaaaaaaa", url, secrets, {**UNHURRIED, **settings})


def dropped(directory: Path) -> ConnectionSpec:
    """No gateway at all: reports come as files."""
    return at("https://findeks-gateway.invalid", {}, report_directory=str(directory))


def in_session(
    connection: ConnectionSpec, work: Callable[[FindeksSession], Awaitable[T]], time: StandStill | None = None
) -> T:
    """What `work` makes of an open session."""

    async def run() -> T:
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            open_session(connection, client, clock=(time or StandStill()).clock()) as opened,
        ):
            return await work(opened)

    return asyncio.run(run())


def read(
    connection: ConnectionSpec, window: Window | None = None, time: StandStill | None = None, stream: str = "reports"
) -> dict[str, list[Row]]:
    """Every row of a stream and its children, by stream."""

    async def work(opened: FindeksSession) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        async for page in opened.pages(stream, window or whole()):
            for name, rows in {stream: page.rows, **page.children}.items():
                found.setdefault(name, []).extend(rows)
        return found

    return in_session(connection, work, time)


def whole(end: datetime = START) -> Window:
    """All that the sandbox has until then."""
    return Window(end - timedelta(days=90), end)


def lately() -> Window:
    """The present, by the machine's own clock: files arrive in it."""
    now = datetime.now(UTC)
    return Window(now - timedelta(days=1), now + timedelta(minutes=1))


class ScriptedGateway:
    """A gateway that answers each path as a test says: status, JSON document and (if any) headers."""

    def __init__(self, answer: Callable[[str], tuple[Any, ...]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, document, *headers = answer(self.path)
                content = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                for name, value in (headers[0] if headers else {}).items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.do_GET()

            def log_message(self, *_arguments: object) -> None:
                """Tests' output stays their own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> ScriptedGateway:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()
