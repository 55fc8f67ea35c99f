"""Migrated homes without the four CPU seconds of making one: a run of the tests makes one of each kind and copies it.

The workers of a run share what is copied. A copy has its own master key; passwords and the clusters' identifiers are
those of all copies. Who tests how a home comes to be makes one.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from hub.db import postgres
from hub.db.endpoints import data_directory
from hub.db.migrate import migrate
from hub.db.postgres_programs import run_as_postgres
from hub.keys.master_key import create_master_key
from hub.models.dbt_process import ensure_manifest
from hub.settings import ClusterName, Settings
from tests.support.rooms import new_directory

_PARTS = ("postgres", "secrets.json")


class Homes:
    """What is copied lies in a directory that all workers of a run know."""

    def __init__(self) -> None:
        self._directory: Path | None = None

    def share(self, directory: str | None) -> None:
        """Use the directory of the process that started this one."""
        self._directory = Path(directory) if directory else None

    @property
    def directory(self) -> Path:
        """Where it lies, once anybody asks."""
        self._directory = self._directory or new_directory("kopru-homes-")
        return self._directory

    def close(self) -> None:
        """At the end of the run, when nobody copies any more."""
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory = None

    def lay_bare(self, home: Path) -> None:
        """Roles, the hub's own tables and no provider's, nothing of Dagster, no master key: `migrate` goes on here."""
        self._lay("bare", _migrate_bare, home)

    def lay_whole(self, home: Path) -> None:
        """All that `migrate` makes of this checkout's providers."""
        self._lay("whole", self._migrate_whole, home)
        create_master_key(Settings.apart(home).master_key_file)

    def _lay(self, kind: str, make: Callable[[Settings], None], home: Path) -> None:
        _copy(self._made(kind, make), home)

    def _made(self, kind: str, make: Callable[[Settings], None]) -> Path:
        made, draft = self.directory / kind, self.directory / f"{kind}-draft"
        with (self.directory / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not made.exists():
                draft.mkdir()
                settings = Settings.apart(draft)
                make(settings)
                _begin_logs_anew(settings)
                draft.rename(made)
        return made

    def _migrate_whole(self, settings: Settings) -> None:
        self.lay_bare(settings.home)
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings)


def _migrate_bare(settings: Settings) -> None:
    with postgres.running(settings):
        ensure_manifest(settings)
        migrate(settings, providers={}, with_dagster=False)


def _begin_logs_anew(settings: Settings) -> None:
    """Without the forty megabytes of log that making a home leaves: each copy has them, and proofs search them all."""
    for cluster in get_args(ClusterName):
        run_as_postgres([str(postgres.binaries() / "pg_resetwal"), "-D", str(data_directory(settings, cluster))])


def _copy(source: Path, home: Path) -> None:
    """Servers' files stay their user's, which `shutil` does not see to."""
    parts = [source / name for name in _PARTS]
    subprocess.run(["cp", "-a", *map(str, parts), str(home)], check=True)


HOMES = Homes()
"""Those of this process's run."""
