"""dbt without its two seconds of imports: a process that has imported dbt once forks one for every run of it.

What runs in the fork is what hub/models/dbt_process.py starts: with the arguments, the directory and the environment
that the hub gives it, and with its output going nowhere. The fixture `own_dbt` starts dbt as the hub does.

    python -P tests/support/dbt_forks.py
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock


class DbtForks:
    """Runs of dbt for the process that holds it, one at a time. The first starts what forks, `close` ends it."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._server: subprocess.Popen[bytes] | None = None

    def run(self, arguments: Sequence[str], *, work: Path, variables: Mapping[str, str]) -> int:
        """dbt's exit status, as hub.models.dbt_process._exit_status tells it."""
        with self._turn:
            server = self._server = self._server or self._start()
            assert server.stdin
            assert server.stdout
            asked = {"arguments": list(arguments), "directory": str(work), "environment": dict(variables)}
            server.stdin.write(json.dumps(asked).encode() + b"\n")
            server.stdin.flush()
            return int(server.stdout.readline())

    def close(self) -> None:
        if self._server is None:
            return
        self._server.communicate()
        self._server = None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-P", __file__],
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "DBT_SEND_ANONYMOUS_USAGE_STATS": "0", "DO_NOT_TRACK": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def main() -> None:
    """Fork for every line of the standard input and answer with the exit status; a fork goes on as dbt itself."""
    gc.disable()
    from dbt.adapters.postgres import PostgresCredentials
    from dbt.cli.main import cli
    from dbt.contracts.project import Configuration, PackageConfig, ProfileConfig, Project, ProjectFlags
    from dbt.contracts.selection import SelectorFile

    for checked in (
        Configuration,
        PackageConfig,
        PostgresCredentials,
        ProfileConfig,
        Project,
        ProjectFlags,
        SelectorFile,
    ):
        checked.json_schema()  # a quarter of a second of every run, kept with the class
    gc.freeze()  # a fork that looks for garbage among what dbt imported would copy every page of it
    gc.set_threshold(100_000)
    gc.enable()
    while line := _line():
        child = os.fork()
        if child == 0:
            asked = json.loads(line)
            _become(asked["directory"], asked["environment"])
            cli(asked["arguments"])
        _, status = os.waitpid(child, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(status))


def _line() -> bytes:
    """Without a buffer, of which a fork would have a copy."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            return b""
        line += byte
    return line


def _become(directory: str, environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(directory)
    tempfile.tempdir = None
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)


if __name__ == "__main__":
    main()
