"""A bounded number of a table's rows, spread over all of it, and what each column holds in them.

The first rows of a table are its oldest: they lack the columns that came later and the habits of whoever types today.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from connectors.contract import ColumnType
from hub.discovery.cells import BINARY, cut, flattened, text_of, type_of
from hub.discovery.names import ANY_KEY

DEFAULT_ROWS = 10_000
MOST_COLUMNS = 2_000
MOST_OBJECTS = 64
"""Objects directly below one object. Beyond it, it is keyed by data and not by names."""
SEED = 6698

Item = TypeVar("Item")


class Reservoir(Generic[Item]):
    """Keeps `limit` of any number of rows, each with the same chance, in the order in which they came.

    Of each value it keeps what is looked at (`hub.discovery.cells.cut`).
    The choice is seeded: the same file gives the same report.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._random = random.Random(SEED)  # noqa: S311 - a sample, no secret
        self._kept: list[tuple[int, Item]] = []
        self.seen = 0

    def add(self, item: Item) -> None:
        """Offer one item."""
        at = self.seen
        self.seen += 1
        if at < self._limit:
            self._kept.append((at, cut(item)))
            return
        place = self._random.randrange(self.seen)
        if place < self._limit:
            self._kept[place] = (at, cut(item))

    def __iter__(self) -> Iterator[Item]:
        return iter([item for _at, item in sorted(self._kept, key=lambda kept: kept[0])])


def spread(total: int, limit: int) -> list[int]:
    """Positions of `limit` rows of `total`, in order, each row with the same chance."""
    if total <= limit:
        return list(range(total))
    return sorted(random.Random(SEED).sample(range(total), limit))  # noqa: S311 - a sample, no secret


@dataclass
class SampledColumn:
    """A column's distinct texts with how often each came. Texts are values: they leave this package never.

    `filled` counts the rows that hold something, `binary` those of them that hold bytes.
    """

    name: str
    texts: Counter[str] = field(default_factory=Counter[str], repr=False)
    types: set[ColumnType] = field(default_factory=set[ColumnType])
    typed: bool = True
    """Whether the source tells numbers from texts."""
    filled: int = 0
    binary: int = 0

    def add(self, values: Iterable[Any]) -> None:
        """The values of one row: one, or those of a list."""
        filled = False
        for value in values:
            text = text_of(value)
            if text is None:
                continue
            filled = True
            if text == BINARY:
                self.binary += 1
                continue
            self.types.add(type_of(value))
            self.texts[text] += 1
        self.filled += filled

    def take(self, other: SampledColumn) -> None:
        """What another column holds, as if it were this one's."""
        self.texts.update(other.texts)
        self.types |= other.types
        self.filled = max(self.filled, other.filled)
        self.binary = max(self.binary, other.binary)


@dataclass
class TableSample:
    """A table's sampled columns by name. `total` is None where the source does not say how many rows it has."""

    name: str
    columns: dict[str, SampledColumn]
    rows: int
    total: int | None
    key: tuple[str, ...] = ()
    """The primary key, where the source declares one."""


def sample_of(
    name: str,
    records: Iterable[Mapping[str, Any]],
    *,
    columns: Iterable[str] | None = None,
    total: int | None = None,
    key: tuple[str, ...] = (),
    typed: bool = True,
) -> TableSample:
    """Look at records once. `columns` are those of a table; without them the records' own keys make them."""
    known = columns is not None
    found = {column: SampledColumn(column, typed=typed) for column in columns or ()}
    rows = 0
    for record in records:
        rows += 1
        values: dict[str, list[Any]] = {}
        for path, value in flattened(record, names_are_known=known):
            values.setdefault(path, []).append(value)
        for path, several in values.items():
            if path not in found and len(found) >= MOST_COLUMNS:
                continue
            found.setdefault(path, SampledColumn(path, typed=typed)).add(several)
    found = _keyed_by_data(found)
    # A field that holds objects in some rows and is empty in others has columns of its own below it.
    parents = {path[:at] for path in found for at, char in enumerate(path) if char in ".["}
    kept = [column for path, column in found.items() if column.filled or path not in parents]
    places = {_top(path): place for place, path in reversed(list(enumerate(found)))}
    kept.sort(key=lambda column: places[_top(column.name)])
    return TableSample(name, {column.name: column for column in kept}, rows, total, key)


def _keyed_by_data(found: dict[str, SampledColumn]) -> dict[str, SampledColumn]:
    """Columns of an object with very many objects in it, all under one name: its keys are data and not names."""
    while True:
        members: dict[str, set[str]] = {}
        for path in found:
            for at in (at for at, char in enumerate(path) if char == "."):
                parent, _dot, member = path[:at].rpartition(".")
                members.setdefault(parent, set()).add(member)
        crowded = next((parent for parent, names in members.items() if len(names) > MOST_OBJECTS), None)
        if crowded is None:
            return found
        start = f"{crowded}." if crowded else ""
        merged: dict[str, SampledColumn] = {}
        for path, column in found.items():
            name = path
            if path.startswith(start) and "." in path[len(start) :]:
                name = f"{start}{ANY_KEY}.{path[len(start) :].partition('.')[2]}"
            if name in merged:
                merged[name].take(column)
            else:
                column.name = name
                merged[name] = column
        found = merged


def _top(path: str) -> str:
    """The field of the record below which a path lies."""
    return path.split(".", 1)[0].split("[", 1)[0]
