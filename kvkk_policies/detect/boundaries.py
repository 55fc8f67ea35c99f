"""Where a number ends and a longer code begins."""

from __future__ import annotations

import re

from kvkk_policies.detect.prepared import Prepared

_LEFT_SEGMENT = re.compile(r"[0-9A-Za-z]+[-/]$")
_RIGHT_SEGMENT = re.compile(r"[-/][0-9A-Za-z]+")
_SHORT_TAIL = 3
"""A dash and one or two digits after a number count copies ("…-1"); more than that is a longer code."""
_FAR = 24
"""Characters back to the beginning of the segment before."""
_SHOUTED_SUFFIX = re.compile(
    r"(?:n?[dt][ae]n?|n?[iu]n|y[aeiu]|n[aeiu]|y?l[ae]|l[iu]|nolu|no|numara[a-z]*|d[iu]r|t[iu]r)(?![0-9a-z])"
)


def within_longer_code(text: Prepared, start: int, end: int) -> bool:
    """Whether `raw[start:end]` is joined to more digits or letters, as in a UUID, an invoice number or a shelf code.

    A prefix of letters alone ("MUSTERI-10000000146") is a label, not a code. Lower-case letters right after are a
    Turkish suffix written without its apostrophe.
    """
    if glued(text, start, end):
        return True
    raw = text.raw
    left = _LEFT_SEGMENT.search(raw, max(0, start - _FAR), start)
    if left and any(char.isdecimal() for char in left[0]):
        return True
    right = _RIGHT_SEGMENT.match(raw, end)
    if right and len(right[0]) > _SHORT_TAIL and any(char.isdecimal() for char in right[0]):
        return True
    return raw[end : end + 1] in (".", ",") and raw[end + 1 : end + 2].isdecimal()


def within_mixed_code(text: Prepared, start: int, end: int) -> bool:
    """The same for a number that carries its own check digits: only a neighbour of letters and digits makes it a code.

    Merchants join identity numbers to dates and counters ("10000000146-20261122"); losing one of those would leak it.
    """
    if glued(text, start, end):
        return True
    left = _LEFT_SEGMENT.search(text.raw, max(0, start - _FAR), start)
    right = _RIGHT_SEGMENT.match(text.raw, end)
    return (left is not None and _mixed(left[0][:-1])) or (right is not None and _mixed(right[0][1:]))


def glued(text: Prepared, start: int, end: int) -> bool:
    """Whether a letter or digit touches the number; a suffix behind it or its own keyword before it does not count."""
    raw = text.raw
    before, after = raw[start - 1 : start], raw[end : end + 1]
    if before == ".":
        return raw[start - 2 : start - 1].isdecimal()
    if before.isalnum() and not (before.isalpha() and text.labels(start)):
        return True
    return after.isalnum() and not after.islower() and not _SHOUTED_SUFFIX.match(text.folded, end)


def _mixed(segment: str) -> bool:
    return not segment.isdecimal() and not segment.isalpha()
