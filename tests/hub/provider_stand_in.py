"""An invented provider over real HTTP on loopback: it accepts one API key, and nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

from connectors.contract import (
    Column,
    ConnectionSpec,
    CredentialField,
    Days,
    Page,
    Provider,
    RateLimit,
    Stream,
    Window,
)
from connectors.failure import ProviderFailure

ACCEPTED_KEY = "anahtar-Zq81"


@dataclass
class Deneme:
    """A session: one request tells whether the key is accepted."""

    spec: ConnectionSpec
    client: httpx.AsyncClient

    async def test(self) -> None:
        answer = await self.client.get(
            f"{self.spec.base_url}/ping", headers={"X-Api-Key": self.spec.credentials["api_key"].reveal()}
        )
        if answer.status_code == 401:
            raise ProviderFailure("permanent", "credentials_rejected", status=401)

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        raise NotImplementedError
        yield


@asynccontextmanager
async def _open(spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncIterator[Deneme]:
    yield Deneme(spec, client)


def _stream(name: str, parent: str | None = None) -> Stream:
    return Stream(
        name=name,
        title=name,
        description=name,
        columns=(Column("id", "text", "Id."),),
        key=("id",),
        plan=Days(trailing=3),
        parent=parent,
    )


DENEME = Provider(
    name="deneme",
    title="Deneme",
    description="Invented for tests.",
    credential_fields=(
        CredentialField("api_key", "API key"),
        CredentialField("shop", "Shop", secret=False, required=False),
    ),
    environments={"live": "https://api.deneme.example", "sandbox": "https://sandbox.deneme.example"},
    streams=(_stream("orders"), _stream("refunds"), _stream("order_lines", parent="orders")),
    open=_open,
    rate=RateLimit(10, timedelta(seconds=1)),
    interval=timedelta(minutes=10),
    setting_names=("region",),
)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        accepted = self.headers.get("X-Api-Key") == ACCEPTED_KEY
        body = json.dumps({"ok": accepted}).encode()
        self.send_response(200 if accepted else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@contextmanager
def far_end() -> Iterator[str]:
    """The provider's server; its base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
