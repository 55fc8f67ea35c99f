"""Where samples come from: a file of any known format, or a database. Each reads in batches, within bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from hub.discovery.sample import TableSample
from hub.errors import HubError

OnRows = Callable[..., None]
"""`on_rows(what)` or `on_rows(what, done, total)`, as `hub.cli.output.progress` shows it."""

_PARQUET, _SQLITE = b"PAR1", b"SQLite format 3\x00"
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"(\xb5/\xfd", b"\xd0\xcf\x11\xe0", b"%PDF")
_DELIMITED = frozenset({".csv", ".tsv", ".txt", ".tab"})
_JSON = frozenset({".json", ".jsonl", ".ndjson", ".geojson"})


def file_samples(path: Path, rows: int, on_rows: OnRows) -> tuple[str, Iterator[TableSample]]:
    """What a file is (`CSV (utf-8, ;)`), and the samples of its tables.

    HubError `scan_file_unreadable`, `scan_file_empty` or `scan_format_unknown`.
    """
    try:
        if not path.is_file():
            raise HubError("scan_file_missing", path=str(path))
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError:
        raise HubError("scan_file_unreadable", path=str(path)) from None
    if head.startswith(_PARQUET):
        from hub.discovery.sources import parquet

        return "Parquet", parquet.samples(path, rows, on_rows)
    if head.startswith(_SQLITE):
        from hub.discovery.sources import databases

        return "SQLite", databases.sqlite_file(path, rows, on_rows)
    if head.startswith(_ARCHIVES):
        raise HubError("scan_format_unknown", path=str(path))
    return _text(path, rows, on_rows)


def _text(path: Path, rows: int, on_rows: OnRows) -> tuple[str, Iterator[TableSample]]:
    from hub.discovery.sources import delimited, json_records
    from hub.discovery.sources.encodings import encoding_of, first_text

    encoding = encoding_of(path)
    first = first_text(path, encoding).lstrip()
    suffix = path.suffix.lower()
    if not first and path.stat().st_size <= 4096:
        raise HubError("scan_file_empty", path=str(path))
    if suffix in _JSON or (suffix not in _DELIMITED and first[:1] in ("[", "{")):
        return f"JSON ({encoding})", json_records.samples(path, encoding, rows, on_rows)
    dialect = delimited.dialect_of(path, encoding)
    if dialect.width < 2 and suffix not in _DELIMITED:
        raise HubError("scan_format_unknown", path=str(path))
    shown = {"\t": "TAB"}.get(dialect.delimiter, dialect.delimiter)
    return f"CSV ({encoding}, {shown})", delimited.samples(path, encoding, dialect, rows, on_rows)
