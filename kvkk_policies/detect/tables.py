"""Pasted tables: a line of headings, lines of as many cells below it. The heading says what a cell is.

"alici;tel;il" over "Xhemal Hoxha;0541…;Bursa" makes a person of two words that no list holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kvkk_policies.detect.name_words import (
    CAPITAL,
    COMMON,
    FIRM,
    LABEL,
    NAMED,
    NEVER,
    NOT_BY_ITSELF,
    PLACE,
    ROLE,
    STREET,
    words_of,
)
from kvkk_policies.detect.topic_words import topic_of_word
from kvkk_policies.turkish import fold

_DELIMITERS = (";", "|", "\t", ",")
_LETTERS = re.compile(r"[^\W\d_]+(?:[ .'’-]{1,2}[^\W\d_]+){0,7}\.?")
_MOST_WORDS = 5
_ANYTHINGS = frozenset({"ad", "adi", "isim", "ismi", "name"})
"""Headings over goods too: they speak of persons where another heading does."""
_OF_PERSONS = frozenset({"phone", "tckn", "birth"})
_AROUND = " \"'\t\r"


class Cell(NamedTuple):
    """A cell's text lies at `raw[start:end]`, without quotes and spaces around it; `heading` is folded."""

    start: int
    end: int
    heading: str


def cells(raw: str) -> Iterator[Cell]:
    """The cells below each line of headings. A line with another number of cells ends the table."""
    headings: list[str] = []
    delimiter, at = "", 0
    for line in raw.split("\n"):
        pieces = line.split(delimiter) if headings else []
        if headings and len(pieces) == len(headings):
            place = at
            for heading, piece in zip(headings, pieces, strict=True):
                start = place + len(piece) - len(piece.lstrip(_AROUND))
                place += len(piece) + 1
                yield Cell(start, max(start, place - 1 - len(piece) + len(piece.rstrip(_AROUND))), heading)
        else:
            delimiter, headings = _headings(line)
        at += len(line) + 1


def _headings(line: str) -> tuple[str, list[str]]:
    for delimiter in _DELIMITERS:
        if delimiter in line:
            written = [fold(piece.strip(_AROUND)).replace("_", " ") for piece in line.split(delimiter)]
            plain = all(piece and not any(char.isdecimal() or char in ".:=!?" for char in piece) for piece in written)
            return delimiter, written if plain else []
    return "", []


def persons_in_cells(raw: str) -> Iterator[tuple[int, int]]:
    """Where cells below a person's heading hold a name."""
    found = list(cells(raw))
    headings = {cell.heading for cell in found}
    peopled = any(_is_of_persons(heading) for heading in headings)
    for start, end, heading in found:
        kind = _kind(heading) if heading not in _ANYTHINGS or peopled else 0
        if kind and _is_name(raw[start:end], sure=kind == LABEL):
            yield start, end


def _kind(heading: str) -> int:
    """LABEL or ROLE if the heading is made of nothing but words that stand before names."""
    bits = [word[2] for word in words_of(heading.replace(" ", "\u00a0"))]
    if not bits or not all(each & (LABEL | ROLE) for each in bits):
        return 0
    return LABEL if any(each & LABEL for each in bits) else ROLE


def _is_of_persons(heading: str) -> bool:
    if heading not in _ANYTHINGS and _kind(heading):
        return True
    return any(topic_of_word(word) in _OF_PERSONS for word in heading.split())


def _is_name(text: str, *, sure: bool) -> bool:
    """Whether capitalised words without a firm's or street's among them fill the cell."""
    words = [bits for _, _, bits in words_of(text.replace(" ", "\u00a0"))] if _LETTERS.fullmatch(text) else []
    if not 0 < len(words) <= _MOST_WORDS or not all(bits & CAPITAL for bits in words):
        return False
    if any(bits & (FIRM | STREET | NEVER) for bits in words):
        return False
    if sure:
        return True
    if len(words) == 1:
        return bool(words[0] & NAMED) and not words[0] & (NOT_BY_ITSELF | PLACE)
    return any(bits & NAMED or not bits & (COMMON | PLACE) for bits in words)
