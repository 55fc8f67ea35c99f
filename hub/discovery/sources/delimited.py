"""CSV as it comes: with commas, semicolons (Turkish Excel, whose comma is the decimal point), tabs or bars."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from hub.discovery.names import distinctly_shown, is_heading, looks_like_data, shown
from hub.discovery.sample import Reservoir, TableSample, sample_of
from hub.discovery.sources import OnRows
from hub.errors import HubError

_DELIMITERS = (";", ",", "\t", "|")
_SNIFFED_ROWS = 200
LONGEST_FIELD = 16 << 20
"""Characters. A quotation mark that nobody closes would read the rest of the file as one field."""
_TOLD_EVERY = 50_000


@dataclass(frozen=True)
class Dialect:
    """How the file separates its fields. `width` is the number of fields of the first row, `skip` rows come before."""

    delimiter: str
    width: int
    skip: int = 0


def dialect_of(path: Path, encoding: str) -> Dialect:
    """The delimiter under which most of the first rows have as many fields as the heading."""
    skip, told = _told(path, encoding)
    best, score = Dialect(told or ",", 1, skip), (0.0, 1)
    for delimiter in [told] if told else _DELIMITERS:
        widths = [len(row) for row in islice(_rows(path, encoding, Dialect(delimiter, 1, skip)), _SNIFFED_ROWS) if row]
        if not widths or (widths[0] < 2 and not told):
            continue
        same = sum(width == widths[0] for width in widths) / len(widths)
        if (same, widths[0]) > score:
            best, score = Dialect(delimiter, widths[0], skip), (same, widths[0])
    return best


def samples(path: Path, encoding: str, dialect: Dialect, limit: int, on_rows: OnRows) -> Iterator[TableSample]:
    """One table, named after the file. Without a heading its columns are numbered."""
    rows = (row for row in _rows(path, encoding, dialect) if any(cell.strip() for cell in row))
    first = next(rows, None)
    if first is None:
        raise HubError("scan_file_empty", path=str(path))
    headed = is_heading([cell.strip() for cell in first if cell.strip()])
    names = _column_names(first) if headed else [f"column_{at}" for at in range(1, len(first) + 1)]
    kept: Reservoir[list[str]] = Reservoir(limit)
    if not headed:
        kept.add(first)
    for row in rows:
        kept.add(row)
        if kept.seen % _TOLD_EVERY == 0:
            on_rows(path.name, kept.seen)
    records = (_record(names, row) for row in kept)
    yield sample_of(shown(path.stem), records, columns=names, total=kept.seen, typed=False)


def _told(path: Path, encoding: str) -> tuple[int, str | None]:
    """Excel's own first line, `sep=;`."""
    with path.open(encoding=encoding, newline="") as file:
        line = file.readline(16).strip()
    told = line.lower().startswith("sep=") and len(line) == 5
    return (1, line[4]) if told else (0, None)


def _rows(path: Path, encoding: str, dialect: Dialect) -> Iterator[list[str]]:
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with path.open(encoding=encoding, newline="") as file:
            for _line in range(dialect.skip):
                file.readline()
            yield from csv.reader(file, delimiter=dialect.delimiter)
    except (csv.Error, OSError, UnicodeDecodeError):
        pass
    else:
        return
    raise HubError("scan_file_unreadable", path=str(path))  # outside the handler: what csv says may quote the field


def _column_names(heading: list[str]) -> list[str]:
    """Names of the columns; a cell of the heading that looks like data is none. A dot would make a nested record."""
    data = looks_like_data(heading)
    cells = ["" if is_data else cell for cell, is_data in zip(heading, data, strict=True)]
    return distinctly_shown(cell.replace(".", " ").replace("[", " ") for cell in cells)


def _record(names: list[str], row: list[str]) -> Mapping[str, Any]:
    record = dict(zip(names, row, strict=False))
    for at in range(len(names), len(row)):
        if row[at].strip():
            record[f"column_{at + 1}"] = row[at]
    return record
