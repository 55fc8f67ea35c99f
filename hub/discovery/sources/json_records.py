"""JSON as exports write it: an array, an object around lists of records, or an object a line; read piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from hub.discovery.cells import key_name
from hub.discovery.names import ANY_KEY, shown
from hub.discovery.sample import Reservoir, TableSample, sample_of
from hub.discovery.sources import OnRows
from hub.discovery.sources.json_stream import JsonStream, NotJson
from hub.errors import HubError

_TOLD_EVERY = 50_000
_DEEPEST_LIST = 4
_LONGEST_LINE = 16 << 20


def samples(path: Path, encoding: str, limit: int, on_rows: OnRows) -> Iterator[TableSample]:
    """A table for every list of records, named after its key; what stands around them is a table of one row."""
    kept: dict[str, Reservoir[Mapping[str, Any]]] = {}
    seen = 0
    try:
        for table, record in _records(path, encoding):
            kept.setdefault(table, Reservoir(limit)).add(record)
            seen += 1
            if seen % _TOLD_EVERY == 0:
                on_rows(path.name, seen)
    except (NotJson, OSError, UnicodeDecodeError):
        seen = -1
    if seen < 0:  # outside the handler: a decoder's error holds the whole text
        raise HubError("scan_file_unreadable", path=str(path))
    if not kept:
        raise HubError("scan_file_empty", path=str(path))
    for table, records in kept.items():
        yield sample_of(table, records, total=records.seen)


def _records(path: Path, encoding: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    name = shown(path.stem)
    lines = _is_lines(path, encoding)
    with path.open(encoding=encoding) as file:
        stream = JsonStream(file)
        if lines:
            yield from ((name, _record(value)) for value in stream.values())
        elif stream.peek() == "[":
            yield from ((name, _record(value)) for value in stream.elements())
        elif stream.peek() == "{":
            yield from _around(stream, name)
        elif stream.peek():
            yield name, _record(stream.value())
        stream.end()


def _around(stream: JsonStream, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Walk an object: its lists of records are tables, the rest of it is a record of its own."""
    rest: dict[str, Any] = {}
    yield from _walked(stream, name, "", rest, 0)
    if rest:
        yield name, rest


def _walked(
    stream: JsonStream, name: str, path: str, rest: dict[str, Any], depth: int
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key in stream.members():
        known = key_name(key)
        where = f"{path}.{known}" if path else known
        following = stream.peek()
        if following == "[":
            for value in stream.elements():
                if isinstance(value, dict):
                    yield where, cast("dict[str, Any]", value)
                else:
                    rest.setdefault(where, []).append(value)
        elif following == "{" and known == ANY_KEY:
            yield where, _record(stream.value())  # keyed by data: each value is a record
        elif following == "{" and depth < _DEEPEST_LIST:
            yield from _walked(stream, name, where, rest, depth + 1)
        elif known == ANY_KEY:
            rest.setdefault(where, []).append(stream.value())
        else:
            rest[where] = stream.value()


def _record(value: Any) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {"value": value}


def _is_lines(path: Path, encoding: str) -> bool:
    """Whether the first line is a value of its own, and another line follows."""
    with path.open(encoding=encoding) as file:
        first = ""
        while not first.strip():
            first = file.readline(_LONGEST_LINE)
            if not first:
                return False
        try:
            json.loads(first)
        except (ValueError, RecursionError):
            return False
        return path.suffix.lower() in (".jsonl", ".ndjson") or any(line.strip() for line in file)
