"""One column of a tenant's landed rows, read and replaced in batches in the order of the key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from psycopg import sql

from hub.db.staging import copy_arrow
from kvkk_policies.tightening import MARKED, PSEUDONYM

if TYPE_CHECKING:
    from hub.db.database import Connection

ROWS_AT_ONCE = 5_000
LOADED_AT = "_loaded_at"
_STAGE = sql.Identifier("pg_temp", "stage_replaced")

LandedRow = Mapping[str, Any]


@dataclass(frozen=True)
class Extent:
    """Which rows: loaded before `since` (and by a policy older than `version`), or at one of the times in `moved`.

    A row that is replaced gets `as_of` as its time of loading, and `version`.
    """

    since: datetime
    version: int | None
    moved: Sequence[datetime]
    as_of: datetime


@dataclass(frozen=True)
class LandedColumn:
    """`table` without its schema. `beside` are further columns to read. What is spared is neither read nor changed."""

    table: str
    key: tuple[str, ...]
    column: str
    extent: Extent
    beside: tuple[str, ...] = ()
    spares_pseudonyms: bool = False
    spares_marked: bool = False
    as_text: bool = False
    """Read the column as its text (JSON): what psycopg makes of it could not be compared afterwards."""

    def key_of(self, row: LandedRow) -> tuple[Any, ...]:
        """The row's key, without the tenant."""
        return tuple(row[name] for name in self.key)

    def read(
        self,
        connection: Connection,
        tenant_id: str,
        *,
        after: tuple[Any, ...] | None,
    ) -> list[LandedRow]:
        """The extent's next rows behind a key, in the key's order."""
        column, key = sql.Identifier(self.column), _identifiers(self.key)
        conditions = [
            sql.SQL(
                "tenant_id = %(tenant)s AND {} IS NOT NULL AND (_loaded_at = ANY(%(moved)s) OR (_loaded_at < %(since)s"
                " AND _policy_version < coalesce(%(version)s, _policy_version + 1)))"
            ).format(column)
        ]
        if self.spares_pseudonyms:
            conditions.append(sql.SQL("{} !~ %(pseudonym)s").format(column))
        if self.spares_marked:
            conditions.append(sql.SQL("{} !~ %(marked)s").format(column))
        if after is not None:
            holes = sql.SQL(", ").join(sql.Placeholder(f"after_{place}") for place in range(len(self.key)))
            conditions.append(sql.SQL("({}) > ({})").format(key, holes))
        statement = sql.SQL(
            "SELECT {key}, {read}, _loaded_at FROM {name} WHERE {where} ORDER BY {key} LIMIT {most}"
        ).format(
            key=key,
            read=self._read,
            name=self._name,
            where=sql.SQL(" AND ").join(conditions),
            most=sql.Literal(ROWS_AT_ONCE),
        )
        given = {f"after_{place}": value for place, value in enumerate(after or ())}
        given |= {"tenant": tenant_id, "since": self.extent.since, "version": self.extent.version}
        given |= {"moved": list(self.extent.moved)}
        given |= {"pseudonym": f"^{PSEUDONYM}$", "marked": MARKED}
        names = [*self.key, self.column, *self.beside, LOADED_AT]
        return [dict(zip(names, row, strict=True)) for row in connection.execute(statement, given)]

    def replace(
        self,
        connection: Connection,
        tenant_id: str,
        rows: Sequence[LandedRow],
        values: Sequence[Any],
    ) -> int:
        """Put the new values where the rows still hold the old ones; returns the rows that changed."""
        import pyarrow as pa

        changed = [(row, value) for row, value in zip(rows, values, strict=True) if row[self.column] != value]
        if not changed:
            return 0
        connection.execute(self._create)
        columns = {name: [row[name] for row, _ in changed] for name in self.key}
        columns["_old"] = [row[self.column] for row, _ in changed]
        columns["_new"] = [value for _, value in changed]
        columns["_old_loaded_at"] = [row[LOADED_AT] for row, _ in changed]
        staged = pa.table({name: pa.array(map(_written, each), pa.string()) for name, each in columns.items()})
        copy_arrow(connection, sql.SQL("COPY {} FROM STDIN WITH (FORMAT csv)").format(_STAGE), staged)
        given = {"tenant": tenant_id, "version": self.extent.version, "as_of": self.extent.as_of}
        return connection.execute(self._update, given).rowcount

    @property
    def _name(self) -> sql.Identifier:
        return sql.Identifier("landing", self.table)

    @cached_property
    def _read(self) -> sql.Composed:
        column = sql.Identifier(self.column)
        shown = sql.SQL("{}::text").format(column) if self.as_text else sql.Composed([column])
        return sql.SQL(", ").join([shown, *map(sql.Identifier, self.beside)])

    @cached_property
    def _create(self) -> sql.Composed:
        """The table's own types, whatever they are."""
        return sql.SQL(
            "CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {}, {} AS _old, {} AS _new, _loaded_at AS"
            " _old_loaded_at FROM {} WITH NO DATA"
        ).format(_STAGE, _identifiers(self.key), sql.Identifier(self.column), sql.Identifier(self.column), self._name)

    @cached_property
    def _update(self) -> sql.Composed:
        same = sql.SQL(" AND ").join(sql.SQL("t.{0} = s.{0}").format(sql.Identifier(name)) for name in self.key)
        return sql.SQL(
            "UPDATE {} AS t SET {} = s._new, _loaded_at = %(as_of)s,"
            " _policy_version = greatest(t._policy_version, %(version)s::integer)"
            " FROM {} AS s WHERE t.tenant_id = %(tenant)s AND {} AND t._loaded_at = s._old_loaded_at"
            " AND t.{} = s._old"
        ).format(self._name, sql.Identifier(self.column), _STAGE, same, sql.Identifier(self.column))


def _identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _written(value: Any) -> str | None:
    """As Postgres reads it, whatever the column's type."""
    if value is None or isinstance(value, str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)
