"""Make row-level security and grants agree with hub/db/roles.py, for every table of our schemas.

Runs in the transaction that creates the tables. Policies that stand as declared are left alone (replacing one locks the
table); grants are renewed every time, which locks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.db import roles
from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg import sql

    from hub.db.database import Connection
    from hub.settings import Settings


def make_schemas(owner: Connection, settings: Settings, names: Iterable[str]) -> None:
    """Create the schemas (as the role that owns the tables) and say who may enter them."""
    for schema in names:
        owner.execute(_composed("CREATE SCHEMA IF NOT EXISTS {}", schema))
        owner.execute(_composed("REVOKE ALL ON SCHEMA {} FROM PUBLIC", schema))
        for role in roles.SCHEMA_USAGE[schema]:
            owner.execute(_composed("GRANT USAGE ON SCHEMA {} TO {}", schema, settings.role(role)))
    owner.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    owner.execute("ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC")


def secure(owner: Connection, settings: Settings, tables: Iterable[str]) -> None:
    """Row-level security, policies and grants for these tables (`schema.table`).

    Raises HubError 'table_undeclared' for one that hub/db/roles.py does not know: nobody has said who may see it.
    """
    for table in tables:
        if not roles.is_declared(table):
            raise HubError("table_undeclared", table=table)
        name = tuple(table.split("."))
        if table not in roles.WITHOUT_TENANT:
            _force(owner, name)
            _make_policies(owner, settings, table, name)
        _make_grants(owner, settings, table, name)


def present_tables(connection: Connection, schemas: Iterable[str]) -> list[str]:
    """`schema.table` of every ordinary or partitioned table in these schemas."""
    return [
        row[0]
        for row in connection.execute(
            """
            SELECT n.nspname || '.' || c.relname
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') ORDER BY 1
            """,
            (list(schemas),),
        )
    ]


def read_policies(connection: Connection, table: str) -> dict[str, tuple[str, tuple[str, ...], str | None, str | None]]:
    """A table's policies as they stand: name to (command, roles, using, check), with white space collapsed."""
    schema, _, name = table.partition(".")
    rows = connection.execute(
        """
        SELECT policyname, cmd, roles::text[], qual, with_check, permissive
        FROM pg_catalog.pg_policies WHERE schemaname = %s AND tablename = %s
        """,
        (schema, name),
    )
    return {
        name: (
            command if permissive == "PERMISSIVE" else f"RESTRICTIVE {command}",
            tuple(role_names),
            _spaced(using),
            _spaced(check),
        )
        for name, command, role_names, using, check, permissive in rows
    }


def _force(owner: Connection, name: tuple[str, ...]) -> None:
    schema, table = name
    row = owner.execute(
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_catalog.pg_class "
        "WHERE relname = %s AND relnamespace = %s::regnamespace",
        (table, schema),
    ).fetchone()
    if not (row and row[0]):
        owner.execute(_composed("ALTER TABLE {}.{} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY", *name))


def _make_policies(owner: Connection, settings: Settings, table: str, name: tuple[str, ...]) -> None:
    from psycopg import sql

    standing = read_policies(owner, table)
    wanted = {policy.name: policy for policy in roles.policies_of(table)}
    for policy_name, found in standing.items():
        policy = wanted.get(policy_name)
        if policy is not None and found == (policy.command, (settings.role(policy.role),), policy.using, policy.check):
            del wanted[policy_name]
        else:
            owner.execute(_composed("DROP POLICY {} ON {}.{}", policy_name, *name))
    for policy in wanted.values():
        check = f" WITH CHECK ({policy.check})" if policy.check else ""
        clause = f"FOR {policy.command} TO {{}} USING ({policy.using}){check}"
        statement = _composed("CREATE POLICY {} ON {}.{} ", policy.name, *name)
        owner.execute(sql.Composed([statement, _composed(clause, settings.role(policy.role))]))


def _make_grants(owner: Connection, settings: Settings, table: str, name: tuple[str, ...]) -> None:
    for role in _grantees(owner, table) - {settings.role(roles.OWNER)}:
        statement = "REVOKE ALL ON TABLE {}.{} FROM PUBLIC" if role == "PUBLIC" else "REVOKE ALL ON TABLE {}.{} FROM {}"
        owner.execute(_composed(statement, *name, *([] if role == "PUBLIC" else [role])))
    for grant in roles.grants_of(table):
        for privilege, columns in grant.by_privilege().items():
            listed = "" if columns == roles.ALL else " (" + ", ".join("{}" for _ in columns) + ")"
            names = () if columns == roles.ALL else columns
            owner.execute(
                _composed(
                    f"GRANT {privilege}{listed} ON TABLE {{}}.{{}} TO {{}}", *names, *name, settings.role(grant.role)
                )
            )


def _grantees(owner: Connection, table: str) -> set[str]:
    rows = owner.execute(
        """
        SELECT coalesce(r.rolname, 'PUBLIC') FROM (
            SELECT (aclexplode(c.relacl)).grantee FROM pg_catalog.pg_class c WHERE c.oid = %(table)s::regclass
            UNION
            SELECT (aclexplode(a.attacl)).grantee FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = %(table)s::regclass AND a.attacl IS NOT NULL
        ) g LEFT JOIN pg_catalog.pg_roles r ON r.oid = g.grantee
        """,
        {"table": table},
    )
    return {row[0] for row in rows}


def _spaced(text: str | None) -> str | None:
    return " ".join(text.split()) if text is not None else None


def _composed(statement: str, *names: str) -> sql.Composed:
    from psycopg import sql

    return sql.SQL(statement).format(*map(sql.Identifier, names))  # pyright: ignore[reportArgumentType] - our own words
