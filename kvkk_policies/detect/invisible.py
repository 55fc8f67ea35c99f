"""Characters that nobody sees or that only look wider: a number that holds one is the same number to its reader.

Telephones copy direction marks along with a contact's number, mail programs put zero-width spaces and soft hyphens
into long words, East Asian keyboards write full-width digits.
"""

from __future__ import annotations

import re

UNSEEN = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe0e\ufe0f\ufeff"
_INVISIBLE = re.compile(f"[{UNSEEN}]+")
_ODD = re.compile(f"[{UNSEEN}\uff01-\uff5e]")
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}


def is_odd(text: str) -> bool:
    """Whether a text holds any such character."""
    return not text.isascii() and _ODD.search(text) is not None


def visible(text: str) -> tuple[str, list[int]]:
    """The text without them, in narrow letters, and the position of each code point left; one more for its end."""
    narrow = text.translate(_NARROW)
    hidden = [match.span() for match in _INVISIBLE.finditer(narrow)]
    starts = [0, *(end for _, end in hidden)]
    kept = list(zip(starts, [*(start for start, _ in hidden), len(narrow)], strict=True))
    positions = [at for start, end in kept for at in range(start, end)]
    return "".join(narrow[start:end] for start, end in kept), [*positions, len(narrow)]


def plain(value: str) -> str:
    """A found value as its reader sees it, so that it gets the pseudonym of its other spellings."""
    return visible(value)[0] if is_odd(value) else value


def trimmed(text: str, start: int, end: int) -> int:
    """The end of a span without the invisible characters behind its last visible one."""
    while end > start + 1 and _INVISIBLE.match(text, end - 1):
        end -= 1
    return end
