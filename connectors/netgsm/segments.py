"""How many parts a text becomes, before it is paid for: Netgsm bills a part, and a single letter may double them.

Operators append a suffix (` B001`, 5 characters) to every commercial sender's message, so a part holds less than the
alphabet's 160, 155 or 70. Concatenated parts carry a header: 153, 148 or 66 remain. The largest texts that Netgsm
documents (912, 883, 391) are six such parts less the suffix. An escaped letter or an emoji is never cut in two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from connectors.netgsm.alphabets import BASIC, EXTENSION, TURKISH_SHIFT, composed, transliterated

Encoding = Literal["GSM", "TR", "UNICODE"]
ENCODINGS: tuple[Encoding, ...] = ("GSM", "TR", "UNICODE")
"""From the cheapest to the dearest."""
SUFFIX = 5
MOST_PARTS = 6


@dataclass(frozen=True)
class _Alphabet:
    """Units are septets, or UTF-16 units for Unicode."""

    single: int
    """Units of a message that is one part, its suffix among them."""
    joined: int
    """Units of a part of several."""
    limit: int
    """Units of the longest text Netgsm takes."""
    size: Callable[[str], int]
    """Units of a character; 0 when the alphabet lacks it."""


def _gsm(letter: str) -> int:
    return 1 if letter in BASIC else 2 if letter in EXTENSION else 0


def _turkish(letter: str) -> int:
    return 1 if letter in BASIC else 2 if letter in TURKISH_SHIFT else 0


def _unicode(letter: str) -> int:
    return 1 if ord(letter) < 0x10000 else 2


_ALPHABETS: dict[Encoding, _Alphabet] = {
    "GSM": _Alphabet(single=160, joined=153, limit=912, size=_gsm),
    "TR": _Alphabet(single=155, joined=148, limit=883, size=_turkish),
    "UNICODE": _Alphabet(single=70, joined=66, limit=391, size=_unicode),
}


_PLAIN = BASIC | EXTENSION
_TURKISH = BASIC | TURKISH_SHIFT


@dataclass(frozen=True)
class Segments:
    """A text as it would be sent. Its `repr` shows nothing of it."""

    encoding: Encoding
    text: str = field(repr=False)
    """What arrives: for GSM with plain letters in the place of those it lacks."""
    characters: int
    """Units that are counted; a letter may count two."""
    limit: int
    """Units that a text may have."""
    single: int
    """Units that fit one part."""
    parts: int
    changed: bool
    """Whether the recipient reads other letters than were written."""
    lost: int
    """Characters that the encoding cannot carry at all."""

    @property
    def too_long(self) -> bool:
        """Whether Netgsm would refuse it."""
        return self.characters > self.limit or self.parts > MOST_PARTS

    @property
    def sendable(self) -> bool:
        """Whether it can be sent so."""
        return not self.too_long and not self.lost


def measured(text: str, encoding: Encoding) -> Segments:
    """A text in one encoding. Characters it lacks are counted in `lost`, and as one unit each."""
    alphabet = _ALPHABETS[encoding]
    whole = composed(text)
    sent = transliterated(whole) if encoding == "GSM" else whole
    sizes = [alphabet.size(letter) for letter in sent]
    counted = [size or 1 for size in sizes]
    return Segments(
        encoding=encoding,
        text=sent,
        characters=sum(counted),
        limit=alphabet.limit,
        single=alphabet.single - SUFFIX,
        parts=_parts(counted, alphabet),
        changed=sent != whole,
        lost=sizes.count(0),
    )


def chosen(text: str) -> Segments:
    """The cheapest encoding in which the text arrives letter for letter; every text has one."""
    letters = set(composed(text))
    if letters <= _PLAIN:
        return measured(text, "GSM")
    return measured(text, "TR" if letters <= _TURKISH else "UNICODE")


def _parts(sizes: Sequence[int], alphabet: _Alphabet) -> int:
    if sum(sizes) + SUFFIX <= alphabet.single:
        return 1
    parts, used = 1, 0
    for size in (*sizes, *[1] * SUFFIX):
        if used + size > alphabet.joined:
            parts, used = parts + 1, 0
        used += size
    return parts
