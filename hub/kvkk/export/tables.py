"""One table as CSV for people and as JSON for machines.

CSV is what Turkish Excel opens by a double click: UTF-8 with a byte order mark, semicolons, decimal commas. A text that
a spreadsheet would take for a formula begins with an apostrophe. JSON holds the exact values: amounts as text with a
point, times as ISO 8601.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from connectors.istanbul import ISTANBUL

Write = Callable[[bytes], object]
Row = Mapping[str, Any]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"


def write_table(rows: Iterator[Row], to_csv: Write, to_json: Write, on_row: Callable[[], None]) -> int:
    """Write all rows both ways, one at a time; how many. The first row's names are the columns."""
    buffer = io.StringIO(newline="")
    lines = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    count = 0
    for count, row in enumerate(rows, 1):
        if count == 1:
            buffer.write(BYTE_ORDER_MARK)
            lines.writerow([guarded(name) for name in row])
        lines.writerow([cell(value) for value in row.values()])
        to_csv(_taken(buffer))
        to_json((("[\n" if count == 1 else ",\n") + json_text(row)).encode())
        on_row()
    to_json(b"\n]\n" if count else b"[]\n")
    return count


def json_text(value: object, *, indent: int | None = None) -> str:
    """JSON with Turkish letters as they are, and what JSON has no form for as text."""
    return json.dumps(value, ensure_ascii=False, default=_plain, indent=indent)


def cell(value: Any) -> str:
    """A value in a CSV file."""
    match value:
        case None:
            text = ""
        case bool():
            text = "1" if value else "0"
        case int():
            text = str(value)
        case Decimal():
            text = _written(value).replace(".", ",")
        case datetime():
            text = value.astimezone(ISTANBUL).strftime("%Y-%m-%d %H:%M:%S")
        case str():
            text = guarded(value)
        case _:
            text = guarded(json_text(value).strip('"'))
    return text


def guarded(text: str) -> str:
    """The text, so that no spreadsheet runs it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


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
