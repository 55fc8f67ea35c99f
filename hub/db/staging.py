"""Hands columns to Postgres as rows: few as arrays, many by COPY into a temporary table.

For thousands of rows COPY is ten times cheaper for Python than arrays as parameters. For a dozen, arrays spare the
round trips and the temporary table.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, LiteralString

import pyarrow as pa
from psycopg import sql
from pyarrow import csv

Connection = Any
Parameters = Mapping[str, object]

FEW_VALUES = 1_000
"""A value as array element costs Python three microseconds; COPY costs about three milliseconds, however few."""


class Staging:
    r"""Rows on their way to Postgres: a name for the temporary table, and the columns' Postgres types in order.

    Values travel as text (bytea as `\x` and hexadecimal digits).
    """

    def __init__(self, name: LiteralString, types: Mapping[LiteralString, LiteralString]) -> None:
        self._table = sql.Identifier("pg_temp", name)
        columns = sql.SQL(", ").join(map(sql.Identifier, types))
        definition = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in types.items()
        )
        self._names = [str(column) for column in types]
        self._make_empty = sql.SQL(
            "CREATE TEMPORARY TABLE IF NOT EXISTS {0} ({1}) ON COMMIT DELETE ROWS; DELETE FROM {0}"
        ).format(self._table, definition)
        self._copy = sql.SQL("COPY {} FROM STDIN WITH (FORMAT csv)").format(self._table)
        self._arrays = sql.SQL("unnest({}) AS staged ({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}::{}").format(sql.Placeholder(_parameter(place)), sql.SQL(f"{kind}[]"))
                for place, kind in enumerate(types.values())
            ),
            columns,
        )
        self._written = cache(self._write)

    def execute(
        self,
        connection: Connection,
        statement: LiteralString,
        columns: Sequence[Sequence[str]],
        parameters: Parameters | None = None,
    ) -> Any:
        """Run a statement, in which `{rows}` stands for the staged rows, within the caller's transaction."""
        given = dict(parameters or {})
        few = len(columns) * len(columns[0]) <= FEW_VALUES
        if few:
            given |= {_parameter(place): list(column) for place, column in enumerate(columns)}
        else:
            connection.execute(self._make_empty)
            arrays = [pa.array(column, pa.string()) for column in columns]
            copy_arrow(connection, self._copy, pa.Table.from_arrays(arrays, names=self._names))
        return connection.execute(self._written(statement, few), given)

    def _write(self, statement: LiteralString, few: bool) -> bytes:
        return sql.SQL(statement).format(rows=self._arrays if few else self._table).as_bytes()


COPIED_AT_ONCE = 4_000
"""Rows written at once: Postgres reads them while the next ones are being written."""


def copy_arrow(connection: Connection, statement: sql.Composed, table: pa.Table) -> None:
    """COPY an Arrow table as CSV, written by Arrow itself: quoted strings keep an empty one apart from a null.

    Timestamps go as UTC without an offset, so columns with a zone want a transaction whose time zone is UTC.
    """
    plain = _without_zones(table)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for start in range(0, plain.num_rows, COPIED_AT_ONCE):
            buffer = io.BytesIO()
            csv.write_csv(plain.slice(start, COPIED_AT_ONCE), buffer, csv.WriteOptions(include_header=False))
            copy.write(buffer.getbuffer())


def _without_zones(table: pa.Table) -> pa.Table:
    # Arrow looks the zone up for every value: a timestamp with one costs a microsecond, more than all other columns.
    fields: list[Any] = list(table.schema)
    return table.cast(pa.schema([field.with_type(_without_zone(field.type)) for field in fields]))


def _without_zone(kind: Any) -> Any:
    return pa.timestamp(kind.unit) if pa.types.is_timestamp(kind) else kind


def _parameter(place: int) -> str:
    return f"staged_{place}"
