"""Take from PUBLIC what Postgres gives everybody by default and what would show one tenant traces of another.

Needs a superuser, so it is done where Postgres allows; docs/security.md lists what remains visible.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db import roles

if TYPE_CHECKING:
    from hub.db.database import Connection
    from hub.settings import ClusterName, Settings

_STATISTICS_VIEWS = "^(pg_stat|pg_statio|pg_stats|pg_locks|pg_prepared_|pg_shmem|pg_backend_memory|pg_replication_)"
_FUNCTIONS = (
    # Statistics and activity of tables and sessions, through the views or by hand.
    "^pg_stat_get_",
    "^pg_(lock_status|prepared_xact|blocking_pids|safe_snapshot_blocking_pids)$",
    # Sizes: how much other tenants hold.
    "^pg_(relation|table|total_relation|indexes|database|tablespace)_size$",
    # Advisory locks: an analyst who takes the loader's lock stops everybody's loads.
    "^pg_(try_)?advisory_",
    # Large objects and logical messages: stores without row-level security.
    "^(lo_|loread$|lowrite$|pg_logical_emit_message$)",
    "^pg_notify$",
)
_ADVISORY = "^pg_(try_)?advisory_"


def harden(admin: Connection, settings: Settings, cluster: ClusterName) -> bool:
    """Apply it in the current database; False where the administrator is no superuser and nothing was done."""
    row = admin.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").fetchone()
    if not (row and row[0]):
        return False
    for view in exposed_views(admin):
        admin.execute(f"REVOKE ALL ON {view} FROM PUBLIC".encode())
    for function in exposed_functions(admin):
        admin.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC".encode())
    if cluster == "keys":
        return True
    for function in _functions(admin, [_ADVISORY], "true"):
        for role in (*roles.LOGINS, *roles.CROSSINGS):
            admin.execute(f'GRANT EXECUTE ON FUNCTION {function} TO "{settings.role(role)}"'.encode())
    # Removing an analyst ends the analyst's sessions, which takes finding them.
    provisioner = settings.role("provisioner")
    admin.execute(f'GRANT SELECT ON pg_stat_activity TO "{provisioner}"'.encode())
    admin.execute(f'GRANT EXECUTE ON FUNCTION pg_stat_get_activity(integer) TO "{provisioner}"'.encode())
    return True


def exposed_views(connection: Connection) -> list[str]:
    """Statistics views that PUBLIC may still read, as SQL names."""
    return [
        row[0]
        for row in connection.execute(
            """
            SELECT c.oid::regclass::text FROM pg_catalog.pg_class c
            WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'v' AND c.relname ~ %s
              AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0) ORDER BY 1
            """,
            (_STATISTICS_VIEWS,),
        )
    ]


def exposed_functions(connection: Connection) -> list[str]:
    """Functions of the list above that PUBLIC may still call, as SQL signatures."""
    return _functions(
        connection,
        _FUNCTIONS,
        "(p.proacl IS NULL OR EXISTS (SELECT FROM aclexplode(p.proacl) a WHERE a.grantee = 0))",
    )


def _functions(connection: Connection, patterns: tuple[str, ...] | list[str], condition: str) -> list[str]:
    return [
        row[0]
        for row in connection.execute(
            f"""
            SELECT p.oid::regprocedure::text FROM pg_catalog.pg_proc p
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ ANY(%s) AND {condition} ORDER BY 1
            """.encode(),  # noqa: S608 - our own words
            (list(patterns),),
        )
    ]
