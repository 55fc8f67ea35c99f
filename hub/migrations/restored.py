"""What `hub restore` does as the administrator: an empty place, marked before anything is in it, and opened at the end.

The mark stands in the database itself, so it holds for every process on every machine: whoever connects through
hub/db/database.py is refused while it stands. It goes when everybody who was erased since the dump is erased again.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub.db import roles
from hub.db.endpoints import DAGSTER_DATABASE, database_name
from hub.errors import HubError
from hub.migrations.cluster import login_roles, prepare_cluster
from hub.migrations.connections import dagster_storage, maintenance, outside_transaction, schema_transaction
from hub.migrations.security import make_schemas
from hub.secrets_file import ensure_passwords

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from hub.db.database import Connection
    from hub.settings import ClusterName, Settings

_SCHEMAS: dict[ClusterName, tuple[str, ...]] = {"data": ("hub", "vault", "landing", "marts"), "keys": ("keys",)}
_CLUSTERS: tuple[ClusterName, ...] = ("data", "keys")
_RESTORE_LOCK = 0x72657374  # "rest"


@contextmanager
def alone(settings: Settings) -> Generator[None]:
    """One restore into these servers at a time. HubError `restore_under_way`.

    A second one would drop what the first one loads, and the first would then open what the second has not cleaned.
    """
    with maintenance(settings, "data") as admin:
        row = admin.execute("SELECT pg_try_advisory_lock(%s)", (_RESTORE_LOCK,)).fetchone()
        if not (row and row[0]):
            raise HubError("restore_under_way")
        yield


def prepare(
    settings: Settings, made_by: Mapping[ClusterName, int] | None = None, *, with_dagster: bool = False
) -> bool:
    """Make roles and databases, mark both databases, and leave them without our schemas.

    `made_by` are the versions of the servers that the dumps were made of, as libpq numbers them.
    Returns whether a restore was cut short here before; what it left is dropped, since nobody could open it. HubError
    `restore_not_empty` where a database has a schema of ours without the mark, or Dagster's has tables that no restore
    of before can have made and a dump is to go there; `restore_server_older`, `backup_sees_not_all`.
    """
    for cluster, version in (made_by or {}).items():
        with maintenance(settings, cluster) as admin:
            _refuse_older(admin, version)
    for cluster in _CLUSTERS:
        ensure_passwords(settings, login_roles(settings, cluster))
        with maintenance(settings, cluster) as admin:
            prepare_cluster(admin, settings, cluster)
    marks = {cluster: _found(settings, cluster, roles.RESTORE_MARKS) for cluster in _CLUSTERS}
    # A restore that was killed while it opened both has the keys open already, and the data not yet.
    opening = roles.RESTORED_SCHEMA in marks["data"]
    for cluster in _CLUSTERS:
        with outside_transaction(settings, cluster) as admin:
            require_sight(admin)
        standing = _found(settings, cluster, _SCHEMAS[cluster])
        if standing and not marks[cluster] and not opening:
            raise HubError("restore_not_empty", schemas=", ".join(standing))
    again = any(marks.values())
    if with_dagster and not again and _dagster_has_tables(settings):
        raise HubError("restore_not_empty", schemas=DAGSTER_DATABASE)
    for cluster in _CLUSTERS:
        _mark(settings, cluster, roles.RESTORING_SCHEMA)
        with outside_transaction(settings, cluster) as admin:
            for schema in _found(settings, cluster, _SCHEMAS[cluster]):
                _execute(admin, "DROP SCHEMA {} CASCADE", schema)
        with schema_transaction(settings, cluster) as (_connection, raw):
            _execute(raw, "SET LOCAL ROLE {}", settings.role(roles.OWNER))
            make_schemas(raw, settings, ())  # whoever makes functions from here on gives PUBLIC nothing
    return again


def _refuse_older(admin: Connection, version: int) -> None:
    """A dump may say what only servers of its own version or a newer one understand."""
    ours = admin.info.server_version // 10_000
    if ours < version // 10_000:
        raise HubError("restore_server_older", found=ours, needed=version // 10_000)


def require_sight(admin: Connection) -> None:
    """HubError `backup_sees_not_all` for a login that row-level security binds: it would miss rows and not know."""
    row = admin.execute(
        "SELECT rolsuper OR rolbypassrls FROM pg_catalog.pg_roles WHERE rolname = current_user"
    ).fetchone()
    if not (row and row[0]):
        raise HubError("backup_sees_not_all", role=admin.info.user)


def end_analysts(settings: Settings) -> int:
    """Revoke the analysts' logins of the dump: their roles were another cluster's, and some were removed since."""
    with outside_transaction(settings, "data") as admin:
        return admin.execute("UPDATE hub.analyst_logins SET revoked_at = now() WHERE revoked_at IS NULL").rowcount


def open_again(settings: Settings) -> None:
    """Take the marks away; the data's comes last, and says before that the keys' may be gone."""
    _mark(settings, "data", roles.RESTORED_SCHEMA)
    for cluster in ("keys", "data"):
        _mark(settings, cluster, None)


def refuse_unfinished(settings: Settings) -> None:
    """HubError `restore_unfinished` while a mark stands."""
    for cluster in _CLUSTERS:
        with maintenance(settings, cluster) as admin:
            made = admin.execute(
                "SELECT FROM pg_catalog.pg_database WHERE datname = %s", (database_name(settings, cluster),)
            ).fetchone()
        if made is not None and _found(settings, cluster, roles.RESTORE_MARKS):
            raise HubError("restore_unfinished")


def _mark(settings: Settings, cluster: ClusterName, mark: str | None) -> None:
    """Leave this mark and no other, in one transaction."""
    with outside_transaction(settings, cluster) as admin, admin.transaction():
        if mark is not None:
            _execute(admin, "CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}", mark, settings.role(roles.OWNER))
        for other in roles.RESTORE_MARKS:
            if other != mark:
                _execute(admin, "DROP SCHEMA IF EXISTS {}", other)


def _found(settings: Settings, cluster: ClusterName, schemas: tuple[str, ...]) -> list[str]:
    with outside_transaction(settings, cluster) as admin:
        rows = admin.execute(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname", (list(schemas),)
        )
        return [row[0] for row in rows]


def _dagster_has_tables(settings: Settings) -> bool:
    with dagster_storage(settings) as connection:
        row = connection.execute(
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_tables WHERE schemaname = current_schema)"
        ).fetchone()
    return bool(row and row[0])


def _execute(connection: Connection, statement: str, *names: str) -> None:
    from psycopg import sql

    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pyright: ignore[reportArgumentType] - our own words
