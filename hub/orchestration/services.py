"""The long-lived processes: Dagster's code server, daemon and webservers, and the API's workers, ended together."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.api.serve import listen, url_of
from hub.dagster_door.paths import PREFIX
from hub.db.postgres import users_locks
from hub.errors import HubError
from hub.observe.metrics import multiprocess_environment
from hub.orchestration import service_logs
from hub.orchestration.dagster_home import environment, prepare
from hub.orchestration.ports import LOOPBACK, answers, free_port, require_free
from hub.orchestration.watcher import end_groups
from hub.orchestration.workers import Workers
from hub.secrets_file import private_file

if TYPE_CHECKING:
    from hub.settings import Settings

    Watch = Callable[[subprocess.Popen[bytes]], None]

_ROOT = Path(__file__).resolve().parents[2]

ADMIN_WEBSERVER = "webserver-admin"
API = "api"


@dataclass(frozen=True)
class Services:
    """Addresses and processes of a running hub."""

    webserver_url: str
    """Of the webserver that is read-only, with the path under which it stands."""
    webserver_admin_url: str | None
    """Of the one that is not; None unless asked for."""
    api_url: str
    """The front door: the API, providers' calls under /hooks, Dagster's pages under /dagster."""
    processes: dict[str, subprocess.Popen[bytes]]
    workers: Workers

    def dead(self) -> str | None:
        """The name of a process that has ended, or None while all run. A worker of the API is started again first."""
        self.workers.replace_dead()
        return next((name for name, process in self.processes.items() if process.poll() is not None), None)


def logs_of(settings: Settings) -> Path:
    """Where the processes' logs lie, a file each."""
    return settings.home / "logs"


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
    api_port: int | None = None,
) -> Generator[Services]:
    """Run the code server, the daemon, the webservers and the API for the block; `lock` is `alone`'s.

    A webserver has no login, so it listens on loopback, behind the hub's own door (`hub/dagster_door`). The one on
    `web_port` is always read-only, for most people only look; with `admin` a second one is not. Raises HubError
    `port_taken`, or `service_not_started` when one does not come up; its log is under HUB_HOME/logs.
    """
    if web_port is not None:
        require_free(web_port)
    port = web_port or free_port()
    admin_port = free_port() if admin else None
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
    }
    awaited_ports = {"code": code_port, "daemon": None, "webserver": port}
    if admin_port is not None:
        commands[ADMIN_WEBSERVER] = _webserver(admin_port, workspace)
        awaited_ports[ADMIN_WEBSERVER] = admin_port
    processes: dict[str, subprocess.Popen[bytes]] = {}
    readonly_url, admin_url = _webserver_url(port), None if admin_port is None else _webserver_url(admin_port)
    with _watcher(settings, lock) as watch, listen(settings.api_host, _api_port(settings, api_port)) as listening:
        api_url = url_of(settings, listening)
        told = multiprocess_environment(settings) | {
            "HUB_DAGSTER_URL": readonly_url,
            "HUB_DAGSTER_ADMIN_URL": admin_url or "",
        }
        command = [sys.executable, "-m", "hub.api.serve", str(listening.fileno())]

        def start_worker(name: str) -> subprocess.Popen[bytes]:
            started = _start(settings, name, command, inherited=[listening.fileno()], told=told)
            watch(started)
            return started

        workers = Workers(start_worker, processes, [f"{API}-{number + 1}" for number in range(settings.api_workers)])
        try:
            # First, and several of them on one socket: providers call whether Dagster is up yet or not.
            for name in workers.names:
                processes[name] = start_worker(name)
            _wait_for_answer(processes, api_url)
            for name, awaited in awaited_ports.items():
                processes[name] = _start(settings, name, commands[name])
                watch(processes[name])
                if awaited is not None:
                    _wait_for_port(processes[name], name, awaited)
            yield Services(
                webserver_url=readonly_url,
                webserver_admin_url=admin_url,
                api_url=api_url,
                processes=processes,
                workers=workers,
            )
        finally:
            listening.close()  # whoever comes now is refused at once, and not left to wait for nobody
            _stop(processes)


def _api_port(settings: Settings, wanted: int | None) -> int:
    return settings.api_port if wanted is None else wanted


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


def _start(
    settings: Settings,
    name: str,
    command: list[str],
    *,
    inherited: Sequence[int] = (),
    told: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    with service_logs.appended(logs_of(settings) / f"{name}.log") as log:
        return subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=os.environ | environment(settings) | dict(told or {}),
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=inherited,
            start_new_session=True,
        )


def _wait_for_answer(workers: Mapping[str, subprocess.Popen[bytes]], url: str, seconds: float = 120) -> None:
    """Until a worker answers: the socket takes connections before anybody serves them."""
    import httpx

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for name, process in workers.items():
            if process.poll() is not None:
                raise HubError("service_not_started", service=name)
        try:
            # The certificate names the host that others use, and this is our own socket.
            httpx.get(url + "/healthz", timeout=5, verify=False, trust_env=False)  # noqa: S501 - see above
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise HubError("service_not_started", service=API)


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
    for last in (False, True):
        going = [process for name, process in processes.items() if (name == "code") is last]
        end_groups([process.pid for process in going])
        for process in going:
            process.wait()
