"""Finders for bank accounts and payment cards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.checksums import card_scheme_valid, iban_valid, luhn_valid
from kvkk_policies.detect.boundaries import within_longer_code, within_mixed_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.separators import JOINTS, SPACES
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.topics import Named

_GAP = f"{JOINTS}\\-"
_IBAN = re.compile(rf"[Tt][Rr][{_GAP}]?(?:[{_GAP}]{{0,2}}[0-9]){{18,26}}(?![0-9])")
_IBAN_LETTERS = re.compile(r"(?<![0-9A-Za-z])TR[0-9]{8}[0-9A-Z]{16}(?![0-9A-Za-z])")
_SPACE = f"[{SPACES}]?"
_IBAN_ABROAD = re.compile(
    rf"(?<![0-9A-Za-z])(?![Tt][Rr])[A-Za-z]{{2}}[0-9]{{2}}(?:{_SPACE}[0-9A-Za-z]{{4}}){{2,7}}(?:{_SPACE}[0-9A-Za-z]{{1,3}})?"
    "(?![0-9A-Za-z])"
)
_IBAN_LENGTHS = range(22, 27)
_GROUP = re.compile("[0-9]+")
_NOT_DIGIT = re.compile(r"[^0-9]")
_CARD_LENGTHS = tuple(range(13, 20))
_CARD_GROUPS = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (8, 8), (4, 12), (4, 4, 8), (4, 4, 4, 3), (4, 6, 4)}
)
_OTHER_NUMBERS = frozenset({"other", "record", "code", "shelf", "serial", "register"})
_NOT_PAYING = re.compile(
    r"(?<![a-z])(?:uyelik|sadakat|money|kulup|club|paro|akbil|loyalty|member|turnike)|puan|kart[a-z]{0,6} bakiye"
    r"|(?:uye|hediye|indirim|musteri|personel|ogrenci|yemek|ulasim|giris|gecis|magaza|sim|garanti|istanbul|izmirim"
    r"|ankara|kent|bursa|baskent) ?kart"
)
_NEAR = 40


def _digits(text: str) -> str:
    return _NOT_DIGIT.sub("", text)


def find_iban(text: Prepared) -> Iterator[Span]:
    """IBANs in any case and grouping; a Turkish one with wrong check digits or length still counts as mistyped."""
    raw = text.raw
    if "R" in raw or "r" in raw:
        for match in _IBAN.finditer(raw):
            yield from _turkish_iban(text, match.start(), match.end())
        for match in _IBAN_LETTERS.finditer(raw):
            if iban_valid(match[0]):
                yield Span(match.start(), match.end(), "TR_IBAN", 1.0)
    for match in _IBAN_ABROAD.finditer(raw):
        if _valid_abroad(match[0]):
            yield Span(match.start(), match.end(), "TR_IBAN", 1.0)
    for start, end, digits in text.numbers(24) if text.speaks_of("iban") else ():
        if text.naming(start, end).topic == "iban" and not within_longer_code(text, start, end):
            valid = iban_valid("TR" + digits)
            yield Span(start, end, "TR_IBAN" if valid else "TR_IBAN_SUSPECT", 1.0 if valid else 0.6)


def _turkish_iban(text: Prepared, start: int, end: int) -> Iterator[Span]:
    before = text.raw[start - 1 : start]
    if before.isalnum() and not text.folded.endswith(("iban", "ibanno", "hesap"), 0, start):
        return
    right = _iban_end(text.raw, start, end)
    if right is not None:
        yield Span(start, right, "TR_IBAN", 1.0)
        return
    count = len(_digits(text.raw[start:end]))
    if count in _IBAN_LENGTHS or text.naming(start, end).topic == "iban":
        yield Span(start, end, "TR_IBAN_SUSPECT", 0.6)


def _iban_end(raw: str, start: int, end: int) -> int | None:
    """Where a valid IBAN that starts here ends: a number may follow it after a space."""
    digits = 0
    for at in range(start + 2, end):
        digits += raw[at].isdecimal()
        if digits == 24:
            return at + 1 if iban_valid("TR" + _digits(raw[start : at + 1])) else None
    return None


def _valid_abroad(written: str) -> bool:
    """Foreign customers' accounts. The country decides the length, so the library's table is asked."""
    from stdnum import iban

    return iban.is_valid(written, check_country=False)


def find_card(text: Prepared) -> Iterator[Span]:
    """Payment cards, TROY too, by scheme, length and Luhn; in odd groups only beside a keyword."""
    for start, end, digits in text.numbers(*_CARD_LENGTHS):
        usual = card_scheme_valid(digits)
        valid = usual and luhn_valid(digits)
        if not valid and (len(digits) not in (15, 16) or not text.speaks_of("card")):
            continue
        named = text.naming(start, end)
        joined = within_mixed_code if valid and named.topic == "card" else within_longer_code
        if (named.topic == "imei" and len(digits) == 15) or joined(text, start, end):
            continue
        if valid:
            # 13 and 19 digits are also barcodes and tracking numbers, of which every tenth passes Luhn.
            alone = len(digits) in (14, 15, 16) and _in_usual_groups(text, start, end)
            if named.topic == "card" or (alone and not _is_another(text, named, start, end, digits)):
                yield Span(start, end, "CREDIT_CARD", 0.9)
        elif named.topic == "card" and len(digits) in (15, 16) and (usual or luhn_valid(digits) or named.linked):
            if _of_a_shop(text, start, end):
                continue
            yield Span(start, end, "CREDIT_CARD_SUSPECT", 0.6)


def _is_another(text: Prepared, named: Named, start: int, end: int, digits: str) -> bool:
    """Whether it is an order's or a record's. Merely mentioned, those own no number that is grouped as cards are."""
    if named.topic not in _OTHER_NUMBERS:
        # Fourteen digits are a barcode more often.
        return len(digits) == 14 and end - start == len(digits)
    return named.linked or not (end - start > len(digits) or text.speaks_of("card"))


def _of_a_shop(text: Prepared, start: int, end: int) -> bool:
    """Whether the card is one that collects points or opens a gate: those count up to sixteen digits too."""
    return _NOT_PAYING.search(text.folded, max(0, start - _NEAR), end + _NEAR) is not None


def _in_usual_groups(text: Prepared, start: int, end: int) -> bool:
    groups = tuple(map(len, _GROUP.findall(text.raw, start, end)))
    return len(groups) == 1 or groups in _CARD_GROUPS
