"""Texts with their personal data marked: `TC [[TR_TCKN|10000000146]] kayıtlı`."""

from __future__ import annotations

import re

from kvkk_policies.detect import detect_many

_MARK = re.compile(r"\[\[([A-Z_]+)\|([^\[\]|]+)\]\]")
_BY_WORDS = frozenset({"PERSON", "TR_ADDRESS"})
"""Found by lists of names and places, which have tests of their own."""

Value = tuple[str, str, int]
"""Label, value and position."""


def unmarked(marked: str) -> tuple[str, list[Value]]:
    """The text without its marks, and what was marked in it."""
    text = ""
    values: list[Value] = []
    pieces = _MARK.split(marked)
    for at in range(0, len(pieces), 3):
        text += pieces[at]
        if at + 1 < len(pieces):
            values.append((pieces[at + 1], pieces[at + 2], len(text)))
            text += pieces[at + 2]
    return text, values


def found(text: str) -> list[Value]:
    """What is found in a text, persons and addresses apart."""
    return [
        (span.label, text[span.start : span.end], span.start)
        for span in detect_many([text])[0]
        if span.label not in _BY_WORDS
    ]


def assert_found(marked: str) -> None:
    """The marked values are found with their labels and places, and nothing else is."""
    text, expected = unmarked(marked)
    assert found(text) == expected
