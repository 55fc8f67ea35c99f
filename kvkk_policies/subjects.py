"""Whom a row speaks of: the strongest identifier of each subject in a row is the anchor of everything said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import NamedTuple

import numpy as np

from kvkk_policies.distinct import Codes
from kvkk_policies.gated import Anchor, Identifier, Original
from kvkk_policies.keyed import Keyed
from kvkk_policies.policy import ColumnPolicy
from kvkk_policies.vocabulary import KINDS, Strength


def strength_of(policy: ColumnPolicy) -> Strength:
    """What the policy says, or strong for an identity number and weak for the rest: a phone may be a family's."""
    return policy.strength or ("strong" if policy.kind in ("tckn", "tax_number") else "weak")


def rank_of(policy: ColumnPolicy) -> tuple[int, int]:
    """Sorts identifying columns of one subject: the one that comes first anchors the others."""
    kind = "tckn" if policy.kind == "tax_number" else policy.kind or ""
    order = KINDS.index(kind) if kind in KINDS else len(KINDS)
    return (0 if strength_of(policy) == "strong" else 1, order)


@dataclass(frozen=True)
class SubjectAnchors:
    """Anchors of one subject: `anchors[codes[row]]`; -1 where the row has no identifier of that subject."""

    anchors: list[Anchor]
    codes: Codes

    def of_row(self, row: int) -> Anchor | None:
        """The row's anchor, or None."""
        code = int(self.codes[row])
        return None if code < 0 else self.anchors[code]


def anchors_by_subject(columns: Sequence[Keyed], rows: int) -> dict[str, SubjectAnchors]:
    """Anchors of each subject that the policy names, from the identifying columns, strongest first."""
    groups: dict[str, list[Keyed]] = {}
    for keyed in columns:
        if keyed.policy.subject is not None and keyed.policy.identifies:
            groups.setdefault(keyed.policy.subject, []).append(keyed)
    found: dict[str, SubjectAnchors] = {}
    for subject, members in groups.items():
        anchors: list[Anchor] = []
        codes: Codes = np.full(rows, -1, dtype=np.int64)
        for keyed in sorted(members, key=lambda member: rank_of(member.policy)):
            missing = (codes < 0) & (keyed.codes >= 0)
            codes[missing] = keyed.codes[missing] + len(anchors)
            anchors.extend(zip(keyed.kinds, keyed.pseudonyms, strict=True))
        found[subject] = SubjectAnchors(anchors, codes)
    return found


class Pairs(NamedTuple):
    """The distinct pairs of a column's value, by its place, and the anchor of the rows that hold it."""

    places: list[int]
    anchors: list[Anchor]


def pairs_of(keyed: Keyed, anchors: SubjectAnchors | None) -> Pairs:
    """A value's pairs with its anchors; a row without an identifier of the subject is anchored on the value itself."""
    present = keyed.codes >= 0
    own = keyed.codes[present]
    if anchors is None:
        places: list[int] = np.unique(own).tolist()
        return Pairs(places, [(keyed.kinds[place], keyed.pseudonyms[place]) for place in places])
    width = len(anchors.anchors) + 1
    combined = np.unique(own * width + anchors.codes[present] + 1)
    places, numbers = (combined // width).tolist(), (combined % width).tolist()
    known = anchors.anchors
    return Pairs(
        places,
        [
            known[number - 1] if number else (keyed.kinds[place], keyed.pseudonyms[place])
            for place, number in zip(places, numbers, strict=True)
        ],
    )


# A page has thousands of these: made in C, since a NamedTuple's own constructor is Python.
_original: Callable[[tuple[str, str, Anchor, str]], Original] = partial(tuple.__new__, Original)
_identifier: Callable[[tuple[str, str, Anchor, Strength, str]], Identifier] = partial(tuple.__new__, Identifier)


def originals_of(keyed: Keyed, pairs: Pairs) -> Iterator[Original]:
    """The distinct originals of a vaulted column."""
    kinds, pseudonyms, originals, places = keyed.kinds, keyed.pseudonyms, keyed.originals, pairs.places
    return map(
        _original,
        zip(
            [kinds[place] for place in places],
            [pseudonyms[place] for place in places],
            pairs.anchors,
            [originals[place] for place in places],
            strict=True,
        ),
    )


def identifiers_of(keyed: Keyed, pairs: Pairs) -> Iterator[Identifier]:
    """The distinct identifiers of an identifying column."""
    strength: list[Strength] = [strength_of(keyed.policy)]
    kinds, pseudonyms, places = keyed.kinds, keyed.pseudonyms, pairs.places
    return map(
        _identifier,
        zip(
            [kinds[place] for place in places],
            [pseudonyms[place] for place in places],
            pairs.anchors,
            strength * len(places),
            repeat(keyed.policy.name, len(places)),
            strict=True,
        ),
    )
