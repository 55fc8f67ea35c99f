"""Numbers that speech recognition wrote out in words, read as digits: "sıfır beş yüz otuz iki sıfır on dokuz …".

Words add up as they are spoken: a ten takes a unit behind it, a hundred a ten and a unit. Digits that the software
wrote as such stand between them unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.turkish import unfolded

_UNIT_WORDS = "sifir bir iki uc dort bes alti yedi sekiz dokuz"
_TEN_WORDS = "on yirmi otuz kirk elli altmis yetmis seksen doksan"
_UNITS = {word: digit for digit, word in enumerate(_UNIT_WORDS.split())}
_TENS = {word: ten * 10 for ten, word in enumerate(_TEN_WORDS.split(), start=1)}
_WORD = "|".join(sorted((*_UNITS, *_TENS, "yuz"), key=len, reverse=True))
_RUN = re.compile(rf"(?<![a-z0-9])(?:{_WORD}|[0-9]+)(?:[ ,.\-]{{0,2}}(?:{_WORD}|[0-9]+))*(?![a-z0-9])")
_PART = re.compile(rf"{_WORD}|[0-9]+")
_SAID = re.compile(f"sifir|yuz ?(?:{_WORD})")
SPOKEN_SIGN = f"{unfolded('sifir')}|{unfolded('yuz')}{unfolded(' ')}?(?:{'|'.join(map(unfolded, (*_UNITS, *_TENS)))})"
"""RE2: without one of these words no telephone number is spoken."""


def spoken(text: Prepared) -> Iterator[tuple[int, int, str]]:
    """Runs of number words, at least two, with digits between: start, end and the digits they say."""
    folded = text.folded
    if _SAID.search(folded) is None:
        return
    for run in _RUN.finditer(folded):
        parts = _PART.findall(folded, run.start(), run.end())
        if sum(not part.isdecimal() for part in parts) > 1:
            yield run.start(), run.end(), _digits(parts)


def _digits(parts: list[str]) -> str:
    said: list[str] = []
    value, room = 0, 0
    for part in (*parts, ""):
        unit, ten = _UNITS.get(part), _TENS.get(part)
        if unit and room >= 10:
            value, room = value + unit, 0
        elif ten and room >= 100:
            value, room = value + ten, 10
        elif part == "yuz" and 0 < value < 10 and room == 0:
            value, room = value * 100, 100
        else:
            if value:
                said.append(str(value))
            value, room = 0, 0
            if part == "yuz":
                value, room = 100, 100
            elif ten:
                value, room = ten, 10
            elif unit:
                value = unit
            elif unit == 0:
                said.append("0")
            else:
                said.append(part)
    return "".join(said)
