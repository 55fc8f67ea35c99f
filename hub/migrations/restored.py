"""What `hub restore` does as the administrator: an empty place, marked before anything is in it, and opened at the end.

The mark is a setting of the database itself, so it holds for every process on every machine: whoever connects through
hub/db/database.py is refused while it stands. It goes when everybody who was erased since the dump is erased again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db import roles
from hub.db.endpoints import database_name
from hub.errors import HubError
from hub.migrations.cluster import login_roles, prepare_cluster
from hub.migrations.connections import maintenance, outside_transaction, schema_transaction
from hub.migrations.security import make_schemas
from hub.secrets_file import ensure_passwords

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.settings import ClusterName, Settings

_SCHEMAS: dict[ClusterName, tuple[str, ...]] = {"data": ("hub", "vault", "landing", "marts"), "keys": ("keys",)}
_CLUSTERS: tuple[ClusterName, ...] = ("data", "keys")


def prepare(settings: Settings) -> bool:
    """Make roles and databases, mark both databases, and leave them without our schemas.

    Returns whether a restore was cut short here before; what it left is dropped, since nobody could open it. HubError
    `restore_not_empty` where a database has a schema of ours without the mark, `backup_sees_not_all`.
    """
    again = False
    for cluster in _CLUSTERS:
        ensure_passwords(settings, login_roles(settings, cluster))
        with maintenance(settings, cluster) as admin:
            prepare_cluster(admin, settings, cluster)
            marked = _is_marked(admin, settings, cluster)
        again = again or marked
        with outside_transaction(settings, cluster) as admin:
            require_sight(admin)
            standing = _standing(admin, cluster)
            if standing and not marked:
                raise HubError("restore_not_empty", schemas=", ".join(standing))
    for cluster in _CLUSTERS:
        with outside_transaction(settings, cluster) as admin:
            _mark(admin, settings, cluster)
            for schema in _standing(admin, cluster):
                _execute(admin, "DROP SCHEMA {} CASCADE", schema)
        with schema_transaction(settings, cluster) as (_connection, raw):
            _execute(raw, "SET LOCAL ROLE {}", settings.role(roles.OWNER))
            make_schemas(raw, settings, ())  # whoever makes functions from here on gives PUBLIC nothing
    return again


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
    """Take the marks away; the data's comes last."""
    for cluster in ("keys", "data"):
        with maintenance(settings, cluster) as admin:
            _execute(admin, f"ALTER DATABASE {{}} RESET {roles.RESTORING_SETTING}", database_name(settings, cluster))


def refuse_unfinished(settings: Settings) -> None:
    """HubError `restore_unfinished` while a mark stands."""
    for cluster in _CLUSTERS:
        with maintenance(settings, cluster) as admin:
            if _is_marked(admin, settings, cluster):
                raise HubError("restore_unfinished")


def _is_marked(admin: Connection, settings: Settings, cluster: ClusterName) -> bool:
    row = admin.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d"
        " ON d.oid = s.setdatabase CROSS JOIN LATERAL unnest(s.setconfig) AS each"
        " WHERE d.datname = %s AND s.setrole = 0 AND starts_with(each, %s))",
        (database_name(settings, cluster), f"{roles.RESTORING_SETTING}="),
    ).fetchone()
    return bool(row and row[0])


def _mark(admin: Connection, settings: Settings, cluster: ClusterName) -> None:
    _execute(admin, f"ALTER DATABASE {{}} SET {roles.RESTORING_SETTING} = 'yes'", database_name(settings, cluster))


def _standing(admin: Connection, cluster: ClusterName) -> list[str]:
    rows = admin.execute(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY(%s) ORDER BY nspname",
        (list(_SCHEMAS[cluster]),),
    )
    return [row[0] for row in rows]


def _execute(connection: Connection, statement: str, *names: str) -> None:
    from psycopg import sql

    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))  # pyright: ignore[reportArgumentType] - our own words
