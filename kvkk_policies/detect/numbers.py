"""Finders for identity and tax numbers, bank accounts, cards and device numbers.

A number with a right check digit stands by itself where chance hits are rare; a wrong check digit beside its own
keyword is a mistyped real number, and is masked as `…_SUSPECT`. Among several keywords the nearest one before decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.checksums import card_scheme_valid, card_valid, iban_valid, luhn_valid, tckn_valid, vkn_valid
from kvkk_policies.detect.boundaries import within_longer_code, within_mixed_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_SPACE = " \u00a0\u2007\u2009\u202f"
_IBAN = re.compile(rf"(?<![0-9A-Za-z])[Tt][Rr][{_SPACE}.\-]?(?:[{_SPACE}.\-]{{0,2}}[0-9]){{20,26}}(?![0-9])")
_IBAN_LETTERS = re.compile(r"(?<![0-9A-Za-z])TR[0-9]{8}[0-9A-Z]{16}(?![0-9A-Za-z])")
_IBAN_BARE = re.compile(rf"[0-9](?:[{_SPACE}.\-]?[0-9]){{23}}(?![0-9])")
_CARD_GROUPS = re.compile(
    rf"[0-9]{{4}}[{_SPACE}.\-]?[0-9]{{4,6}}[{_SPACE}.\-]?[0-9]{{4,5}}(?:[{_SPACE}.\-]?[0-9]{{1,4}}){{0,2}}(?![0-9])"
)
_IMEI = re.compile(r"[0-9]{15}(?![0-9])")
_NOT_DIGIT = re.compile(r"[^0-9]")
_IDENTITY_TOPICS = ("tckn", "vkn")


def _digits(text: str) -> str:
    return _NOT_DIGIT.sub("", text)


def find_identity(text: Prepared) -> Iterator[Span]:
    """Identity numbers (T.C. kimlik no, foreigners' too) and, beside their keyword, tax numbers."""
    for match in text.runs:
        digits = _digits(match[0])
        if len(digits) == 11 and digits[0] != "0":
            yield from _tckn(text, match, digits)
        elif len(digits) == 10:
            yield from _vkn(text, match, digits)


def _tckn(text: Prepared, match: re.Match[str], digits: str) -> Iterator[Span]:
    """Spaces and dots inside only beside a keyword."""
    start, end = match.span()
    plain = len(match[0]) == 11
    if tckn_valid(digits):
        named = _names_identity(text, start, end)
        if (plain or named) and not within_mixed_code(text.raw, start, end):
            yield Span(start, end, "TR_TCKN", 1.0 if named else 0.85)
        return
    looks_like_one = plain or _grouped(match[0])
    if looks_like_one and not within_longer_code(text.raw, start, end) and _names_identity(text, start, end):
        yield Span(start, end, "TR_TCKN_SUSPECT", 0.6)


def _vkn(text: Prepared, match: re.Match[str], digits: str) -> Iterator[Span]:
    """Only beside a keyword, since every tenth number passes the check."""
    start, end = match.span()
    if text.topic_before(start) == "vkn" and not within_longer_code(text.raw, start, end):
        valid = vkn_valid(digits)
        yield Span(start, end, "TR_VKN" if valid else "TR_VKN_SUSPECT", 1.0 if valid else 0.6)


def _names_identity(text: Prepared, start: int, end: int) -> bool:
    before = text.topic_before(start)
    return before in _IDENTITY_TOPICS or (before is None and "tckn" in text.topics_near(start, end, before=0))


def _grouped(written: str) -> bool:
    return len({char for char in written if not char.isdecimal()}) == 1


def find_iban(text: Prepared) -> Iterator[Span]:
    """Turkish IBANs in any case and grouping; wrong check digits or length still count as a mistyped one."""
    raw = text.raw
    if "R" in raw or "r" in raw:
        for match in _IBAN.finditer(raw):
            end = _iban_end(raw, match.start(), match.end())
            if end is not None:
                yield Span(match.start(), end, "TR_IBAN", 1.0)
            elif 22 <= len(_digits(match[0])) <= 26:
                yield Span(match.start(), match.end(), "TR_IBAN_SUSPECT", 0.6)
        for match in _IBAN_LETTERS.finditer(raw):
            if iban_valid(match[0]):
                yield Span(match.start(), match.end(), "TR_IBAN", 1.0)
    for match in text.within_clusters(_IBAN_BARE):
        if text.topic_before(match.start()) == "iban" and not within_longer_code(raw, match.start(), match.end()):
            valid = iban_valid("TR" + _digits(match[0]))
            yield Span(match.start(), match.end(), "TR_IBAN" if valid else "TR_IBAN_SUSPECT", 1.0 if valid else 0.6)


def _iban_end(raw: str, start: int, end: int) -> int | None:
    """Where a valid IBAN that starts here ends: a number may follow it after a space."""
    digits = 0
    for at in range(start + 2, end):
        digits += raw[at].isdecimal()
        if digits == 24:
            return at + 1 if iban_valid("TR" + _digits(raw[start : at + 1])) else None
    return None


def find_card(text: Prepared) -> Iterator[Span]:
    """Payment cards, TROY too, by scheme, length and Luhn."""
    for match in text.within_clusters(_CARD_GROUPS):
        digits = _digits(match[0])
        if not 13 <= len(digits) <= 19 or within_longer_code(text.raw, match.start(), match.end()):
            continue
        topic = text.topic_before(match.start())
        if topic == "imei" and len(digits) == 15:
            continue
        if card_valid(digits):
            # 13 and 19 digits are also barcodes and tracking numbers, of which every tenth passes Luhn.
            if topic == "card" or (topic != "other" and len(digits) in (15, 16)):
                yield Span(match.start(), match.end(), "CREDIT_CARD", 0.9)
        elif topic == "card" and len(digits) in (15, 16) and (card_scheme_valid(digits) or luhn_valid(digits)):
            yield Span(match.start(), match.end(), "CREDIT_CARD_SUSPECT", 0.6)


def find_imei(text: Prepared) -> Iterator[Span]:
    """Device numbers, beside their keyword."""
    for match in text.within_clusters(_IMEI):
        if text.topic_before(match.start()) == "imei" and luhn_valid(match[0]):
            yield Span(match.start(), match.end(), "IMEI", 1.0)
