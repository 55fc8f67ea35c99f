"""Whom a row speaks of: the strongest identifier of each subject in a row is the anchor of everything said of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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


def originals_of(keyed: Keyed, anchors: SubjectAnchors | None) -> Iterator[Original]:
    """The distinct originals of a vaulted column."""
    for place, anchor in _pairs(keyed, anchors):
        yield Original(keyed.kinds[place], keyed.pseudonyms[place], anchor, keyed.originals[place])


def identifiers_of(keyed: Keyed, anchors: SubjectAnchors | None) -> Iterator[Identifier]:
    """The distinct identifiers of an identifying column."""
    strength = strength_of(keyed.policy)
    for place, anchor in _pairs(keyed, anchors):
        yield Identifier(keyed.kinds[place], keyed.pseudonyms[place], anchor, strength, keyed.policy.name)


def _pairs(keyed: Keyed, anchors: SubjectAnchors | None) -> Iterator[tuple[int, Anchor]]:
    """Distinct (value, anchor) pairs; a row without an identifier of the subject is anchored on the value itself."""
    own = keyed.codes[keyed.codes >= 0]
    if anchors is None:
        for place in np.unique(own).tolist():
            yield place, (keyed.kinds[place], keyed.pseudonyms[place])
        return
    width = len(anchors.anchors) + 1
    combined = own * width + anchors.codes[keyed.codes >= 0] + 1
    for pair in np.unique(combined).tolist():
        place, anchor = divmod(pair, width)
        yield place, (keyed.kinds[place], keyed.pseudonyms[place]) if anchor == 0 else anchors.anchors[anchor - 1]
