"""Finder for vehicle plates: province, letters and digits in the combinations that are issued."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.boundaries import within_longer_code
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_PLATE = re.compile(
    r"(?<![0-9])(?:0[1-9]|[1-7][0-9]|8[01])[ \-\u00a0]?(?P<letters>[A-PR-VYZa-pr-vyzıİ]{1,3})[ \-\u00a0]?"
    r"(?P<digits>[0-9]{2,5})(?![0-9])"
)
_DIGITS_OF = {1: (4, 5), 2: (3, 4), 3: (2, 3)}
# Quantities and dates have the same shape: "50 KG 200", "12 MAR 24".
_UNIT_WORDS = (
    "ad agu ah apr ara aug ay bar cl cm db dec dk dpi eki eur eyl feb gb ghz gr haz hp hz ile jan jul jun "
    "kas kb kg km kv kva lt mah mar may mb mg mhz ml mm mt nis no nov oca oct pcs psi rpm sa sep sn sub "
    "tb tem tl usd va ve x"
)
_UNITS = frozenset(_UNIT_WORDS.split())
_AFTER_UNIT = re.compile(r" ?(?:mm|cm|kw|kva|hp|adet|lt|kg|gr|volt|amper|v\b|a\b|tl|₺|%|inc|\")")


def find_plate(text: Prepared) -> Iterator[Span]:
    """Plates. One letter, lower case, or a shape that is also a quantity needs a vehicle word near."""
    for match in _PLATE.finditer(text.raw):
        letters = match["letters"]
        if len(match["digits"]) not in _DIGITS_OF[len(letters)]:
            continue
        start, end = match.span()
        if within_longer_code(text.raw, start, end):
            continue
        near = text.topics_near(start, end)
        if "plate" in near and text.topic_before(start, 20) != "other":
            yield Span(start, end, "TR_PLATE", 0.9)
        elif (
            len(letters) > 1
            and letters.isupper()
            and text.folded[match.start("letters") : match.end("letters")] not in _UNITS
            and "other" not in near
            and not _AFTER_UNIT.match(text.folded, end)
        ):
            yield Span(start, end, "TR_PLATE", 0.6)
