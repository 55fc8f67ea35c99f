"""Which server, which role and which database must not be used: what row-level security relies on is asked first.

A server without certain fixes shows hidden rows; a role that owns a table or has certain attributes is bound by no
policy; a database that is being restored holds people who were erased. Asked once a pool (hub/db/database.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db.roles import RESTORE_MARKS
from hub.errors import HubError

if TYPE_CHECKING:
    from hub.db.database import Connection

# CVE-2025-8713 (statistics reveal hidden rows) and the CREATEROLE rules of 16 decide these.
_LEAST_MINOR = {16: 10, 17: 6}
_LEAST_MAJOR = 18


def refuse_old_server(version: int) -> None:
    """`version` as libpq gives it (180006). Raises HubError 'server_too_old'."""
    major, minor = divmod(version, 10_000)
    if major >= _LEAST_MAJOR or (major in _LEAST_MINOR and minor >= _LEAST_MINOR[major]):
        return
    raise HubError("server_too_old", version=f"{major}.{minor}")


def refuse_unfit(connection: Connection, *, may_create_roles: bool = False) -> None:
    """Refuse a server without the fixes we rely on, and a runtime role that row-level security would not bind."""
    refuse_old_server(connection.info.server_version)
    row = connection.execute(
        """
        SELECT r.rolsuper, r.rolbypassrls, r.rolcreatedb, r.rolreplication, r.rolcreaterole,
               EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                       WHERE c.relowner = r.oid AND n.nspname IN ('hub', 'vault', 'landing', 'marts', 'keys'))
        FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
        """
    ).fetchone()
    names = ("SUPERUSER", "BYPASSRLS", "CREATEDB", "REPLICATION", "CREATEROLE", "OWNER")
    found = [name for name, given in zip(names, row or (), strict=True) if given]
    if may_create_roles and "CREATEROLE" in found:
        found.remove("CREATEROLE")
    if found:
        raise HubError("role_too_powerful", role=connection.info.user, attributes=" ".join(found))


def refuse_unfinished_restore(connection: Connection) -> None:
    """A restored database holds people who were erased after its dump, until the erasure journal was followed.

    `hub restore` marks the database before it loads anything (hub/migrations/restored.py). HubError
    'restore_unfinished'.
    """
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ANY(%s))", (list(RESTORE_MARKS),)
    ).fetchone()
    if row and row[0]:
        raise HubError("restore_unfinished")
