"""Takes a tenant's rows out of both clusters, table by table as the catalogue has them.

The catalogue and not a list decides: a table that is new tomorrow is emptied tomorrow. Referencing tables come before
those that they reference, so the tenant's own row goes last, and a process that was killed finds the rest by it.
"""

from __future__ import annotations

from collections.abc import Callable
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from psycopg import sql

from hub.db import roles
from hub.kvkk.forget import dagster, tombstones
from hub.orchestration.partitions import tenants_in_order

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from dagster import DagsterInstance

    from hub.db.database import Connection, Database

Opens = Callable[[], "AbstractContextManager[Connection]"]
OnTable = Callable[[str], None]
"""Called after each table that was emptied, with its name: a proof can end the process there."""

_LAST = "hub.tenants"
_TABLES = """
SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') ORDER BY 1
"""
_REFERENCES = """
SELECT f.relnamespace::regnamespace::text || '.' || f.relname, t.relnamespace::regnamespace::text || '.' || t.relname
FROM pg_catalog.pg_constraint x
JOIN pg_catalog.pg_class f ON f.oid = x.conrelid JOIN pg_catalog.pg_class t ON t.oid = x.confrelid
WHERE x.contype = 'f' AND f.oid <> t.oid
"""


def counts(database: Database, tenant_id: str) -> dict[str, int]:
    """Rows of the tenant by table, in both clusters; tables without any are left out."""
    found: dict[str, int] = {}
    for opens in _ways(database, tenant_id):
        with opens() as connection:
            for table in _ordered(connection):
                row = connection.execute(
                    sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s").format(sql.Identifier(*table.split("."))),
                    (tenant_id,),
                ).fetchone()
                if row and row[0]:
                    found[table] = int(row[0])
    return found


def remove(database: Database, tenant_id: str, on_table: OnTable = lambda table: None) -> None:
    """Delete every row of the tenant, data first, then its keys. Safe to repeat."""
    for opens in _ways(database, tenant_id):
        with opens() as connection:
            tables = _ordered(connection)
        for table in tables:
            with opens() as connection:
                connection.execute(
                    sql.SQL("DELETE FROM {} WHERE tenant_id = %s").format(sql.Identifier(*table.split("."))),
                    (tenant_id,),
                )
            on_table(table)


def mentions(database: Database, tenant_id: str) -> int:
    """Rows of tables without a tenant in which the id stands all the same."""
    found = 0
    sought = f"%{tenant_id}%"
    for schema, opens in (("hub", database.without_tenant), ("keys", database.master_keys)):
        with opens() as connection:
            for table in sorted(roles.WITHOUT_TENANT):
                if table.startswith(f"{schema}."):
                    row = connection.execute(
                        sql.SQL("SELECT count(*) FROM {} AS each WHERE each::text LIKE %s").format(
                            sql.Identifier(*table.split("."))
                        ),
                        (sought,),
                    ).fetchone()
                    found += int(row[0]) if row else 0
    return found


def forget_again(database: Database, instance: Callable[[], DagsterInstance] | None = None) -> int:
    """In a restored database: remove the tenants that were forgotten after its dump. Returns how many."""
    gone = tombstones.among(database, tenants_in_order(database))
    for tenant_id in gone:
        remove(database, tenant_id)
        if instance is not None:
            dagster.remove(instance(), tenant_id)
    return len(gone)


def _ways(database: Database, tenant_id: str) -> tuple[Opens, Opens]:
    return (lambda: database.tenant(tenant_id, "forgetter"), lambda: database.forgetting_keys(tenant_id))


def _ordered(connection: Connection) -> list[str]:
    tables = [row[0] for row in connection.execute(_TABLES, (list(roles.FORGETTERS),))]
    order: TopologicalSorter[str] = TopologicalSorter({table: set[str]() for table in tables})
    for referencing, referenced in connection.execute(_REFERENCES):
        if referencing in tables and referenced in tables:
            order.add(referenced, referencing)
    if _LAST in tables:
        order.add(_LAST, *(table for table in tables if table != _LAST))
    return list(order.static_order())
