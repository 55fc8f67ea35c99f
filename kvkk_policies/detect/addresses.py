"""Finder for postal addresses: two anchor words, or one with a number and a place name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.places import places
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_STREET = (
    r"mah(?:alle(?:si)?)?\b\.?|mh\b\.?|cad(?:de(?:si)?)?\b\.?|cd\b\.?|sok(?:ak|agi)?\b\.?|sk\b\.?"
    r"|bulv(?:ar[i]?)?\b\.?|blv\b\.?|site(?:si)?\b|sit\b\.|apt\b\.?|apartman[i]?\b|koyu\b|osb\b"
    r"|organize sanayi(?: bolgesi)?|yolu\b|plaza(?:si)?\b|mevkii?\b"
)
_DETAIL = (
    r"no ?[:.]? ?[0-9]{1,4}(?: ?[/\-] ?[0-9a-z]{1,4})?\b|d ?[:.] ?[0-9]{1,4}\b|daire ?[:.]? ?[0-9]{1,4}\b"
    r"|kat ?[:.]? ?-?[0-9]{1,2}\b|k ?[:.] ?[0-9]{1,2}\b|blok\b(?: ?no)?|[a-z] ?blok\b|numara ?[:.]? ?[0-9]{1,4}\b"
    r"|bina\b|ic kapi"
)
_ANCHOR = re.compile(rf"(?<![a-z0-9])(?:(?P<street>{_STREET})|(?P<detail>{_DETAIL}))")
_PLACE = re.compile(r"(?:[ ,/\-.(]{1,3}|(?<=[/ ]))(?P<word>[0-9]{5}(?![0-9])|[a-z]{2,})")
_WORD_BEFORE = re.compile(r"(?:[^\s,;:()\ue000]+)[ ]+$")
_NUMBER_AFTER = re.compile(r"[ ,]{0,2}[0-9]{1,4}(?:[/\-][0-9a-z]{1,3})?(?![0-9.,:])")
_GAP = 34
"""Characters between two anchors of one address: a street's name of three words."""
_WORDS_BEFORE = 4
_OTHER_WORDS = (
    "acik adres adresi adresim adresimiz adresinde adresine bir bu eski ev evi fatura getirin gonderilsin "
    "gonderin icin ikamet ile is isyeri kargo o olarak oturuyor su tam teslimat ve yeni"
)
_NOT_A_NAME = frozenset(_OTHER_WORDS.split())


def find_address(text: Prepared) -> Iterator[Span]:
    """Addresses from the street's or quarter's name to the number, district and province."""
    anchors = list(_ANCHOR.finditer(text.folded))
    cluster: list[re.Match[str]] = []
    for anchor in anchors:
        if cluster and anchor.start() - cluster[-1].end() > _GAP:
            yield from _address(text, cluster)
            cluster = []
        cluster.append(anchor)
    if cluster:
        yield from _address(text, cluster)


def _address(text: Prepared, cluster: list[re.Match[str]]) -> Iterator[Span]:
    streets = [anchor for anchor in cluster if anchor["street"]]
    if not streets:
        return
    first = streets[0]
    start = _grown_left(text, first.start())
    end, named = _grown_right(text, _with_number(text, cluster[-1]))
    has_number = re.search(r"[0-9]", text.folded[start:end]) is not None
    anchored = len({anchor[0][:2] for anchor in cluster}) >= 2 or (named and has_number)
    has_name = start < first.start() or cluster[0] is not first
    if anchored and has_name:
        yield Span(min(start, cluster[0].start()), end, "TR_ADDRESS", 0.8)


def _grown_left(text: Prepared, at: int) -> int:
    """Over the name before the first anchor: capitalised words or numbers, or one word of a text without capitals."""
    taken = 0
    start = at
    while taken < _WORDS_BEFORE:
        word = _WORD_BEFORE.search(text.raw, max(0, start - 40), start)
        if word is None:
            break
        written = word[0].strip()
        plain = text.folded[word.start() : word.start() + len(written)].strip(".'")
        named = written[0].isupper() or written[0].isdecimal()
        if plain in _NOT_A_NAME or (not named and taken):
            break
        start, taken = word.start(), taken + 1
        if not named:
            break
    return start


def _with_number(text: Prepared, anchor: re.Match[str]) -> int:
    if anchor["detail"]:
        return anchor.end()
    number = _NUMBER_AFTER.match(text.folded, anchor.end())
    return number.end() if number else anchor.end()


def _grown_right(text: Prepared, at: int) -> tuple[int, bool]:
    """Over postcode, district and province; says whether a place was named."""
    known = places()
    end, named = at, False
    while (word := _PLACE.match(text.folded, end)) is not None:
        if not (word["word"].isdecimal() or known.known(word["word"])):
            break
        named = named or not word["word"].isdecimal()
        end = word.end()
    return end, named
