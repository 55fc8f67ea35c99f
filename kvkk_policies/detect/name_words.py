"""What a single word can be in a person's name, as bits, judged once a spelling."""

from __future__ import annotations

import re

from kvkk_policies.detect.names import names
from kvkk_policies.detect.places import places
from kvkk_policies.detect.words import (
    AFTER_ROLES,
    COMMON_WORDS,
    HONORIFICS,
    NAMES_THAT_ARE_WORDS,
    ORGANISATION_TAILS,
    ROLES,
    STREET_TAILS,
    SURNAMES_THAT_ARE_WORDS,
    TITLES,
)
from kvkk_policies.turkish import fold

CAPITAL = 1
SHOUTED = 2
GIVEN = 4
FAMILY = 8
SURE = 16
"""A given name that is hardly ever anything else."""
AMBIGUOUS = 32
"""A name that is an everyday word too."""
TITLE = 64
ROLE = 128
AFTER_ROLE = 256
HONORIFIC = 512
NEVER = 1024
"""Not part of a name, wherever it stands."""
NEVER_FIRST = 2048
"""Not the first word of a name, but perhaps its surname."""
TAIL = 4096
"""Makes a firm or a street of the name before it."""
PLACE = 8192
INITIAL = 16384

_GLUED = ("nın", "nin", "nun", "nün", "ın", "in", "un", "ün", "dan", "den", "tan", "ten", "da", "de", "ta", "te")
_GLUED_SHORT = ("yla", "yle", "la", "le", "ya", "ye", "yı", "yi", "a", "e", "ı", "i", "u", "ü")
_SUFFIXES = tuple(dict.fromkeys(fold(suffix) for suffix in (*_GLUED, *_GLUED_SHORT)))
_LEAST_STEM = 4
_KEPT = 50_000
_WORD = re.compile(r"[^\W\d_]+")
Words = tuple[tuple[int, int, int], ...]
_judged: dict[str, Words] = {}
_judged_words: dict[str, int] = {}


def words_of(token: str) -> Words:
    """The words inside a piece of text between white space: start, end and bits of each.

    Pieces repeat, so each is judged once a spelling.
    """
    found = _judged.get(token)
    if found is None:
        if len(_judged) >= _KEPT:
            _judged.clear()
        found = _judged[token] = tuple((match.start(), match.end(), _bits(match[0])) for match in _WORD.finditer(token))
    return found


def _bits(word: str) -> int:
    bits = _judged_words.get(word)
    if bits is None:
        if len(_judged_words) >= _KEPT:
            _judged_words.clear()
        bits = _judged_words[word] = _judge(word)
    return bits


def _judge(word: str) -> int:
    folded = fold(word)
    lists = names()
    capital = word[0].isupper()
    tests = (
        (CAPITAL, capital),
        (SHOUTED, len(word) > 1 and word.isupper()),
        (GIVEN, folded in lists.given or (capital and _listed(folded, lists.given))),
        (FAMILY, folded in lists.surnames or (capital and _listed(folded, lists.surnames))),
        (SURE, folded in lists.sure),
        (AMBIGUOUS, folded in NAMES_THAT_ARE_WORDS),
        (TITLE, folded in TITLES),
        (ROLE, folded in ROLES),
        (AFTER_ROLE, folded in AFTER_ROLES),
        (HONORIFIC, folded in HONORIFICS),
        (TAIL, folded in ORGANISATION_TAILS or folded in STREET_TAILS),
        (PLACE, places().known(folded)),
        (INITIAL, capital and len(word) == 1),
    )
    bits = sum(bit for bit, holds in tests if holds)
    if folded in COMMON_WORDS or bits & (TITLE | ROLE | HONORIFIC | TAIL):
        bits |= NEVER_FIRST if folded in SURNAMES_THAT_ARE_WORDS else NEVER
    return bits


def _listed(folded: str, names_listed: frozenset[str]) -> bool:
    """Listed without a case suffix that lost its apostrophe ("Yılmaza")."""
    return any(
        folded.endswith(suffix) and len(folded) - len(suffix) >= _LEAST_STEM and folded[: -len(suffix)] in names_listed
        for suffix in _SUFFIXES
    )
