"""Rows that tell no day of their own are as old as the record they came with: they go where it goes.

Without this, a report that is past its retention would stay out while its accounts come in, as young as their fetch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.contract import Row, Stream


class Expired:
    """Records of one piece that did not come in for their age, by stream."""

    def __init__(self) -> None:
        self._gone: dict[str, Sequence[Row]] = {}
        self._here: dict[str, Sequence[Row]] = {}

    def note(self, stream: str, rows: Sequence[Row], places: Collection[int]) -> None:
        """Of a stream's rows those at these places stayed out."""
        if places:
            out = set(places)
            self._gone[stream] = [rows[place] for place in places]
            self._here[stream] = [row for place, row in enumerate(rows) if place not in out]

    def survivors(self, stream: Stream, rows: Sequence[Row]) -> Sequence[Row]:
        """The rows without those that belong to a record which stayed out; what belongs to these stays out in turn."""
        before = rows
        for belonging in stream.belongs_to:
            gone = _keys(self._gone.get(belonging.stream, ()), belonging.of)
            if gone:
                gone -= _keys(self._here[belonging.stream], belonging.of)
                rows = [row for row in rows if tuple(row.get(name) for name in belonging.columns) not in gone]
        if len(rows) < len(before):
            here = {id(row) for row in rows}
            self.note(stream.name, before, [place for place, row in enumerate(before) if id(row) not in here])
        return rows


def _keys(rows: Sequence[Row], columns: Sequence[str]) -> set[tuple[object, ...]]:
    return {tuple(row.get(name) for name in columns) for row in rows}
