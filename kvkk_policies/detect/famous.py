"""Names that are nobody's here: airports, schools, brands and dishes are called so without a word that says it.

"Sabiha Gökçen'e transfer" speaks of an airport. The names stand in `famous.txt`. Somebody may be called the same: a
title or role before the name, behind it a surname, an honorific or what persons do, or no sentence around it at all (a
cell of a table) makes a person of it again.
"""

from __future__ import annotations

import re

from kvkk_policies.detect.name_scores import FAMILY_NAMES, before
from kvkk_policies.detect.name_sentence import Sentence
from kvkk_policies.detect.name_words import (
    AFTER_ROLE,
    CAPITAL,
    COMMON,
    FAMED,
    FIRM,
    GIVEN,
    HONORIFIC,
    INITIAL,
    KINSHIP,
    NEVER,
    PLACE,
    STREET,
    VERB,
)
from kvkk_policies.detect.suffixes import CASE_SUFFIXES, stems
from kvkk_policies.detect.words import FAMOUS
from kvkk_policies.turkish import fold

_CELL_BEGINS = re.compile(r"""(?:\A *|[;|\t\n"] *|,)\Z""")
_CELL_ENDS = re.compile(r""" *(?:$|[;|\t\n"]|,(?! ))""")
_LENGTHS = sorted({len(name) for name in FAMOUS}, reverse=True)
_NO_SURNAME = FIRM | STREET | GIVEN | COMMON | PLACE | NEVER | INITIAL
_OF_A_PERSON = HONORIFIC | KINSHIP | AFTER_ROLE | VERB


def famous_at(sentence: Sentence, at: int) -> int:
    """How many words from `at` on are such a name; 0 if none, or if a person is meant."""
    if not sentence.at(at) & FAMED:
        return 0
    words: list[str] = []
    for place in range(at, min(at + _LENGTHS[0], len(sentence.bits))):
        if place > at and not sentence.joined(place):
            break
        words.append(fold(sentence.raw[sentence.starts[place] : sentence.ends[place]]))
    for count in _LENGTHS:
        if count <= len(words) and _is_famous(words[:count]):
            return 0 if _is_meant(sentence, at, count) else count
    return 0


def _is_famous(words: list[str]) -> bool:
    """Whether a list holds them, with or without a case suffix that lost its apostrophe ("menderesten")."""
    *opening, last = words
    return any((*opening, form) in FAMOUS for form in (last, *stems(last, CASE_SUFFIXES)))


def _is_meant(sentence: Sentence, at: int, count: int) -> bool:
    if before(sentence, at):
        return True
    end = at + count
    if not sentence.joined(end):
        return _is_a_cell(sentence, at, end)
    closing = not (sentence.joined(end + 1) and sentence.at(end + 1) & (CAPITAL | FIRM | STREET))
    behind = sentence.at(end)
    unlisted = not behind & _NO_SURNAME and not sentence.heading(count + 1)
    listed = behind & FAMILY_NAMES and not behind & (FIRM | STREET) and closing
    surnamed = behind & CAPITAL and (unlisted or listed)
    return bool(behind & _OF_A_PERSON or surnamed)


def _is_a_cell(sentence: Sentence, at: int, end: int) -> bool:
    """Whether the words are all that stands between two separators, as in a table."""
    begins = _CELL_BEGINS.search(sentence.raw[: sentence.starts[at]])
    return begins is not None and _CELL_ENDS.match(sentence.raw, sentence.ends[end - 1]) is not None
