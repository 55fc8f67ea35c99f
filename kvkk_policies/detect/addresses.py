"""Finder for postal addresses: neighbouring pieces (quarter, street, building, number, place) that add up to one.

"Atatürk Caddesi trafiğe kapalı" names a street and is nobody's address; with a house number it is. So pieces count
points, and at least one of them must lead to a door or a district.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from kvkk_policies.detect.address_edges import grown_left, grown_right
from kvkk_policies.detect.address_parts import Kind, Part, parts_of
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.words import BETWEEN_ADDRESSES

_POINTS: dict[Kind, int] = {"area": 2, "road": 2, "building": 1, "number": 2, "detail": 1, "postcode": 1}
_MOST: dict[Kind, int] = {"area": 2, "road": 2, "building": 1, "number": 2, "detail": 2, "postcode": 1}
_ENOUGH = 4
_GAP = 40
"""Characters between two pieces of one address: a street's name of four words."""
_GAP_WORDS = 4
_SENTENCE_ENDS = re.compile(r"[!?]|\n\n|\.\s\s|\.\s+[a-z]+ [a-z]+ [a-z]+")
_NAMING: tuple[Kind, ...] = ("area", "road", "building")
_UNIT = "tl|lira|adet|kg|km|m2|m|cm|mm|gun|saat|dk|dakika|kisi|yil|ay|arac|bin|milyon|koli|metre|derece"
_BARE_NUMBER = re.compile(
    r"[ ,:]{0,2}[0-9]{1,4}(?: ?[/\-] ?[0-9a-z]{1,4}){0,2}(?![0-9a-z:%]|[.,][0-9])"
    rf"(?! ?(?:{_UNIT}|[a-z]{{4,40}} )(?![a-z]))"
)
_KEYWORD = re.compile(r"(?:adres|ikamet|teslim|otur|tasin|konum|sube|merkezi|yerim|evim|evi )[a-z]*[^.!?\n]{0,24}$")
_WORD = re.compile(r"[a-z]+")
_FINITE = re.compile(r"[a-z]{2,}(?:[iu]yor|m[iu]s|[ae]cak|[ae]cek|m[ai]yor|[dt][iu]|sin|sun)(?:lar|ler|um|im)?")


def find_address(text: Prepared) -> Iterator[Span]:
    """Addresses from the first named piece, or the place before it, to the last piece or the place behind it."""
    chain: list[Part] = []
    numbered = False
    free = 0
    for part in parts_of(text.folded):
        if part.start < free:
            continue
        # A quarter behind a house number begins the next address.
        anew = numbered and part.kind == "area"
        if chain and (anew or not _neighbours(text, chain[-1], part)):
            span = _address(text, chain, free)
            free = span.end if span else free
            yield from [span] if span else []
            chain, numbered = [], False
        if part.start >= free:
            chain.append(part)
            numbered = numbered or part.kind == "number"
    if chain:
        span = _address(text, chain, free)
        yield from [span] if span else []


def _neighbours(text: Prepared, left: Part, right: Part) -> bool:
    """Whether nothing but a name lies between two pieces."""
    gap = text.folded[left.end : right.start]
    if len(gap) > _GAP or _SENTENCE_ENDS.search(gap):
        return False
    words = list(_WORD.finditer(gap))
    if left.suffixed and len(words) > 1 and right.kind not in ("number", "road"):
        return False
    return len(words) <= _GAP_WORDS and not any(_parts(text, left.end, word) for word in words)


def _parts(text: Prepared, at: int, word: re.Match[str]) -> bool:
    """Whether a word of a gap ends what was said before: a conjunction, or a verb in small letters."""
    if word[0] in BETWEEN_ADDRESSES:
        return True
    return text.raw[at + word.start()].islower() and _FINITE.fullmatch(word[0]) is not None


def _address(text: Prepared, chain: list[Part], free: int) -> Span | None:
    first = next((place for place, part in enumerate(chain) if part.kind in _NAMING), None)
    if first is None:
        return None
    leading = chain[first - 1] if first and chain[first - 1].kind in ("postcode", "number") else None
    chain = chain[first:]
    start, places_before = grown_left(text, chain[0].start, free)
    if start == chain[0].start and len(chain) == 1:
        return None
    if leading is not None and leading.kind == "postcode" and start - leading.end <= 2:
        start = leading.start
    end, bare_number = _with_number(text, chain[-1])
    end, places_behind = grown_right(text, end)
    kinds: set[Kind] = {part.kind for part in chain}
    if bare_number:
        kinds.add("number")
    places = min(2, places_before + places_behind)
    if start == chain[0].start and not places and "number" not in kinds:
        return None
    keyword = _KEYWORD.search(text.folded[max(0, start - 48) : start]) is not None
    if _points(chain, kinds) + places + keyword < _ENOUGH or not _somewhere(kinds, places, keyword=keyword):
        return None
    return Span(start, end, "TR_ADDRESS", 0.8)


def _points(chain: list[Part], kinds: set[Kind]) -> int:
    counts = Counter(part.kind for part in chain)
    return sum(min(_MOST[kind], _POINTS[kind] * max(1, counts[kind])) for kind in kinds)


def _somewhere(kinds: set[Kind], places: int, *, keyword: bool) -> bool:
    """Whether it leads to a door or a district. A building needs more than a floor: "Zafer Plaza 2. kat" is a shop."""
    if "area" not in kinds and "road" not in kinds:
        return places > 0 and ("number" in kinds or "detail" in kinds)
    return places > 0 or keyword or "number" in kinds or "detail" in kinds or "postcode" in kinds


def _with_number(text: Prepared, part: Part) -> tuple[int, bool]:
    """The end of the last piece, with a house number that follows a street or building without a word."""
    if part.kind not in _NAMING or part.suffixed:
        return part.end, False
    number = _BARE_NUMBER.match(text.folded, part.end)
    return (number.end(), True) if number else (part.end, False)
