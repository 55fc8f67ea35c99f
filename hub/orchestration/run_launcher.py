"""Tells runs that are under way from runs whose process was killed, so that Dagster can mark those as failed.

Dagster's own launcher cannot tell: after a power cut, a kill -9 or a closed terminal the run stays "started" for ever,
keeps its pool's only slot, and nothing of that provider is synced any more. So each run's process holds a lock for as
long as it lives, whoever started it (daemon, webserver or `hub sync`), and run monitoring looks at the lock.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dagster import DefaultRunLauncher
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus

from hub.secrets_file import private_directory

if TYPE_CHECKING:
    from dagster import DagsterRun

GRACE_SECONDS = 60.0
"""A run is called started some seconds before its process has come to the lock."""

_held: set[Path] = set()
"""Locks of this process. Let go when it ends and not earlier: Dagster writes a run's end after all code of ours."""


def hold(dagster_home: Path, run_id: str) -> None:
    """Show that this run's process lives, until it ends."""
    path = _lock(dagster_home, run_id)
    if path in _held:
        return
    private_directory(path.parent)
    _sweep(path.parent)
    descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held.add(path)


def lives(dagster_home: Path, run_id: str) -> bool:
    """Whether a process holds the run's lock."""
    try:
        with _lock(dagster_home, run_id).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


class LocalRunLauncher(DefaultRunLauncher):
    """Dagster's launcher of local processes, with an eye on whether they live."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Run monitoring may ask."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Running, or not found."""
        if lives(Path(self._instance.root_directory), run.run_id):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        record = self._instance.get_run_record_by_id(run.run_id)
        started = record.start_time if record else None
        if started is None or time.time() - started < GRACE_SECONDS:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND)


def _lock(dagster_home: Path, run_id: str) -> Path:
    return dagster_home / "runs" / f"{run_id}.lock"


def _sweep(directory: Path) -> None:
    """Remove the locks of processes that have ended. One just made may not be locked yet."""
    for left_over in directory.glob("*.lock"):
        with suppress(OSError), left_over.open() as file:
            if time.time() - left_over.stat().st_mtime < GRACE_SECONDS:
                continue
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left_over.unlink()
