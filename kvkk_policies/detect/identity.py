"""Finder for identity numbers (T.C. kimlik no) and tax numbers (vergi kimlik no).

A number with a right check digit stands by itself where chance hits are rare; a wrong check digit beside its own
keyword is a mistyped real number, and is masked as `…_SUSPECT`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kvkk_policies.checksums import tckn_valid, vkn_valid
from kvkk_policies.detect.boundaries import within_longer_code, within_mixed_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.topics import Named

_IDENTITY_TOPICS = frozenset({"tckn", "vkn", "social", "id_serial"})
"""A sole trader's tax number and an insured person's number are the identity number."""

_EITHER = 20
"""Characters before a number within which both words name it."""


def find_identity(text: Prepared) -> Iterator[Span]:
    """Identity numbers, foreigners' too, and, beside their keyword, tax numbers; split in any way beside a keyword."""
    if not any(map(text.speaks_of, _IDENTITY_TOPICS)):
        yield from _unnamed(text)
        return
    for start, end, digits in text.numbers(10, 11, 12):
        if len(digits) == 11 and digits[0] != "0":
            yield from _tckn(text, start, end, digits)
        elif len(digits) == 10:
            taxed = list(_vkn(text, start, end, digits))
            yield from taxed or _miscounted(text, start, end, 10)
        elif len(digits) == 12:
            yield from _miscounted(text, start, end, 12)


def _unnamed(text: Prepared) -> Iterator[Span]:
    """Where no keyword speaks of identity: plain numbers with right check digits."""
    for start, end, digits in text.numbers(11):
        if end - start == 11 and tckn_valid(digits) and not within_mixed_code(text, start, end):
            yield Span(start, end, "TR_TCKN", 0.85)


def _tckn(text: Prepared, start: int, end: int, digits: str) -> Iterator[Span]:
    """Spaces and dots inside only beside a keyword."""
    plain = end - start == 11
    named = text.naming(start, end)
    own = named.topic in _IDENTITY_TOPICS
    if tckn_valid(digits):
        if (plain or own) and not within_mixed_code(text, start, end):
            yield Span(start, end, "TR_TCKN", 1.0 if own else 0.85)
    elif own and _written_as_one(text, start, end, named) and not within_longer_code(text, start, end):
        yield Span(start, end, "TR_TCKN_SUSPECT", 0.6)


def _vkn(text: Prepared, start: int, end: int, digits: str) -> Iterator[Span]:
    """Only beside a keyword, since every tenth number passes the check."""
    named = text.naming(start, end)
    # "VKN/TCKN: …": ten digits are the tax number, whichever of the two words stands nearer.
    either = named.topic == "tckn" and "vkn" in text.topics_near(start, end, before=_EITHER, after=0)
    if not (named.topic == "vkn" or either) or within_longer_code(text, start, end):
        return
    if vkn_valid(digits) and (named.linked or end - start == 10):
        yield Span(start, end, "TR_VKN", 1.0)
    elif _written_as_one(text, start, end, named):
        yield Span(start, end, "TR_VKN_SUSPECT", 0.6)


def _miscounted(text: Prepared, start: int, end: int, length: int) -> Iterator[Span]:
    """An identity number with a digit too few or too many, where its keyword leads straight to it."""
    if end - start == length and not within_longer_code(text, start, end):
        named = text.naming(start, end)
        if named.topic == "tckn" and named.linked:
            yield Span(start, end, "TR_TCKN_SUSPECT", 0.6)


def _written_as_one(text: Prepared, start: int, end: int, named: Named) -> bool:
    """A number without separators, or with the same one throughout right behind its keyword."""
    separators = {char for char in text.raw[start:end] if not char.isdecimal()}
    return named.clear if not separators else named.linked and len(separators) == 1
