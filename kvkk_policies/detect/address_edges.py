"""Where an address begins and ends: names before its first piece, districts and provinces around it."""

from __future__ import annotations

import re
from typing import NamedTuple

from kvkk_policies.detect.name_words import (
    CAPITAL,
    COMMON,
    FAMILY,
    FREQUENT,
    GIVEN,
    LABEL,
    NAMED,
    ROLE,
    TITLE,
    VERB,
    words_of,
)
from kvkk_policies.detect.places import places
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.words import BEFORE_ADDRESSES, QUARTERS, STREETS_ARE_CALLED

_BEFORE = re.compile(r"(?P<word>[^\s,;:()|\ue000]+)(?P<gap>[ ]{1,2}|[ ]?[,/\-][ ]?)$")
_MOST_WORDS = 5
_BEHIND = re.compile(r"[ ,/\-.()|\n]{1,4}(?P<word>[0-9]{5}(?![0-9.,:]?[0-9])|[^\W\d_]+)")
_NEW_SENTENCE = re.compile(r"\.\s|\n.*\n|\.\)")
_MOST_UNKNOWN = 2
_ABBREVIATED = frozenset({"ist", "ank", "izm", "merkez", "turkiye", "tr", "mrk"})
_STOPS = frozenset({".", "!", "?", "\n", ""})


class _Taken(NamedTuple):
    """A word of the name, from right to left."""

    start: int
    bits: int


def grown_left(text: Prepared, at: int, free: int) -> tuple[int, int]:
    """The start of the name before a piece, and how many places (district, province) it holds.

    Capitalised words and numbers belong to it; in small letters one word does, and a second that is no everyday one.
    """
    known = 0
    taken: list[_Taken] = []
    while len(taken) < _MOST_WORDS:
        start = taken[-1].start if taken else at
        found = _BEFORE.search(text.raw, max(free, start - 40), start)
        if found is None:
            break
        word, begin = found["word"], found.start()
        plain = text.folded[begin : begin + len(word)].strip(".'\"")
        place = places().known(plain)
        if found["gap"].strip() and not place:
            break
        bits = _bits(word)
        if plain in BEFORE_ADDRESSES or (bits & (ROLE | LABEL) and plain not in STREETS_ARE_CALLED):
            break
        if taken and bits & COMMON and not bits & NAMED and plain not in STREETS_ARE_CALLED and _opens(text, begin):
            break
        first = taken[0].bits if taken else bits
        if not (place or word[0].isdecimal() or (bits & CAPITAL if first & CAPITAL else _small(bits, len(taken)))):
            break
        # "İzmir yolu" names a road, not where it is.
        known += place and bool(taken)
        taken.append(_Taken(begin, bits))
    return _without_person(taken, at), known


def _small(bits: int, count: int) -> bool:
    """Whether a word in small letters can be in the name: the one before the piece, or one that is no everyday word."""
    return count == 0 or (count == 1 and (not bits & (COMMON | VERB) or bool(bits & (FREQUENT | GIVEN))))


def _opens(text: Prepared, at: int) -> bool:
    """Whether a word begins a sentence, or stands in a text of capitals, where its capital tells nothing."""
    return at == 0 or text.raw[at - 2 : at].strip() in _STOPS or text.raw.isupper()


def _without_person(taken: list[_Taken], at: int) -> int:
    """Where the name begins; a given name and surname before it are left to the finder of names."""
    if len(taken) >= 3 and taken[-1].bits & (FREQUENT | GIVEN) and taken[-2].bits & FAMILY:
        return taken[-3].start
    return taken[-1].start if taken else at


def _bits(word: str) -> int:
    return next((bits for _, _, bits in words_of(word)), 0)


def grown_right(text: Prepared, at: int) -> tuple[int, int]:
    """The end over postcode, district and province, and how many places were named.

    One or two capitalised words that no list holds (a quarter: "Suadiye Kadıköy") belong to it if a place follows.
    """
    end = reached = at
    known = unknown = 0
    while (found := _BEHIND.match(text.raw, reached)) is not None:
        word = found["word"]
        plain = text.folded[found.start("word") : found.end("word")]
        if _NEW_SENTENCE.search(text.raw, reached, found.start("word")) and not places().known(plain):
            break
        if word.isdecimal() or plain in _ABBREVIATED or places().known(plain) or plain in QUARTERS:
            known += not word.isdecimal() and plain not in _ABBREVIATED
            end, unknown = found.end(), 0
        elif word[0].isupper() and unknown < _MOST_UNKNOWN and not _bits(word) & (TITLE | ROLE):
            unknown += 1
        else:
            break
        reached = found.end()
    return end, known
