"""Masks again what landed in clear, as the gate would have masked it when it came.

The gate itself does the masking, on a stream of one column and the key. What it cannot see there is the rest of the
row: an original belongs to the strongest identifier of its subject in the whole row, or erasing that person would not
reach it. That identifier stands in the landed row, as a pseudonym or still in clear, so its anchors are set here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.contract import Row, Stream
from kvkk_policies.arrow import Table, pa, pc
from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.freetext import Detector
from kvkk_policies.gate import Gate
from kvkk_policies.gated import Anchor, Gated, Identifier, Original
from kvkk_policies.landing import landing_columns
from kvkk_policies.partial import HIDDEN
from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy
from kvkk_policies.subjects import rank_of, strength_of
from kvkk_policies.tightening import PSEUDONYM
from kvkk_policies.vocabulary import NO_PERSONAL_DATA

if TYPE_CHECKING:
    from kvkk_policies.pseudonym import Pseudonymiser

_PSEUDONYM = re.compile(PSEUDONYM)
_NO_FILE = Path()
"""The policy is put together here and stands in no file."""


@dataclass(frozen=True)
class Again:
    """One column of a landed stream and the policies in force for the tenant, overrides included."""

    provider: str
    version: int
    stream: Stream
    policy: StreamPolicy
    column: str

    @property
    def standing(self) -> tuple[ColumnPolicy, ...]:
        """Other columns that name the column's subject, strongest first: rows need them beside key and column."""
        own = self.policy.columns[self.column]
        others = (each for name, each in self.policy.columns.items() if name != self.column)
        return tuple(
            sorted(
                (each for each in others if own.subject and each.subject == own.subject and _stands(each)), key=rank_of
            )
        )

    def mask(self, rows: Sequence[Row], detector: Detector, pseudonymiser: Pseudonymiser) -> Gated:
        """Mask the column in landed rows (key, column in clear, standing columns as they landed).

        The table has the key's columns and the masked one. Raises what `Gate.apply` raises.
        """
        narrow, policies = self._narrow()
        names = {column.name for column in narrow.columns}
        gated = Gate(policies, detector).apply(
            provider=self.provider,
            stream=narrow,
            rows=[{name: value for name, value in row.items() if name in names} for row in rows],
            pseudonymiser=pseudonymiser,
        )
        _anchor(gated, self, rows, pseudonymiser)
        return gated

    def _narrow(self) -> tuple[Stream, dict[str, ProviderPolicy]]:
        """Key and column with the types in which they landed; the key passes as it stands."""
        landed = {column.name: column.type for column in landing_columns(self.stream, self.policy)}
        names = [*self.stream.key, self.column]
        columns = tuple(replace(each, type=landed[each.name]) for each in self.stream.columns if each.name in names)
        passing = {name: ColumnPolicy(name, NO_PERSONAL_DATA, None, "P0D", "keep") for name in self.stream.key}
        policy = replace(self.policy, columns=passing | {self.column: self.policy.columns[self.column]})
        narrow = replace(self.stream, columns=columns, version=None)
        file = ProviderPolicy(self.provider, self.version, {self.stream.name: policy}, _NO_FILE)
        return narrow, {self.provider: file}


def _stands(policy: ColumnPolicy) -> bool:
    """Whether a row shows this identifier, by its pseudonym or by itself."""
    return policy.identifies and policy.action in ("keep", "pseudonymise", "vault")


def _anchor(gated: Gated, again: Again, rows: Sequence[Row], pseudonymiser: Pseudonymiser) -> None:
    own = again.policy.columns[again.column]
    if own.subject is None:
        return
    places = [_Place(policy, pseudonymiser) for policy in again.standing]
    itself = _Place(replace(own, action="keep"), pseudonymiser)
    if own.identifies:
        places = sorted([*places, itself], key=lambda place: rank_of(place.policy))
    anchors = [next((found for place in places if (found := place.of(row)) is not None), None) for row in rows]
    values = [itself.of(row) for row in rows] if own.kind else [None] * len(rows)
    pairs = dict.fromkeys(
        (value, anchor or value) for value, anchor in zip(values, anchors, strict=True) if value is not None
    )
    known = {(original.kind, original.pseudonym): original for original in gated.originals}
    named = {(each.kind, each.pseudonym) for each in gated.identifiers}
    gated.originals = [Original(*value, anchor, known[value].value) for value, anchor in pairs if value in known]
    gated.identifiers = [
        Identifier(*value, anchor, strength_of(own), own.name) for value, anchor in pairs if value in named
    ]
    of_key = dict(zip(_row_keys(gated.table, again.stream.key), anchors, strict=True))
    gated.texts = [text._replace(anchor=of_key[text.row_key] or text.anchor) for text in gated.texts]


class _Place:
    """A column in which a row names its subject."""

    def __init__(self, policy: ColumnPolicy, pseudonymiser: Pseudonymiser) -> None:
        self.policy = policy
        self._pseudonymiser = pseudonymiser
        self._known: dict[str, Anchor | None] = {}

    def of(self, row: Mapping[str, Any]) -> Anchor | None:
        """Kind and pseudonym of the row's identifier, or None."""
        value = row.get(self.policy.name)
        if value is None:
            return None
        text = str(value)
        if text not in self._known:
            self._known[text] = self._anchor(text)
        return self._known[text]

    def _anchor(self, text: str) -> Anchor | None:
        standing = _PSEUDONYM.fullmatch(text)
        if standing is not None:
            return text.rpartition("_")[0], text
        if self.policy.action != "keep" or self.policy.kind is None or HIDDEN in text:
            return None  # a short number that may stay, or the rest of a value that was cut
        (form,) = canonical_or_raw(self.policy.kind, [text])
        kind = kind_of(self.policy.kind, form)
        return kind, self._pseudonymiser.one(kind, form)


def _row_keys(table: Table, key: Sequence[str]) -> Iterator[str]:
    """As the gate writes them (kvkk_policies/gate.py): in the order of the columns, which need not be the key's."""
    names = [name for name in table.column_names if name in key]
    parts = [pc.cast(table.column(name), pa.string()).to_pylist() for name in names]
    return ("|".join(values) for values in zip(*parts, strict=True))
