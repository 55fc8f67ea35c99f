"""From a driver's or a file's values to texts that can be looked at, nested records to columns with dotted names."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, cast

from connectors.contract import ColumnType
from hub.discovery.names import ANY_KEY, is_heading_word, is_identifier, looks_like_data, shown

BINARY = "\x00binary"
LONGEST_TEXT = 4_000
"""Code points of a value that are looked at: what a text speaks of shows before."""
DEEPEST = 20

_NOTHING = frozenset({"", "-", "--", "null", "none", "nan", "n/a", "#n/a", "\\n", "nil"})
"""Ways of writing that there is no value."""

_known_names: dict[str, str] = {}
"""Keys of objects already judged; a file has few."""
_MOST_KNOWN = 20_000


def text_of(value: Any) -> str | None:
    """The text of a value as a person would write it; None for no value, `BINARY` for bytes."""
    if value is None:
        return None
    if isinstance(value, bytes | bytearray | memoryview):
        return BINARY if len(cast("bytes", value)) else None
    text = _number(value) if isinstance(value, float | Decimal) else _plain(value)
    if text is None:
        return None
    # Half of a surrogate pair cannot be handed to the detector, and NUL is how `BINARY` begins.
    text = text[:LONGEST_TEXT].encode("utf-8", "replace").decode().replace("\x00", " ").strip()
    return None if text.lower() in _NOTHING else text


def type_of(value: Any) -> ColumnType:
    """The hub's type of a driver's value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int) or (isinstance(value, float | Decimal) and value == int(value)):
        return "int"
    if isinstance(value, float | Decimal):
        return "decimal"
    if isinstance(value, datetime):
        return "timestamp"
    return "date" if isinstance(value, date) else "text"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


def _number(value: float | Decimal) -> str | None:
    if not math.isfinite(value):
        return None
    # A column of whole numbers with gaps travels as floats: 5321112233.0 is a phone.
    return str(int(value)) if value == int(value) else format(Decimal(str(value)), "f")


def flattened(record: Mapping[str, Any], *, names_are_known: bool = True) -> Iterator[tuple[str, Any]]:
    """Pairs of dotted path and value. A list gives its elements, one after another, under `path[]`.

    `names_are_known` where the record's own keys are a table's columns and have been looked at already.
    """
    for key, value in record.items():
        yield from _below(key if names_are_known else key_name(key), value, 0)


def _below(path: str, value: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and depth < DEEPEST:
        for key, inner in cast("Mapping[Any, Any]", value).items():
            yield from _below(f"{path}.{key_name(str(key))}", inner, depth + 1)
    elif isinstance(value, list | tuple) and depth < DEEPEST:
        for inner in cast("list[Any]", value):
            yield from _below(f"{path}[]", inner, depth + 1)
    else:
        yield path, value


def key_name(key: str) -> str:
    """The key of an object, or `*` where it may be data: an object may be keyed by phone numbers, or by people."""
    name = _known_names.get(key)
    if name is None:
        is_name = (is_identifier(key) or is_heading_word(key)) and not looks_like_data([key])[0]
        name = (shown(key) or ANY_KEY) if is_name else ANY_KEY
        if len(_known_names) >= _MOST_KNOWN:
            _known_names.clear()
        _known_names[key] = name
    return name


def cut(value: Any) -> Any:
    """As much of a value as is looked at: a sample may hold thousands of documents."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(cast("bytes", value)[:1])
    if isinstance(value, Mapping):
        return {key: cut(inner) for key, inner in cast("Mapping[Any, Any]", value).items()}
    return [cut(inner) for inner in cast("list[Any]", value)] if isinstance(value, list | tuple) else value
