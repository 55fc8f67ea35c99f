"""Rows (dictionaries) turned into columns, and the fields among them that nobody declared."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from connectors.contract import Row, Stream
from kvkk_policies.policy import StreamPolicy

UNDECLARED_AT_MOST = 50
"""Names reported per batch: a provider that keys an object by customer must not fill the status table."""
UNNAMEABLE = "(unnameable)"
"""Stands for field names that may be data themselves: not a plain word, or with a long run of digits."""

_PLAIN_NAME = re.compile(r"(?!.*[0-9]{4})[A-Za-z_][A-Za-z0-9_.]{0,62}")


@dataclass(frozen=True)
class RawColumns:
    """The declared columns of a batch, still in clear, and the undeclared ones by name and number of filled rows."""

    rows: Sequence[Row]
    count: int
    complete: Mapping[str, Sequence[Any]]
    """Values of the columns that every row has."""
    undeclared: dict[str, int]

    def values(self, name: str) -> Sequence[Any]:
        """One column's raw values; None where a row lacks the field."""
        found = self.complete.get(name)
        return [row.get(name) for row in self.rows] if found is None else found

    def present(self, name: str) -> int:
        """Rows that have something in the column."""
        return sum(1 for value in self.values(name) if value is not None and value != "")


def read_rows(rows: Sequence[Row], stream: Stream, policy: StreamPolicy) -> RawColumns:
    """Split fields into declared and undeclared. A field is declared if both the stream and the policy know it."""
    declared = {column.name for column in stream.columns if column.name in policy.columns}
    shapes = set(map(tuple, rows))  # a provider's rows have a handful of shapes, so this costs one look a row
    complete = sorted(declared.intersection(*shapes)) if shapes else []
    unknown = {name for shape in shapes for name in shape} - declared
    return RawColumns(rows, len(rows), _columns(rows, complete), _undeclared(rows, unknown))


def _columns(rows: Sequence[Row], names: Sequence[str]) -> dict[str, Sequence[Any]]:
    """All columns in one pass: a look a row for each of them costs twice as much."""
    if len(names) < 2:
        return {name: [row[name] for row in rows] for name in names}
    return dict(zip(names, zip(*map(itemgetter(*names), rows), strict=True), strict=True))


def _undeclared(rows: Sequence[Row], unknown: set[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for name in sorted(map(str, unknown)):
        shown = name if _PLAIN_NAME.fullmatch(name) else UNNAMEABLE
        if shown not in counts and len(counts) >= UNDECLARED_AT_MOST:
            shown = UNNAMEABLE
        counts[shown] += sum(1 for row in rows if row.get(name) is not None)
    return {name: count for name, count in counts.items() if count}
