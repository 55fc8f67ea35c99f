"""Taking apart what providers nest: lists become children, an object's fields stand beside their parent's."""

from __future__ import annotations

from typing import Any

from connectors.failure import ProviderFailure


def record_in(value: object) -> dict[str, Any]:
    """A copy of a record. Raises `ProviderFailure` answer_malformed when it is no object."""
    if not isinstance(value, dict):
        raise ProviderFailure("transient", "answer_malformed")
    return dict(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def records_in(document: dict[str, Any], name: str) -> list[Any]:
    """A list of a document; absent and null mean empty. Raises `ProviderFailure` wrong_type for anything else."""
    records = document.get(name)
    if records is None:
        return []
    if not isinstance(records, list):
        raise ProviderFailure("transient", "wrong_type", field=name)
    return records  # pyright: ignore[reportUnknownVariableType]


def take_records(record: dict[str, Any], name: str) -> list[Any]:
    """As `records_in`, and the list leaves the record."""
    records = records_in(record, name)
    record.pop(name, None)
    return records


def flatten(record: dict[str, Any], name: str) -> None:
    """Put the fields of a nested object beside the others, as `name.field`. Raises `ProviderFailure` wrong_type."""
    nested = record.pop(name, None)
    if nested is None:
        return
    if not isinstance(nested, dict):
        raise ProviderFailure("transient", "wrong_type", field=name)
    for key, value in nested.items():  # pyright: ignore[reportUnknownVariableType]
        record[f"{name}.{key}"] = value
