"""A page of rows as JSON, CSV or Parquet. Amounts stay exact: decimal text in JSON, decimals in Parquet."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from hub.spreadsheet import sheet

if TYPE_CHECKING:
    import pyarrow

    from hub.reading.datasets import Column
    from hub.reading.question import Rows
    from hub.spreadsheet import Cell

Format = Literal["json", "csv", "parquet"]
MEDIA_TYPES: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


def json_rows(page: Rows) -> list[dict[str, Any]]:
    """Rows by column; times as ISO 8601, numbers with decimals as text."""
    names = [column.name for column in page.columns]
    return [dict(zip(names, map(_plain, row), strict=True)) for row in page.rows]


def json_page(page: Rows, after: str | None) -> bytes:
    """`{"items": [...], "next": ...}`."""
    return json.dumps({"items": json_rows(page), "next": after}, ensure_ascii=False, separators=(",", ":")).encode()


def csv_bytes(page: Rows, *, plain: bool = False) -> bytes:
    """As a spreadsheet in the reader's language opens it, or plainly for programs (hub/spreadsheet.py)."""
    names = [column.name for column in page.columns]
    return sheet(names, ([_cell(value) for value in row] for row in page.rows), plain=plain)


def parquet_bytes(page: Rows) -> bytes:
    """One row group; types follow the columns, so that pages of one dataset go together."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column.name, _arrow(column)) for column in page.columns])
    names = [column.name for column in page.columns]
    rows = [dict(zip(names, map(_stored, row, page.columns), strict=True)) for row in page.rows]
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")  # str() writes a zero of nine places as 0E-9
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value


def _cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str | int | Decimal):
        return value
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(_plain(value))


def _stored(value: Any, column: Column) -> Any:
    if value is not None and column.type.startswith(("json", "uuid")):
        return json.dumps(value, ensure_ascii=False) if column.type.startswith("json") else str(value)
    return value


def _arrow(column: Column) -> pyarrow.DataType:
    import pyarrow as pa

    inner = column.type.removesuffix("[]")
    if inner != column.type:
        return pa.list_(pa.string())
    if inner.startswith("numeric"):
        digits = inner.removeprefix("numeric").strip("()").split(",")
        return pa.decimal128(38, int(digits[1])) if len(digits) == 2 else pa.decimal128(38, 9)
    if inner.startswith("timestamp"):
        return pa.timestamp("us", "UTC") if "with time zone" in inner else pa.timestamp("us")
    return {
        "boolean": pa.bool_(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
        "real": pa.float32(),
        "double precision": pa.float64(),
        "date": pa.date32(),
        "bytea": pa.binary(),
    }.get(inner, pa.string())
