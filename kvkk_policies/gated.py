"""What comes out of the gate: the masked table, and what the vault and the subject index are to store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kvkk_policies.vocabulary import Strength

if TYPE_CHECKING:
    import pyarrow as pa

Anchor = tuple[str, str]
"""(kind, pseudonym) of the strongest identifier that a row has of the same subject."""


class Original(NamedTuple):
    """A value in clear, on its way to the vault. Its `repr` hides the value, since tracebacks print arguments."""

    kind: str
    pseudonym: str
    anchor: Anchor
    value: str

    def __repr__(self) -> str:
        return f"Original(pseudonym={self.pseudonym!r}, anchor={self.anchor!r}, value=***)"


class Identifier(NamedTuple):
    """A pseudonym that finds a subject, and where it was seen."""

    kind: str
    pseudonym: str
    anchor: Anchor
    strength: Strength
    column: str


class TextOriginal(NamedTuple):
    """A free text in clear whose landing copy is masked. `row_key` holds the landing key's values joined by `|`."""

    column: str
    row_key: str
    anchor: Anchor
    value: str

    def __repr__(self) -> str:
        return f"TextOriginal(column={self.column!r}, row_key={self.row_key!r}, value=***)"


class Mention(NamedTuple):
    """A free text that speaks of an identifier."""

    column: str
    row_key: str
    kind: str
    pseudonym: str


@dataclass
class Gated:
    """One batch of rows after the gate. Everything but `table` is distinct."""

    table: pa.Table
    """The landing columns in `landing_columns` order, without tenant and system columns."""
    undeclared: dict[str, int]
    """Fields that no declaration or policy knows, with the number of rows that had a value in them. Never loaded."""
    masked: dict[str, int]
    """Values not landed in clear, by category code."""
    texts_dropped: int
    """Free texts dropped because they speak of a special category."""
    expired: tuple[int, ...] = ()
    """Places, among the rows given, of those that are not in the table because they are past their retention."""
    aged: int = 0
    """Rows in which something is empty or coarse because it is past its retention."""
    originals: list[Original] = field(default_factory=list[Original])
    identifiers: list[Identifier] = field(default_factory=list[Identifier])
    texts: list[TextOriginal] = field(default_factory=list[TextOriginal])
    mentions: list[Mention] = field(default_factory=list[Mention])
