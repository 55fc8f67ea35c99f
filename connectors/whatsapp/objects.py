"""Taking JSON of others apart without trusting its shape: what is not as expected is absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

Record = Mapping[str, Any]


def record_of(document: object) -> dict[str, Any]:
    """The document, if it is an object; else an empty one."""
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}


def objects_in(record: Record, name: str) -> list[dict[str, Any]]:
    """The objects of a list; whatever else stands in it is left out."""
    found: Any = record.get(name)
    listed = cast("list[Any]", found) if isinstance(found, list) else []
    return [cast("dict[str, Any]", each) for each in listed if isinstance(each, dict)]


def object_in(record: Record, name: str) -> dict[str, Any]:
    """An object; empty when there is none."""
    return record_of(record.get(name))


def first_in(record: Record, name: str) -> dict[str, Any]:
    """The first object of a list; empty when there is none."""
    found = objects_in(record, name)
    return found[0] if found else {}


def text_in(record: Record, name: str) -> str | None:
    """A text; None when it is absent, empty or something else."""
    found = record.get(name)
    return found if isinstance(found, str) and found else None


def number_in(record: Record, name: str) -> int | None:
    """A whole number; None when it is absent or something else."""
    found = record.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
