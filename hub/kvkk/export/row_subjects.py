"""Whose the subjects of one row are, and whether a name under another of them is the person's own.

A row often has the person twice: as the customer, and as the contact for the bill, of whom it tells a name alone. There
first name and surname stand in one column, so that their pseudonym is neither of the two that are known to be theirs. A
name is shown under another subject only if it is the whole name: others have the same first name. Where the row tells
by an identifier that the other subject is somebody else, a namesake's name is not shown either.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kvkk_policies.canonical import canonical_or_raw, kind_of
from kvkk_policies.tightening import PSEUDONYM

if TYPE_CHECKING:
    from hub.kvkk.export.landed import LandedStream
    from hub.kvkk.export.own import Own
    from hub.kvkk.export.scope import Scope
    from kvkk_policies.policy import ColumnPolicy
    from kvkk_policies.pseudonym import Pseudonymiser

NOT_ALONE = frozenset({"name", "birth_date", "address", "ip", "text"})
"""Kinds that namesakes and neighbours have too: by these alone nobody is found."""

_PSEUDONYM = re.compile(PSEUDONYM)
_CUT = "**"
"""What `partial` leaves; see kvkk_policies/partial.py."""


@dataclass(frozen=True)
class RowSubjects:
    """What one row says: subjects that are the person, subjects that are somebody else, and the person's names.

    `shared` are subjects under an identifier that several people have, in days in which it was the person's alone.
    `whole` maps the pseudonym of their whole name, as the row tells it, to that name; `parts` are the pseudonyms of its
    pieces where it stands in several columns.
    """

    theirs: frozenset[str]
    others: frozenset[str]
    shared: frozenset[str]
    whole: Mapping[str, str]
    parts: frozenset[str]


class RowReader:
    """Reads the subjects of rows of one stream."""

    def __init__(self, each: LandedStream, scope: Scope, own: Own, pseudonymiser: Pseudonymiser) -> None:
        self._each = each
        self._anchors = scope.anchors
        self._shared = {each.pseudonym for each in scope.days}
        self._own = own
        self._pseudonymiser = pseudonymiser
        policies = [each.base.columns[column.name] for column in each.columns]
        self._names = [policy for policy in policies if policy.kind == "name" and policy.subject is not None]
        self._joined: dict[tuple[str, ...], Mapping[str, str]] = {}

    def subjects(self, row: Mapping[str, Any]) -> RowSubjects:
        """The subjects of a row. One that has no identifier in the row is in no set."""
        theirs: set[str] = set()
        others: set[str] = set()
        shared: set[str] = set()
        for name, columns in self._each.groups.items():
            anchor = self._anchor(row, columns)
            if anchor in self._anchors:
                theirs.add(name)
            elif anchor in self._shared:
                shared.add(name)
            elif anchor is not None:
                others.add(name)
        whole: dict[str, str] = {}
        parts: set[str] = set()
        for subject in theirs:
            pieces = self._pieces(row, subject)
            if len(pieces) > 1:
                parts.update(pieces)
            if pieces not in self._joined:
                self._joined = {pieces: self._whole(pieces)}  # rows of one person are alike: the last one is enough
            whole |= self._joined[pieces]
        return RowSubjects(frozenset(theirs), frozenset(others), frozenset(shared), whole, frozenset(parts))

    def own_value(self, row: RowSubjects, policy: ColumnPolicy, value: str) -> str | None:
        """The value as the person may read it; None if it is not theirs."""
        kind, pseudonym = self.identity(policy, value)
        in_clear = pseudonym != value
        if (policy.subject or f"column {policy.name}") not in row.theirs:
            if kind in NOT_ALONE and policy.subject in row.others:
                return None
            if kind == "name" and not self._is_whole(row, policy, pseudonym):
                return None
            if pseudonym not in row.whole and not self._own.has(kind, pseudonym, value if in_clear else ""):
                return None
        if in_clear:
            return value
        return self._own.shown(pseudonym) if pseudonym in self._own.originals else row.whole.get(pseudonym, value)

    def identity(self, policy: ColumnPolicy, value: str) -> tuple[str, str]:
        """Kind and pseudonym of a value, which may stand there in clear by the tenant's own choice."""
        if _PSEUDONYM.fullmatch(value):
            return value.rpartition("_")[0], value
        return self._made(policy.kind or "text", value)

    def _made(self, kind: str, value: str) -> tuple[str, str]:
        (form,) = canonical_or_raw(kind, [value])
        kind = kind_of(kind, form)
        return kind, self._pseudonymiser.one(kind, form)

    def _anchor(self, row: Mapping[str, Any], columns: tuple[ColumnPolicy, ...]) -> str | None:
        for policy in columns:
            value = row[policy.name]
            if value is not None and not stays_readable(policy, value):
                return self.identity(policy, value)[1]
        return None

    def _pieces(self, row: Mapping[str, Any], subject: str) -> tuple[str, ...]:
        values = [(policy, row[policy.name]) for policy in self._names if policy.subject == subject]
        return tuple(self.identity(policy, value)[1] for policy, value in values if value is not None)

    def _whole(self, pieces: tuple[str, ...]) -> dict[str, str]:
        values = [self._own.originals.get(piece) for piece in pieces]
        if not pieces or None in values:
            return {}  # kept as a pseudonym alone, or its key was destroyed: nothing can be put together
        name = " ".join(value for value in values if value is not None)
        return {self._made("name", name)[1]: name}

    def _is_whole(self, row: RowSubjects, policy: ColumnPolicy, pseudonym: str) -> bool:
        if policy.subject is None or policy.subject in row.shared or pseudonym in row.whole:
            return True
        known = self._own.originals.get(pseudonym)
        return pseudonym not in row.parts and known is not None and len(known.split()) > 1


def stays_readable(policy: ColumnPolicy, value: str) -> bool:
    """Whether a value names nobody: what is left of a cut, or what the policy leaves readable."""
    pattern = policy.params.get("keep_matching")
    return _CUT in value or (pattern is not None and re.fullmatch(pattern, value, re.ASCII) is not None)
