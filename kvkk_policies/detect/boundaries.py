"""Where a number ends and a longer code begins."""

from __future__ import annotations

import re

_LEFT_SEGMENT = re.compile(r"[0-9A-Za-z]+[-/]$")
_RIGHT_SEGMENT = re.compile(r"[-/][0-9A-Za-z]+")
_SHORT_TAIL = 3
"""A dash and one or two digits after a number count copies ("…-1"); more than that is a longer code."""


def within_longer_code(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` is joined to more digits or letters, as in a UUID, an invoice number or a shelf code.

    A prefix of letters alone ("MUSTERI-10000000146") is a label, not a code. Lower-case letters right after are a
    Turkish suffix written without its apostrophe.
    """
    if glued(text, start, end):
        return True
    left = _LEFT_SEGMENT.search(text, max(0, start - 24), start)
    if left and any(char.isdecimal() for char in left[0]):
        return True
    right = _RIGHT_SEGMENT.match(text, end)
    if right and len(right[0]) > _SHORT_TAIL and any(char.isdecimal() for char in right[0]):
        return True
    return text[end : end + 1] in (".", ",") and text[end + 1 : end + 2].isdecimal()


def within_mixed_code(text: str, start: int, end: int) -> bool:
    """The same for a number that carries its own check digits: only a neighbour of letters and digits makes it a code.

    Merchants join identity numbers to dates and counters ("10000000146-20261122"); losing one of those would leak it.
    """
    if glued(text, start, end):
        return True
    left = _LEFT_SEGMENT.search(text, max(0, start - 24), start)
    right = _RIGHT_SEGMENT.match(text, end)
    return (left is not None and _mixed(left[0][:-1])) or (right is not None and _mixed(right[0][1:]))


def glued(text: str, start: int, end: int) -> bool:
    """Whether a letter or digit touches the number, a suffix in small letters apart."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if before == ".":
        return text[start - 2 : start - 1].isdecimal()
    return before.isalnum() or (after.isalnum() and not after.islower())


def _mixed(segment: str) -> bool:
    return not segment.isdecimal() and not segment.isalpha()
