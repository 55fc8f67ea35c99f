r"""Hands columns to Postgres as rows of `unnest`: many values of a column as one text that the server splits.

As array elements values cost Python three microseconds each, and COPY into a temporary table needs six round trips, at
each of which a thread loses its turn. One text a column costs neither. Rows of a landing table still come by COPY
(`copy_arrow`): there Arrow writes them.
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

_SEPARATOR = "\x1f"
"""Postgres splits at it; a column of which a value holds it travels as an array."""


class Staging:
    r"""Rows on their way to Postgres: the columns' Postgres types in order.

    Values travel as text (bytea as `\x` and hexadecimal digits).
    """

    def __init__(self, types: Mapping[LiteralString, LiteralString]) -> None:
        self._types = types
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
        split: list[bool] = []
        for place, column in enumerate(columns):
            joined = _joined(column)
            split.append(joined is not None)
            given[_parameter(place)] = list(column) if joined is None else joined
        return connection.execute(self._written(statement, tuple(split)), given)

    def _write(self, statement: LiteralString, split: tuple[bool, ...]) -> bytes:
        arrays = [
            sql.SQL(f"{_SPLIT if joined else '{}'}::{kind}[]").format(sql.Placeholder(_parameter(place)))
            for place, (kind, joined) in enumerate(zip(self._types.values(), split, strict=True))
        ]
        rows = sql.SQL("unnest({}) AS staged ({})").format(
            sql.SQL(", ").join(arrays), sql.SQL(", ").join(map(sql.Identifier, self._types))
        )
        return sql.SQL(statement).format(rows=rows).as_bytes()


_SPLIT = "string_to_array({}, E'\\x1f')"


def _joined(column: Sequence[str]) -> str | None:
    """A column's values in one text; None where Postgres would not get the same values out of it again."""
    joined = _SEPARATOR.join(column)
    # One empty value would be split into none.
    return joined if joined.count(_SEPARATOR) == len(column) - 1 and joined else None


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
