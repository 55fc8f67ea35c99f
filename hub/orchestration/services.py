"""The long-lived processes: Dagster's code server, daemon and webservers, and the inbox's receiver, ended together."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.dagster_door.paths import PREFIX
from hub.db.postgres import users_locks
from hub.errors import HubError
from hub.orchestration.dagster_home import environment, prepare
from hub.orchestration.ports import LOOPBACK, answers, free_port, require_free
from hub.orchestration.watcher import end_groups
from hub.secrets_file import private_directory, private_file

if TYPE_CHECKING:
    from hub.settings import Settings

    Watch = Callable[[subprocess.Popen[bytes]], None]

_ROOT = Path(__file__).resolve().parents[2]

ADMIN_WEBSERVER = "webserver-admin"


@dataclass(frozen=True)
class Services:
    """Addresses and processes of a running hub."""

    webserver_url: str
    """Of the webserver that is read-only, with the path under which it stands."""
    webserver_admin_url: str | None
    """Of the one that is not; None unless asked for."""
    inbox_url: str
    processes: dict[str, subprocess.Popen[bytes]]

    def dead(self) -> str | None:
        """The name of a process that has ended, or None while all run."""
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)


@contextmanager
def alone(settings: Settings) -> Generator[IO[bytes]]:
    """Be the only one who serves this home: two daemons would each start the runs that are due.

    HubError `already_up`. Yields the lock's file; a process that inherits it keeps the home locked while it lives.
    """
    home = prepare(settings)
    with private_file(home / "up.lock") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HubError("already_up", path=str(settings.home)) from None
        yield lock


@contextmanager
def dagster_services(
    settings: Settings,
    lock: IO[bytes],
    *,
    admin: bool,
    web_port: int | None = None,
    inbox_port: int | None = None,
) -> Generator[Services]:
    """Run the code server, the daemon, the webservers and the receiver for the block; `lock` is `alone`'s.

    A webserver has no login, so it listens on loopback, behind the hub's own door (`hub/dagster_door`). The one on
    `web_port` is always read-only, for most people only look; with `admin` a second one is not. Raises HubError
    `port_taken`, or `service_not_started` when one does not come up; its log is under HUB_HOME/logs.
    """
    for wanted in (web_port, inbox_port):
        if wanted is not None:
            require_free(wanted)
    port = web_port or free_port()
    admin_port = free_port() if admin else None
    calls_port = inbox_port or free_port()
    code_port = free_port()
    home = prepare(settings)
    workspace = home / "workspace.yaml"
    workspace.write_text(
        f"load_from:\n  - grpc_server:\n      host: {LOOPBACK}\n      port: {code_port}\n      location_name: hub\n"
    )
    dagster = [sys.executable, "-m", "dagster"]
    commands = {
        "code": [*dagster, "api", "grpc", "-h", LOOPBACK, "-p", str(code_port), "-m", "hub.definitions"],
        "daemon": [sys.executable, "-m", "dagster._daemon", "run", "-w", str(workspace)],
        "webserver": [*_webserver(port, workspace), "--read-only"],
        "inbox": [sys.executable, "-m", "hub.inbox.serve", str(calls_port)],
    }
    awaited_ports = {"inbox": calls_port, "code": code_port, "daemon": None, "webserver": port}
    if admin_port is not None:
        commands[ADMIN_WEBSERVER] = _webserver(admin_port, workspace)
        awaited_ports[ADMIN_WEBSERVER] = admin_port
    processes: dict[str, subprocess.Popen[bytes]] = {}
    with _watcher(settings, lock) as watch:
        try:
            for name, awaited in awaited_ports.items():
                processes[name] = _start(settings, name, commands[name])
                watch(processes[name])
                if awaited is not None:
                    _wait_for_port(processes[name], name, awaited)
            yield Services(
                webserver_url=_webserver_url(port),
                webserver_admin_url=None if admin_port is None else _webserver_url(admin_port),
                inbox_url=f"http://{LOOPBACK}:{calls_port}",
                processes=processes,
            )
        finally:
            _stop(processes)


def _webserver(port: int, workspace: Path) -> list[str]:
    address = ["-h", LOOPBACK, "-p", str(port), "--path-prefix", PREFIX]
    return [sys.executable, "-m", "dagster_webserver", *address, "-w", str(workspace)]


def _webserver_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}{PREFIX}"


@contextmanager
def _watcher(settings: Settings, lock: IO[bytes]) -> Generator[Watch]:
    """A process that outlives us if we are killed, and then ends what we started; the home stays locked till then."""
    command = [sys.executable, "-m", "hub.orchestration.watcher", *map(str, users_locks(settings))]
    reading, writing = os.pipe()
    process = subprocess.Popen(  # noqa: S603 - our own program
        command,
        cwd=_ROOT,
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[lock.fileno()],
        start_new_session=True,
    )
    os.close(reading)

    def watch(service: subprocess.Popen[bytes]) -> None:
        os.write(writing, f"{service.pid}\n".encode())

    try:
        yield watch
        os.write(writing, b"done\n")
    finally:
        os.close(writing)
        process.wait()


def _start(settings: Settings, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    logs = settings.home / "logs"
    private_directory(logs)
    with private_file(logs / f"{name}.log") as log:
        return subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=os.environ | environment(settings),
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _wait_for_port(process: subprocess.Popen[bytes], name: str, port: int, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if answers(port):
            return
        time.sleep(0.1)
    raise HubError("service_not_started", service=name)


def _stop(processes: dict[str, subprocess.Popen[bytes]]) -> None:
    """End the whole group of each, for runs under way are processes below the code server and may outlive it."""
    # The code server last: the daemon and the webservers must not start a run on one that is going away.
    for names in (("daemon", "webserver", ADMIN_WEBSERVER, "inbox"), ("code",)):
        going = [processes[name] for name in names if name in processes]
        end_groups([process.pid for process in going])
        for process in going:
            process.wait()
