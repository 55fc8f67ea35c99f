"""Tables that are derived and not written down: `landing` from declared streams, `marts` from dbt's contracts.

A definition may grow by columns. A column that the definition no longer has is dropped, with its values: what no policy
declares may not stay. A changed type or key is refused, for it needs a person to say what becomes of the rows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from hub.errors import HubError

if TYPE_CHECKING:
    from psycopg import sql

    from hub.db.database import Connection

Change = Literal["created", "altered", "unchanged"]


@dataclass(frozen=True)
class GeneratedColumn:
    """One column. `type` as Postgres prints it; `default` an SQL expression."""

    name: str
    type: str
    description: str
    required: bool = False
    default: str | None = None


@dataclass(frozen=True)
class GeneratedTable:
    """A table with tenant data; its primary key begins with `tenant_id`. `version` grows with the declaration's."""

    schema: str
    name: str
    description: str
    columns: tuple[GeneratedColumn, ...]
    key: tuple[str, ...]
    indexes: tuple[tuple[str, ...], ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if self.key[:1] != ("tenant_id",) or not set(self.key) <= set(names) or len(set(names)) != len(names):
            raise HubError("generated_table_malformed", table=self.full_name)

    @property
    def full_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"

    @property
    def definition_hash(self) -> str:
        """Names the definition: 64 hex digits."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def apply_table(owner: Connection, table: GeneratedTable) -> Change:
    """Make the table, or let the one that stands grow. Security is the caller's, in the same transaction.

    Raises HubError 'schema_newer', 'generated_type_changed', 'generated_key_changed' or 'generated_column_required'.
    """
    row = owner.execute(
        "SELECT definition_hash, declared_version FROM hub.generated_tables WHERE schema_name = %s AND table_name = %s",
        (table.schema, table.name),
    ).fetchone()
    if row is not None and row[1] > table.version:
        raise HubError("schema_newer", schema=table.full_name, found=row[1], known=table.version)
    if row is not None and row[0] == table.definition_hash:
        return "unchanged"
    if row is None:
        _create(owner, table)
    narrowed = row is not None and _alter(owner, table)
    _describe(owner, table)
    _keep_no_statistics(owner, table)
    owner.execute(
        """
        INSERT INTO hub.generated_tables AS standing
            (schema_name, table_name, definition_hash, declared_version, rewrite_due)
        VALUES (%s, %s, %s, %s, %s)
        ON CONFLICT (schema_name, table_name) DO UPDATE SET
            definition_hash = excluded.definition_hash, declared_version = excluded.declared_version,
            rewrite_due = standing.rewrite_due OR excluded.rewrite_due, applied_at = now()
        """,
        (table.schema, table.name, table.definition_hash, table.version, narrowed),
    )
    return "created" if row is None else "altered"


def _create(owner: Connection, table: GeneratedTable) -> None:
    from psycopg import sql

    columns = [_column(column) for column in table.columns]
    key = sql.SQL("PRIMARY KEY ({})").format(sql.SQL(", ").join(map(sql.Identifier, table.key)))
    owner.execute(sql.SQL("CREATE TABLE {} ({})").format(_name(table), sql.SQL(", ").join([*columns, key])))
    for number, index in enumerate(table.indexes, 1):
        owner.execute(
            sql.SQL("CREATE INDEX {} ON {} ({})").format(
                sql.Identifier(_index_name(table, number)), _name(table), sql.SQL(", ").join(map(sql.Identifier, index))
            )
        )


def _alter(owner: Connection, table: GeneratedTable) -> bool:
    """Let the table grow; True when it lost a column."""
    from psycopg import sql

    standing = _standing_columns(owner, table)
    if _standing_key(owner, table) != table.key:
        raise HubError("generated_key_changed", table=table.full_name)
    declared = {column.name: column for column in table.columns}
    for name, (type_name, required) in standing.items():
        column = declared.get(name)
        if column is None:
            owner.execute(sql.SQL("ALTER TABLE {} DROP COLUMN {}").format(_name(table), sql.Identifier(name)))
        elif type_name != column.type:
            raise HubError(
                "generated_type_changed", table=table.full_name, column=name, found=type_name, declared=column.type
            )
        elif required and not column.required and name not in table.key:
            owner.execute(
                sql.SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(_name(table), sql.Identifier(name))
            )
    for column in table.columns:
        if column.name in standing:
            continue
        if column.required and column.default is None:
            raise HubError("generated_column_required", table=table.full_name, column=column.name)
        owner.execute(sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(_name(table), _column(column)))
    return not standing.keys() <= declared.keys()


def rewrite_narrowed(admin: Connection) -> list[str]:
    """Rewrite the tables that lost a column, outside a transaction: until then its values stay in their files.

    What a migration owes is recorded with its own changes, so one that was killed here is made good by the next.
    """
    from psycopg import sql

    due = admin.execute("SELECT schema_name, table_name FROM hub.generated_tables WHERE rewrite_due").fetchall()
    for schema, name in due:
        admin.execute(sql.SQL("VACUUM (FULL) {}").format(sql.Identifier(schema, name)))
        admin.execute(
            "UPDATE hub.generated_tables SET rewrite_due = false WHERE schema_name = %s AND table_name = %s",
            (schema, name),
        )
    return [f"{schema}.{name}" for schema, name in due]


def _describe(owner: Connection, table: GeneratedTable) -> None:
    """Descriptions travel with the table: an analyst sees them in any SQL client."""
    from psycopg import sql

    owner.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(_name(table), sql.Literal(table.description)))
    for column in table.columns:
        owner.execute(
            sql.SQL("COMMENT ON COLUMN {}.{} IS {}").format(
                _name(table), sql.Identifier(column.name), sql.Literal(column.description)
            )
        )


def _keep_no_statistics(owner: Connection, table: GeneratedTable) -> None:
    """Take no samples of the rows.

    The estimates of EXPLAIN would show an analyst, comparison by comparison, values and tenant ids out of the common
    histogram. Every query finds its tenant through the primary key, samples or not.
    """
    from psycopg import sql

    actions = (sql.SQL("ALTER COLUMN {} SET STATISTICS 0").format(sql.Identifier(c.name)) for c in table.columns)
    owner.execute(sql.SQL("ALTER TABLE {} {}").format(_name(table), sql.SQL(", ").join(actions)))


def _standing_columns(owner: Connection, table: GeneratedTable) -> dict[str, tuple[str, bool]]:
    rows = owner.execute(
        """
        SELECT attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull FROM pg_catalog.pg_attribute
        WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
        """,
        (table.full_name,),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def _standing_key(owner: Connection, table: GeneratedTable) -> tuple[str, ...]:
    rows = owner.execute(
        """
        SELECT a.attname FROM pg_catalog.pg_index i
        CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY AS k(attnum, position)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE i.indrelid = %s::regclass AND i.indisprimary ORDER BY k.position
        """,
        (table.full_name,),
    )
    return tuple(row[0] for row in rows)


def _column(column: GeneratedColumn) -> sql.Composed:
    from psycopg import sql

    # Types and defaults are our own words (policy engine, dbt contract), checked by Postgres; they cannot be quoted.
    words = column.type + (" NOT NULL" if column.required else "")
    words += f" DEFAULT {column.default}" if column.default else ""
    return sql.SQL("{} " + words).format(sql.Identifier(column.name))  # pyright: ignore[reportArgumentType]


def _name(table: GeneratedTable) -> sql.Identifier:
    from psycopg import sql

    return sql.Identifier(table.schema, table.name)


def _index_name(table: GeneratedTable, number: int) -> str:
    digest = hashlib.sha256(table.full_name.encode()).hexdigest()[:8]
    return f"{table.name[:40]}_{digest}_{number}"
