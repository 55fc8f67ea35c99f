"""Runs the sandbox on 127.0.0.1: in a thread of this process, or as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import httpx
import uvicorn

from connectors.sandbox.app import create_app
from connectors.sandbox.control import PREFIX
from connectors.sandbox.registry import STAND_INS
from connectors.sandbox.wire import KnownConnection
from connectors.sandbox.world import Pace, World

if TYPE_CHECKING:
    from connectors.sandbox.faults import Fault

HOST = "127.0.0.1"
_START_SECONDS = 30.0


@dataclass(frozen=True)
class Certificate:
    """PEM files for serving TLS."""

    certificate: Path
    key: Path


class Sandbox:
    """The sandbox in a thread. A context manager; its world is at hand for direct use."""

    def __init__(
        self,
        *,
        seed: int = 1,
        pace: Pace | None = None,
        start: datetime | None = None,
        port: int = 0,
        tls: Certificate | None = None,
    ) -> None:
        self.world = World(seed=seed, pace=pace, start=start)
        self._socket = listening_socket(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self.port}"
        self._server = _Server(_configuration(self.world, tls))
        self._thread = Thread(target=self._serve, name="sandbox", daemon=True)

    def __enter__(self) -> Sandbox:
        self._thread.start()
        if not self._server.ready.wait(_START_SECONDS):
            raise RuntimeError("the sandbox did not start")
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def credentials(self, company: str, provider: str = "iyzico") -> dict[str, str]:
        """Credentials of a company at a provider. Any company id has some."""
        return credentials(self.world.seed, company, provider)

    def advance(self, **step: float) -> None:
        """Let time pass: `advance(days=1)`."""
        self.world.clock.advance(timedelta(**step))

    def _serve(self) -> None:
        self._server.run(sockets=[self._socket])


class SandboxProcess:
    """The sandbox as a process of its own, driven over its control endpoints. A context manager."""

    def __init__(self, *, seed: int = 1, arguments: Sequence[str] = ()) -> None:
        self.seed = seed
        self._command = [sys.executable, "-m", "connectors.sandbox", "--seed", str(seed), "--leash", *arguments]
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> SandboxProcess:
        root = Path(__file__).resolve().parents[2]
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process = process
        assert process.stdout is not None  # noqa: S101 - asked for above
        self.url = process.stdout.readline().strip()
        if not self.url:
            process.wait()
            raise RuntimeError("the sandbox did not start")
        return self

    def __exit__(self, *exception: object) -> None:
        process = self._process
        if process is not None:
            process.terminate()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None and not stream.closed:
                    stream.close()

    @property
    def popen(self) -> subprocess.Popen[str]:
        """The process, for measuring what the sandbox itself costs."""
        if self._process is None:
            raise RuntimeError("the sandbox is not running")
        return self._process

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.popen.pid

    def credentials(self, company: str, provider: str = "iyzico") -> dict[str, str]:
        """Credentials of a company at a provider. Any company id has some."""
        return credentials(self.seed, company, provider)

    def advance(self, **step: float) -> None:
        """Let time pass: `advance(days=1)`."""
        self._control("POST", "/advance", step)

    def add_fault(self, fault: Fault) -> None:
        """Put a fault in force."""
        self._control("POST", "/faults", vars(fault))

    def clear_faults(self) -> None:
        """Everything works again."""
        self._control("DELETE", "/faults", None)

    def _control(self, method: str, path: str, document: Any) -> None:
        with httpx.Client(trust_env=False) as client:
            client.request(method, f"{self.url}{PREFIX}{path}", json=document).raise_for_status()


def credentials(seed: int, company: str, provider: str) -> dict[str, str]:
    """Credentials of a company at a provider, from the sandbox's seed. KeyError for an unknown provider."""
    return STAND_INS[provider].credentials(seed, company)


def listening_socket(port: int) -> socket.socket:
    """A socket on loopback; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen(512)
    return listener


def serve(world: World, listener: socket.socket, *, tls: Certificate | None = None) -> None:
    """Serve until the process is told to stop."""
    uvicorn.Server(_configuration(world, tls)).run(sockets=[listener])


def _configuration(world: World, tls: Certificate | None) -> uvicorn.Config:
    return uvicorn.Config(
        create_app(world=world),
        http=KnownConnection,
        log_level="critical",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
        ssl_certfile=None if tls is None else str(tls.certificate),
        ssl_keyfile=None if tls is None else str(tls.key),
    )


class _Server(uvicorn.Server):
    """Says when it is ready, so that nobody polls."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()
