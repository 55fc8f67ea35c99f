"""The administrator's part of backups: a snapshot to dump, and the programs that write and read dumps.

Only an administrator sees every row past row-level security, so a backup is made as one: on the embedded servers the
superuser, elsewhere the login of the admin URLs, which needs SUPERUSER or BYPASSRLS for this. `hub.scope_lint` names
this module as the one way around.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hub.db.endpoints import admin_endpoint, dagster_endpoint, database_name
from hub.db.postgres_programs import binaries
from hub.errors import HubError
from hub.migrations.connections import outside_transaction
from hub.migrations.restored import require_sight

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from pathlib import Path

    from hub.backup.manifest import Part
    from hub.db.database import Connection
    from hub.db.endpoints import Endpoint
    from hub.settings import ClusterName, Settings


@dataclass(frozen=True)
class Snapshot:
    """A moment of a database: whatever is read through `connection` and dumped by `name` is of the same one."""

    connection: Connection
    name: str


@contextmanager
def snapshot(settings: Settings, cluster: ClusterName) -> Generator[Snapshot]:
    """Hold a moment of a cluster's own database. HubError `backup_sees_not_all` if the login is bound by policies."""
    with outside_transaction(settings, cluster) as connection:
        require_sight(connection)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        exported = connection.execute("SELECT pg_export_snapshot()").fetchone()
        yield Snapshot(connection, str(exported[0]) if exported else "")
        connection.execute("COMMIT")


def dump(way: Endpoint, target: Path, arguments: Sequence[str]) -> None:
    """Write a database's contents to a file that exists already (and keeps its mode). HubError `backup_failed`."""
    _run("pg_dump", way, ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}", *arguments])


def load(way: Endpoint, source: Path, arguments: Sequence[str]) -> None:
    """Bring a dump into a database, wholly or not at all. HubError `backup_failed`."""
    common = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", f"--dbname={way.database}"]
    _run("pg_restore", way, [*common, *arguments, str(source)])


def way_to(settings: Settings, part: Part) -> Endpoint:
    """Where a part is: Dagster's database belongs to Dagster's own role, the others to the administrator."""
    if part == "dagster":
        return dagster_endpoint(settings)
    return replace(admin_endpoint(settings, part), database=database_name(settings, part))


def _run(program: str, way: Endpoint, arguments: Sequence[str]) -> None:
    # What it says may quote rows (DETAIL lines): only its status is passed on.
    done = subprocess.run(  # noqa: S603 - the wheel's program, our arguments
        [str(binaries() / program), "--no-password", *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", **way.environment()},
    )
    if done.returncode != 0:
        raise HubError("backup_failed", program=program, status=done.returncode)
