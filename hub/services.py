"""Dagster's three long-lived processes: code server, daemon and webserver, started together and ended together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.dagster_home import environment, prepare
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.settings import Settings

LOOPBACK = "127.0.0.1"
STOP_SECONDS = 20
"""A run under way is told to stop and finishes its transaction; then it is killed."""


@dataclass(frozen=True)
class Services:
    """Addresses and processes of a running hub."""

    webserver_url: str
    processes: dict[str, subprocess.Popen[bytes]]

    def dead(self) -> str | None:
        """The name of a process that has ended, or None while all run."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)


def free_port() -> int:
    """A port on loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


@contextmanager
def dagster_services(settings: Settings, *, admin: bool, web_port: int | None = None) -> Generator[Services]:
    """Run the code server, the daemon and the webserver for the block.

    The webserver has no login, so it listens on loopback and is read-only unless `admin`. Raises HubError
    `service_not_started` when one does not come up; its log is under HUB_HOME/logs.
    """
    port = web_port or free_port()
    code_port = free_port()
    home = prepare(settings)
    workspace = home / "workspace.yaml"
    workspace.write_text(
        f"load_from:\n  - grpc_server:\n      host: {LOOPBACK}\n      port: {code_port}\n      location_name: hub\n"
    )
    dagster = [sys.executable, "-m", "dagster"]
    web = [sys.executable, "-m", "dagster_webserver", "-h", LOOPBACK, "-p", str(port), "-w", str(workspace)]
    commands = {
        "code": [*dagster, "api", "grpc", "-h", LOOPBACK, "-p", str(code_port), "-m", "hub.definitions"],
        "daemon": [sys.executable, "-m", "dagster._daemon", "run", "-w", str(workspace)],
        "webserver": web if admin else [*web, "--read-only"],
    }
    processes: dict[str, subprocess.Popen[bytes]] = {}
    try:
        processes["code"] = _start(settings, "code", commands["code"])
        _wait_for_port(processes["code"], "code", code_port)
        processes["daemon"] = _start(settings, "daemon", commands["daemon"])
        processes["webserver"] = _start(settings, "webserver", commands["webserver"])
        _wait_for_port(processes["webserver"], "webserver", port)
        yield Services(f"http://{LOOPBACK}:{port}", processes)
    finally:
        _stop(processes)


def _start(settings: Settings, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    logs = settings.home / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    with _private(logs / f"{name}.log") as log:
        return subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=os.environ | environment(settings),
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _private(path: Path) -> IO[bytes]:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _wait_for_port(process: subprocess.Popen[bytes], name: str, port: int, seconds: float = 120) -> None:
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.1)
    raise HubError("service_not_started", service=name)


def _stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    # The daemon first: it must not start a run on a code server that is going away.
    for name in ("daemon", "webserver", "code"):
        process = processes.get(name)
        if process is None or process.poll() is not None:
            continue
        _signal(process, signal.SIGINT)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
