"""Masked and already found values, hidden behind one code point while the rest of a text is searched."""

from __future__ import annotations

from collections.abc import Iterable

HIDDEN = "\ue000"
"""Private use: no letter, no digit, in no pattern. One code point whatever it hides, so that the distance of a number
to its keyword is the same before and after masking."""


def hide(text: str, holes: Iterable[tuple[int, int]]) -> tuple[str, list[int]]:
    """The text with each hole as one `HIDDEN`, and the position in `text` of every code point that is left.

    Holes are in order and apart. The list has one more entry: the length of `text`.
    """
    pieces: list[str] = []
    positions: list[int] = []
    at = 0
    for start, end in holes:
        pieces.append(text[at:start])
        positions.extend(range(at, start + 1))
        at = end
        pieces.append(HIDDEN)
    pieces.append(text[at:])
    positions.extend(range(at, len(text) + 1))
    return "".join(pieces), positions
