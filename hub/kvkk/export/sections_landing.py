"""A person's landed rows, readable: their own values in clear, everybody else's taken out, a batch at a time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from hub.kvkk.export import landed
from hub.kvkk.export.own import hidden
from hub.kvkk.export.row_subjects import RowReader, stays_readable
from hub.kvkk.stores import Section
from kvkk_policies.tightening import MARKED
from kvkk_policies.vocabulary import KINDS

if TYPE_CHECKING:
    from hub.keys.originals import Originals, Reading
    from hub.kvkk.export.gathering import Gathering
    from hub.kvkk.export.landed import LandedStream
    from hub.kvkk.export.own import Own, Redactor
    from hub.kvkk.export.row_subjects import RowSubjects
    from hub.kvkk.export.scope import Scope
    from kvkk_policies.policy import ColumnPolicy
    from kvkk_policies.pseudonym import Pseudonymiser

Row = dict[str, Any]
_MARKED = re.compile(MARKED)


@dataclass(frozen=True)
class LandingSections:
    """Makes the sections of `landing`, one a stream. `originals` reads the free texts, each batch audited."""

    gathering: Gathering
    scope: Scope
    own: Own
    redactor: Redactor
    pseudonymiser: Pseudonymiser
    originals: Originals
    reading: Reading

    def sections(self, streams: Sequence[LandedStream]) -> Iterator[Section]:
        """The streams in which the person has rows. Rows are read once, lazily."""
        for each in streams:
            if self.gathering.counts.get(each.name):
                yield Section(each.provider.name, each.stream.name, self._rows(each))

    def _rows(self, each: LandedStream) -> Iterator[Row]:
        reader = _Reader(each, RowReader(each, self.scope, self.own, self.pseudonymiser))
        rows = self.gathering.rows(each)
        while batch := list(islice(rows, landed.ROWS_AT_ONCE)):
            texts = self._texts(each, batch)
            for row, its in zip(batch, texts, strict=True):
                yield reader.readable(row, its)

    def _texts(self, each: LandedStream, batch: Sequence[Row]) -> list[dict[str, tuple[str, int]]]:
        """Each row's free texts by column, redacted, with the number of the person's values in them."""
        found: list[dict[str, tuple[str, int]]] = [{} for _ in batch]
        if not each.scanned:
            return found
        keys = row_keys(each, batch)
        marked = [
            key
            for key, row in zip(keys, batch, strict=True)
            if any(_MARKED.search(_as_text(row[name])) for name in each.scanned if row[name] is not None)
        ]
        kept = {
            (text.row_key, text.column): text.value
            for text in self.originals.texts(self.scope.tenant_id, each.name, marked, self.reading)
        }
        places = [(number, name) for number, row in enumerate(batch) for name in each.scanned if row[name] is not None]
        # A text whose key was destroyed is shown as it landed.
        texts = [kept.get((keys[number], name)) or _as_text(batch[number][name]) for number, name in places]
        for (number, name), redacted in zip(places, self.redactor.redact(texts), strict=True):
            found[number][name] = redacted.text, redacted.shown
        return found


class _Reader:
    """Makes rows of one stream readable."""

    def __init__(self, each: LandedStream, subjects: RowReader) -> None:
        self._each = each
        self._subjects = subjects
        self._policies = {column.name: each.base.columns[column.name] for column in each.columns}

    def readable(self, row: Mapping[str, Any], texts: Mapping[str, tuple[str, int]]) -> Row:
        """The row for the person: provider, columns, when it was seen first and last, and how it was found."""
        subjects = self._subjects.subjects(row)
        alone = row["_found_by"] == landed.TEXT_ALONE
        shown: Row = {"source_system": self._each.provider.title}
        for name, policy in self._policies.items():
            value = row[name]
            if name in texts:
                text, own_values = texts[name]
                shown[name] = text if own_values or not alone else None
            elif alone and name not in self._each.stream.key:
                shown[name] = None  # a fact about somebody else
            elif value is None or policy.kind is None or not isinstance(value, str):
                shown[name] = value
            else:
                shown[name] = self._value(subjects, policy, value)
        shown["first_seen"] = row["_first_loaded_at"]
        shown["last_seen"] = row["_loaded_at"]
        shown["found_by"] = row["_found_by"]
        return shown

    def _value(self, subjects: RowSubjects, policy: ColumnPolicy, value: str) -> str:
        if stays_readable(policy, value):
            return value
        own = self._subjects.own_value(subjects, policy, value)
        if own is not None:
            return own
        kind, _ = self._subjects.identity(policy, value)
        return hidden(kind) if kind in KINDS else value


def row_keys(each: LandedStream, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The rows' keys as the gate writes them for the vault (kvkk_policies/gate.py)."""
    from kvkk_policies.arrow import pa, pc

    types = {column.name: column.arrow_type for column in each.columns}
    parts = [pc.cast(pa.array([row[name] for row in rows], types[name]), pa.string()) for name in each.row_key]
    return ["|".join(values) for values in zip(*(part.to_pylist() for part in parts), strict=True)]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
