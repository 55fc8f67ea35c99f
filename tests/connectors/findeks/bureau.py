"""Findeks sessions over the sandbox, over dropped files, or over both, with a clock that does not wait."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from connectors.contract import ConnectionSpec, Row, Window
from connectors.findeks.session import open_session
from connectors.sandbox.server import Sandbox
from tests.connectors.stand_still import START, StandStill, rows_of, work_in
from tests.connectors.stand_still import spec_at as at

in_session = partial(work_in, open_session)
TCKN, VKN = "10000000146", "4540536920"


def spec(sandbox: Sandbox, company: str, **settings: Any) -> ConnectionSpec:
    """An account at the sandbox's gateway."""
    return at(sandbox.url, sandbox.credentials(company, "findeks"), **settings)


def dropped(directory: Path) -> ConnectionSpec:
    """No gateway at all: reports come as files."""
    return at("https://findeks-gateway.invalid", {}, report_directory=str(directory))


def read(
    connection: ConnectionSpec, window: Window | None = None, time: StandStill | None = None, stream: str = "reports"
) -> dict[str, list[Row]]:
    """Every row of a stream and its children, by stream."""
    return rows_of(open_session, connection, stream, window or whole(), time)


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
