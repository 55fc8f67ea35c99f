"""One table as CSV for people and as JSON for machines.

CSV is what a spreadsheet in the language of the answer opens by a double click (hub/spreadsheet.py). JSON holds the
exact values: amounts as text with a point, times as ISO 8601.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from connectors.istanbul import ISTANBUL
from hub.spreadsheet import Cell, SheetWriter

Write = Callable[[bytes], object]
Row = Mapping[str, Any]


def write_table(rows: Iterator[Row], to_csv: Write, to_json: Write, on_row: Callable[[], None]) -> int:
    """Write all rows both ways, one at a time; how many. The first row's names are the columns."""
    buffer = io.StringIO(newline="")
    lines: SheetWriter | None = None
    count = 0
    for count, row in enumerate(rows, 1):
        lines = lines or SheetWriter(buffer, list(row))
        lines.write(cell(value) for value in row.values())
        to_csv(_taken(buffer))
        to_json((("[\n" if count == 1 else ",\n") + json_text(row)).encode())
        on_row()
    to_json(b"\n]\n" if count else b"[]\n")
    return count


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON with Turkish letters as they are, and what JSON has no form for as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)


def cell(value: Any) -> Cell:
    """A value in a CSV file."""
    match value:
        case None:
            return ""
        case bool() | int():
            return int(value)
        case Decimal():
            return Decimal(_written(value))
        case datetime():
            return value.astimezone(ISTANBUL).strftime("%Y-%m-%d %H:%M:%S")
        case str():
            return value
        case _:
            return json_text(value).strip('"')


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return _written(value)
    if isinstance(value, datetime):
        return value.astimezone(ISTANBUL).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | IPv4Address | IPv6Address):
        return str(value)
    raise TypeError(type(value).__name__)


def _written(value: Decimal) -> str:
    """Without exponent and without the zeros that a landing column's scale adds; an amount keeps two places."""
    text = format(value, "f")
    if "." not in text:
        return text
    whole, _, fraction = text.partition(".")
    kept = fraction.rstrip("0")
    return f"{whole}.{kept.ljust(2, '0')}" if kept or len(fraction) <= 2 else whole


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
