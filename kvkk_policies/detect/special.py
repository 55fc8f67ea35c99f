"""Words that make a free text special-category data (KVKK art. 6): such a text is dropped, the row stays.

A word list decides, so it holds words that hardly mean anything else; ambiguous ones count only beside a second word
("hasta bina", "tutukluk yapan motor", "engelli rampası" stay). Dropping too much costs a note, loading too much breaks
the law. The list, by category, is `special.txt`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from kvkk_policies.arrow import pa, pc
from kvkk_policies.detect.invisible import UNSEEN, plain
from kvkk_policies.turkish import fold, unfolded

_ELSEWHERE = "not"
_FREE = "*"
_FREE_PATTERN = "[a-z]{0,8}(?: [a-z0-9]+){0,2} "
_WRITTEN_OTHERWISE = f"[\u0300-\u036f{UNSEEN}\uff01-\uff5e]"
"""Marks apart from their letters (NFD), and what nobody sees or only looks wider: the words are the same."""
_NO_CATEGORY: frozenset[str] = frozenset()


def speaks_of_special_category(texts: Sequence[str]) -> list[bool]:
    """Whether each text holds a special-category word. RE2 rejects almost all texts in one pass."""
    return [bool(categories) for categories in special_categories(texts)]


def special_categories(texts: Sequence[str]) -> list[frozenset[str]]:
    """The special categories (SAGLIK, INANC, CEZA ...) that each text speaks of; mostly none."""
    if not texts:
        return []
    read = list(texts)
    for index in _matching(read, _WRITTEN_OTHERWISE):
        read[index] = plain(unicodedata.normalize("NFC", read[index]))
    found = [_NO_CATEGORY] * len(read)
    for index in _matching(read, _candidate()):
        found[index] = _categories_of(fold(read[index]))
    return found


def _matching(texts: list[str], pattern: str) -> list[int]:
    matches = pc.match_substring_regex(pa.array(texts, pa.string()), pattern)
    return np.flatnonzero(matches.to_numpy(zero_copy_only=False)).tolist()


def _categories_of(folded: str) -> frozenset[str]:
    pattern, elsewhere = _patterns()
    matches = pattern.finditer(elsewhere.sub(lambda match: " " * len(match[0]), folded))
    return frozenset(match.lastgroup for match in matches if match.lastgroup)


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """One named group a category, and what such words mean elsewhere."""
    entries = _entries()
    groups = (
        f"(?P<{category}>{'|'.join(map(_pattern, words))})"
        for category, words in entries.items()
        if category != _ELSEWHERE
    )
    elsewhere = "|".join(map(_pattern, entries[_ELSEWHERE]))
    return re.compile(f"(?<![a-z])(?:{'|'.join(groups)})"), re.compile(f"(?<![a-z])(?:{elsewhere})")


def _pattern(entry: str) -> str:
    if entry.endswith("."):
        return f"{entry[:-1]}(?![a-z])"
    return entry.replace(_FREE, _FREE_PATTERN)


@cache
def _candidate() -> str:
    """The first words of all entries over raw text, each letter as the class of letters that fold to it.

    RE2 has no lookaround, so this lets through a little more, never less.
    """
    words = (words for category, words in _entries().items() if category != _ELSEWHERE)
    firsts = {re.split(r"[ .*']", entry)[0] for entries in words for entry in entries}
    # A word's first letter stands behind no other; what is no plain Latin letter may be no letter at all.
    return f"(?:^|[^A-Za-z])(?:{'|'.join(unfolded(first) for first in sorted(firsts))})"


@cache
def _entries() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    entries: list[str] = []
    for line in Path(__file__).with_name("special.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            entries = found.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            entries.append(line)
    return {category: tuple(words) for category, words in found.items()}
