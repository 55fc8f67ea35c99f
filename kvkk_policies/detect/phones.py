"""Finder for telephone numbers: Turkish ones in any writing, foreign ones with their country's code."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.boundaries import glued
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.separators import JOINTS
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.spoken import spoken
from kvkk_policies.detect.topics import Named
from kvkk_policies.phone import AREA_CODES

_GAP = f"[{JOINTS}*/\\-]{{0,3}}"
_PHONE = re.compile(
    rf"(?=[+(0-9])(?P<prefix>\(?\+{_GAP}90\)?{_GAP}\(?0?\)?|\(?0{_GAP}0{_GAP}90\)?{_GAP}\(?0?\)?|\(?90|0{_GAP}\(0|\(?0\)?)?"
    rf"{_GAP}\(?{_GAP}(?P<area>[2-58][0-9]{{2}}){_GAP}\)?{_GAP}"
    rf"(?P<rest>[0-9]{{3}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{3}}{_GAP}[0-9]{{4}}|[0-9]{{4}}{_GAP}[0-9]{{3}}"
    rf"|[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{3}}|[0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{2}}"
    rf"|[0-9]{{1}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}|[0-9]{{5}}{_GAP}[0-9]{{2}}"
    rf"|[0-9]{{1}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}})(?![0-9])"
)
_ONE = f"[{JOINTS}\\-]"
_SPLIT = re.compile(
    rf"(?<!{_ONE}[0-9]{_ONE})(?:\+?90{_ONE}{{0,3}}|0{_ONE}{{0,3}})?5(?:{_ONE}{{0,3}}[0-9]){{9}}(?![0-9])(?!{_ONE}[0-9](?![0-9]))"
)
_ABROAD = re.compile(rf"(?<![0-9A-Za-z+])(?P<plus>\+|00{_GAP})[1-9](?:{_GAP}\(?[0-9]\)?){{6,14}}(?![0-9])")
_COUNTRIES = re.compile(
    "[0-9]*(?:[17]|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|3[578][0-9]|42[013]|9[679][0-9])"
)
_ISSUED = re.compile(r"5(?:[0-5][0-9]|61|9[46])")
"""Beginnings of mobile numbers in use: ten bare digits that begin otherwise need a sign that they are a telephone."""
_SPOKEN_NUMBER = re.compile("0?[2-5][0-9]{9}")
_SERVICES = frozenset({"850", "800"})
_OTHER_NUMBERS = frozenset(
    {"vkn", "tckn", "imei", "iban", "card", "other", "record", "code", "shelf", "register", "serial", "uavt"}
)
_GROUPED = re.compile("[0-9]{3}[ .\\-][0-9]{2}[ .\\-][0-9]{2}|[0-9]{3}[ .\\-][0-9]{4}")
_TICKET = ("-", "#", "_")
"""Right before ten digits: "TKT-5321234567"."""
_AMOUNT = re.compile(r" ?(?:tl|lira|₺|usd|eur|euro|adet|kg)(?![a-z])")
_LEFT = re.compile(r"[0-9A-Za-z]+[-/]$")
_RIGHT = re.compile(r"[-/][0-9A-Za-z]+")
_FAR = 24
_AFTER = 25
"""Characters from a number to "… numarasından aradı"."""


def find_phone(text: Prepared) -> Iterator[Span]:
    """Turkish numbers in any writing, and foreign ones with a plus or 00. 444 numbers are nobody's.

    "0532 000 11 22 / 33" and "… dahili 12" are one number and something more: the span is the number.
    """
    raw = text.raw
    found: list[tuple[int, int]] = []
    for first, last in text.clusters:
        # The sign and the parenthesis stand before the first digit.
        for match in _PHONE.finditer(raw, max(0, first - 3), last):
            start, end = _trimmed(raw, match)
            if _is_phone(text, match, start, end):
                found.append((start, end))
                yield Span(start, end, "TR_PHONE", 0.9 if match["prefix"] else 0.6)
        for match in _SPLIT.finditer(raw, max(0, first - 1), last):
            start, end = match.span()
            if any(start < right and left < end for left, right in found):
                continue
            if _stands_alone(text, start, end) and _is_split_mobile(text, start, end):
                yield Span(start, end, "TR_PHONE", 0.6)
    for start, end, digits in spoken(text):
        if _SPOKEN_NUMBER.fullmatch(digits) and (digits.lstrip("0")[0] == "5" or digits.lstrip("0")[:3] in AREA_CODES):
            yield Span(start, end, "TR_PHONE", 0.6)
    if "+" in raw or "00" in raw:
        for match in _ABROAD.finditer(raw):
            if _is_abroad(text, match):
                yield Span(match.start(), match.end(), "TR_PHONE", 0.6)


def _trimmed(raw: str, match: re.Match[str]) -> tuple[int, int]:
    """Without the gap before an absent prefix; an opening parenthesis belongs to the number only with its pair."""
    start, end = match.start(), match.end()
    while start < end and raw[start] not in "+(0123456789":
        start += 1
    if raw[start] == "(" and ")" not in raw[start:end]:
        start += 1
    return start, end


def _is_phone(text: Prepared, match: re.Match[str], start: int, end: int) -> bool:
    area = match["area"]
    if not (area[0] == "5" or area in AREA_CODES or area in _SERVICES) or not _stands_alone(text, start, end):
        return False
    bare = text.raw[start:end].isdecimal()
    prefixed = match["prefix"] is not None
    if prefixed and not bare:
        return True
    named = text.naming(start, end)
    if bare and named.topic in _OTHER_NUMBERS and (named.linked or area[0] != "5"):
        # A plain run of digits beside another number's name is that number.
        return False
    return prefixed or named.topic == "phone" or _looks_like_one(text, match, named, start, end)


def _looks_like_one(text: Prepared, match: re.Match[str], named: Named, start: int, end: int) -> bool:
    """Ten digits without a prefix or a telephone's word before them."""
    area = match["area"]
    if _AMOUNT.match(text.folded, end) or (text.raw[start - 1 : start] in _TICKET and start):
        return False
    if area[0] == "5" and (_ISSUED.fullmatch(area) or not text.raw[start:end].isdecimal()):
        return not (named.linked and named.topic in _OTHER_NUMBERS)
    if "phone" in text.topics_near(start, end, before=0, after=_AFTER):
        return True
    # "212 345 67 89" is a telephone number by its grouping alone; ten bare digits are not.
    return area in AREA_CODES and named.topic is None and _GROUPED.fullmatch(match["rest"]) is not None


