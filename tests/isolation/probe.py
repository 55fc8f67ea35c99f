"""What one connection can do to another tenant's rows in one table; an empty answer means isolated and not blind.

Each operation comes with its control: the same thing on the connection's own tenant must work where the role may do it.
A check that only looked for forbidden rows would stay green when a role sees nothing at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.isolation.seeds import Table

REFUSED = "42501"
REFERRED_TO = "23503"
SHARED, ONLY_THEIRS, NEW = "shared", "only-theirs", "new"
"""Marks: both tenants have a row with the first key; only the other tenant has the second; nobody the third."""

_CHANGES = {"hub.consents": ("withdrawn_at", "now()"), "hub.legal_bases": ("ended_at", "now()")}
"""Tables on which `SET x = x` is refused for a reason of its own."""


@dataclass(frozen=True)
class Answer:
    """What an attempt brought: rows touched and returned, or the SQLSTATE it was refused with."""

    count: int = 0
    rows: tuple[tuple[Any, ...], ...] = ()
    sqlstate: str | None = None


@dataclass(frozen=True)
class Privileges:
    select: tuple[str, ...]
    insert: tuple[str, ...]
    update: tuple[str, ...]
    delete: bool


def attempt(
    connection: psycopg.Connection[Any], statement: sql.Composed | sql.SQL, parameters: Sequence[Any] = ()
) -> Answer:
    """Try a statement and undo it."""
    try:
        with connection.transaction(force_rollback=True):
            cursor = connection.execute(statement, parameters)
            rows = tuple(cursor.fetchall()) if cursor.description else ()
            return Answer(count=cursor.rowcount, rows=rows)
    except psycopg.Error as error:
        return Answer(sqlstate=error.sqlstate)


def scoped_leaks(connection: psycopg.Connection[Any], table: Table, *, own: str, other: str) -> list[str]:
    """Everything wrong with how this connection, bound to `own`, meets the table."""
    privileges = _privileges(connection, table)
    found = [
        *_reads(connection, table, privileges, own=own, other=other),
        *_inserts(connection, table, privileges, own=own, other=other),
        *_updates(connection, table, privileges, own=own, other=other),
        *_deletes(connection, table, privileges, own=own, other=other),
        *_definitions(connection, table),
    ]
    return [f"{table.name}: {what}" for what in found]


def crossing_leaks(connection: psycopg.Connection[Any], table: Table, *, tenants: set[str]) -> list[str]:
    """A crossing sees every tenant at the columns granted to it, and can do nothing that was not granted."""
    privileges = _privileges(connection, table)
    found: list[str] = []
    if privileges.select:
        seen = attempt(connection, _select(table, ["tenant_id"]))
        if not tenants <= {row[0] for row in seen.rows}:
            found.append("a crossing is blind")
    elif attempt(connection, _statement("SELECT count(*) FROM {}", table)).sqlstate != REFUSED:
        found.append("a crossing reads without a grant")
    if not privileges.insert:
        statement, values = table.insert(table.row(min(tenants), NEW))
        found += _unless_refused(attempt(connection, statement, values), "a crossing inserts")
    if not privileges.delete:
        found += _unless_refused(attempt(connection, _statement("DELETE FROM {}", table)), "a crossing deletes")
    if not privileges.update:
        move = _statement("UPDATE {} SET tenant_id = tenant_id", table)
        found += _unless_refused(attempt(connection, move), "a crossing updates")
    return [f"{table.name}: {what}" for what in [*found, *_definitions(connection, table)]]


def _reads(
    connection: psycopg.Connection[Any], table: Table, privileges: Privileges, *, own: str, other: str
) -> list[str]:
    if not privileges.select:
        return _unless_refused(
            attempt(connection, _statement("SELECT count(*) FROM {}", table)), "read without a grant"
        )
    found: list[str] = []
    seen = {row[0] for row in attempt(connection, _select(table, ["tenant_id"])).rows}
    if own not in seen:
        found.append("its own rows are hidden")
    if seen - {own}:
        found.append("another tenant's rows are shown")
    where = sql.SQL("{} WHERE tenant_id = {}").format(_select(table, privileges.select), sql.Literal(other))
    if attempt(connection, where).rows:
        found.append("another tenant's rows can be asked for")
    joined = _statement(
        "SELECT count(*) FROM {} x LEFT JOIN {} y ON y.tenant_id <> x.tenant_id WHERE y IS NOT NULL", table
    )
    # A condition that fails on their rows would tell that there are some.
    failing = sql.SQL("SELECT count(*) FROM {} WHERE 1 / (tenant_id <> {})::int = 1").format(
        table.identifier, sql.Literal(other)
    )
    if attempt(connection, failing).sqlstate is not None:
        found.append("a condition meets another tenant's rows")
    if len(privileges.select) == len(table.required) and attempt(connection, joined).rows != ((0,),):
        found.append("another tenant's rows can be joined")
    return found


def _inserts(
    connection: psycopg.Connection[Any], table: Table, privileges: Privileges, *, own: str, other: str
) -> list[str]:
    def insert(tenant_id: str, mark: str) -> Answer:
        return attempt(connection, *table.insert(table.row(tenant_id, mark)))

    if not set(table.required) <= set(privileges.insert):
        return _unless_refused(insert(own, NEW), "inserted without a grant")
    found = _unless_refused(insert(other, NEW), "a row is inserted for another tenant")
    # The same answer whether the other tenant has the key or not: otherwise the key could be guessed at.
    found += _unless_refused(insert(other, ONLY_THEIRS), "another tenant's key is confirmed")
    for mark in (NEW, ONLY_THEIRS):
        statement, values = table.insert(table.row(other, mark))
        answer = attempt(connection, statement + sql.SQL(" ON CONFLICT DO NOTHING"), values)
        found += _unless_refused(answer, "another tenant's key is passed over")
    if table.key != ("tenant_id",):
        for mark in (NEW, ONLY_THEIRS):
            if insert(own, mark).sqlstate is not None:
                found.append(f"its own row is refused ({mark})")
        if insert(own, SHARED).sqlstate != "23505":
            found.append("its own key is not unique")
    return found


def _updates(
    connection: psycopg.Connection[Any], table: Table, privileges: Privileges, *, own: str, other: str
) -> list[str]:
    def update(column: str, value: str, tenant_id: str) -> Answer:
        statement = sql.SQL("UPDATE {} SET {} = {} WHERE tenant_id = {}").format(
            table.identifier, sql.Identifier(column), sql.SQL(value), sql.Literal(tenant_id)
        )
        return attempt(connection, statement)

    found: list[str] = []
    mine, theirs = (f"'{tenant}'" for tenant in (own, other))
    found += _unless_refused(update("tenant_id", theirs, own), "its row is moved to another tenant")
    taken = update("tenant_id", mine, other)
    if taken.sqlstate != REFUSED and taken.count != 0:
        found.append("another tenant's row is moved to it")
    if not privileges.update:
        return found
    column = next((name for name in privileges.update if name not in table.key), privileges.update[-1])
    column, value = _CHANGES.get(table.name, (column, f'"{column}"'))
    if update(column, value, other).count != 0:
        found.append("another tenant's row is changed")
    if update(column, value, own).count < 1:
        found.append("its own row cannot be changed")
    return found


def _deletes(
    connection: psycopg.Connection[Any], table: Table, privileges: Privileges, *, own: str, other: str
) -> list[str]:
    def delete(tenant_id: str) -> Answer:
        where = _statement("DELETE FROM {} WHERE tenant_id = ", table)
        return attempt(connection, sql.Composed([where, sql.Literal(tenant_id)]))

    if not privileges.delete:
        return _unless_refused(delete(own), "deleted without a grant")
    found: list[str] = []
    if delete(other).count != 0:
        found.append("another tenant's row is deleted")
    mine = delete(own)
    # Rows that others refer to wait for these; whoever may not see them would delete none, without an error.
    if mine.count < 1 and mine.sqlstate != REFERRED_TO:
        found.append("its own row cannot be deleted")
    return found


def _definitions(connection: psycopg.Connection[Any], table: Table) -> list[str]:
    statements = {
        "truncated": "TRUNCATE {}",
        "dropped": "DROP TABLE {}",
        "altered": "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
        "opened by a policy": "CREATE POLICY mine ON {} USING (true)",
        "renamed": "ALTER TABLE {} RENAME TO mine",
    }
    found = [
        what for what, text in statements.items() if attempt(connection, _statement(text, table)).sqlstate != REFUSED
    ]
    # Without the grant option this is a warning that nothing was granted, so the effect is looked at.
    given = _statement("GRANT SELECT ON {} TO PUBLIC; SELECT 1/(count(*) - 1) FROM pg_class c", table)
    given = sql.Composed([given, sql.SQL(" WHERE c.oid = {}::regclass").format(sql.Literal(table.name))])
    acl = sql.SQL(" AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0)")
    if attempt(connection, given + acl).sqlstate == "22012":
        found.append("given away")
    return found


def _privileges(connection: psycopg.Connection[Any], table: Table) -> Privileges:
    """What the connection's current role may do, as Postgres sees it (and not as our declaration says)."""
    schema, _, name = table.name.partition(".")
    with connection.transaction(force_rollback=True):
        rows = connection.execute(
            """
            SELECT a.attname, has_column_privilege(c.oid, a.attnum, 'SELECT'),
                   has_column_privilege(c.oid, a.attnum, 'INSERT'),
                   has_column_privilege(c.oid, a.attnum, 'UPDATE'), has_table_privilege(c.oid, 'DELETE'),
                   has_schema_privilege(n.oid, 'USAGE')
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE n.nspname = %s AND c.relname = %s ORDER BY a.attnum
            """,
            (schema, name),
        ).fetchall()
    usable = [row for row in rows if row[5]]
    return Privileges(
        *(tuple(row[0] for row in usable if row[privilege]) for privilege in (1, 2, 3)),
        delete=any(row[4] for row in usable),
    )


def _unless_refused(answer: Answer, what: str) -> list[str]:
    return [] if answer.sqlstate == REFUSED else [f"{what} (sqlstate {answer.sqlstate}, rows {answer.count})"]


def _select(table: Table, columns: Sequence[str]) -> sql.Composed:
    return sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(map(sql.Identifier, columns)), table.identifier)


def _statement(text: str, table: Table) -> sql.Composed:
    return sql.SQL(text).format(*[table.identifier] * text.count("{}"))  # pyright: ignore[reportArgumentType]