def _is_split_mobile(text: Prepared, start: int, end: int) -> bool:
    """A mobile number whose digits are split in an unusual way: one by one, or beside a telephone's word."""
    groups = [len(group) for group in re.findall("[0-9]+", text.raw[start:end])]
    named = text.naming(start, end)
    if named.linked and named.topic in _OTHER_NUMBERS:
        return False
    return named.topic == "phone" or set(groups) == {1}


def _is_abroad(text: Prepared, match: re.Match[str]) -> bool:
    digits = "".join(char for char in match[0] if char.isdecimal()).removeprefix("00")
    if not 8 <= len(digits) <= 15 or not _stands_alone(text, match.start(), match.end()):
        return False
    if digits.startswith("90"):
        # A mistyped Turkish number; "+90 444 0 123" is a public one.
        return digits[2:5] != "444" and len(digits) >= 11
    if match["plus"] == "+":
        return True
    named = text.naming(match.start(), match.end())
    if named.linked and named.topic in _OTHER_NUMBERS:
        return False
    grouped = not match[0].isdecimal()
    return _COUNTRIES.match(digits) is not None and len(digits) >= 10 and (named.topic == "phone" or grouped)


def _stands_alone(text: Prepared, start: int, end: int) -> bool:
    """Whether the number is no part of a code. Another number may be joined by a slash or dash."""
    raw = text.raw
    if raw[start - 1 : start].isdecimal() or glued(text, start, end):
        return False
    if raw[end : end + 1] in (".", ",") and raw[end + 1 : end + 2].isdecimal() and raw[end + 1 : end + 2] not in "05":
        return False
    left = _LEFT.search(raw, max(0, start - _FAR), start)
    right = _RIGHT.match(raw, end)
    return not (left and _of_a_code(left[0][:-1])) and not (right and _of_a_code(right[0][1:]))


def _of_a_code(segment: str) -> bool:
    """Whether what is joined to a number makes it a code: letters with digits, or a year or counter before or after."""
    if segment.isdecimal():
        return 3 <= len(segment) <= 6 and segment[0] not in "05"
    return not segment.isalpha()
