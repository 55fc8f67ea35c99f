"""Finder for birth dates: a real date of a living person's age beside a word that says birth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "ocak oca",
            "subat sub",
            "mart mar",
            "nisan nis",
            "mayis may",
            "haziran haz",
            "temmuz tem",
            "agustos agu",
            "eylul eyl",
            "ekim eki",
            "kasim kas",
            "aralik ara",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_NUMERIC = re.compile(r"(?<![0-9.])([0-3]?[0-9])[./\- ]{1,2}([01]?[0-9])[./\- ]{1,2}([0-9]{4}|[0-9]{2})(?![0-9])")
_ISO = re.compile(r"(?<![0-9])([0-9]{4})[-./]([01][0-9])[-./]([0-3][0-9])(?![0-9])")
_NAMED = re.compile(rf"(?<![0-9])([0-3]?[0-9])[. ]{{0,2}}({_MONTH_NAMES})[. ]{{0,2}}([0-9]{{4}})(?![0-9])")
_OLDEST = 120
_CLOSE = 25


def find_birth_date(text: Prepared) -> Iterator[Span]:
    """Birth dates. The keyword decides: an invoice's date has the same shape."""
    if not text.speaks_of("birth"):
        return
    for match in (*_NUMERIC.finditer(text.raw), *_ISO.finditer(text.raw), *_NAMED.finditer(text.folded)):
        if _born_here(text, match) and _age_fits(match):
            yield Span(match.start(), match.end(), "BIRTH_DATE", 0.9)


def _born_here(text: Prepared, match: re.Match[str]) -> bool:
    before = text.topic_before(match.start(), _CLOSE)
    return before == "birth" or "birth" in text.topics_near(match.start(), match.end(), before=0, after=15)


def _age_fits(match: re.Match[str]) -> bool:
    first, middle, last = match.groups()
    today = datetime.now(UTC).date()
    try:
        if len(first) == 4:
            born = date(int(first), int(middle), int(last))
        else:
            month = int(middle) if middle.isdecimal() else _MONTHS[middle]
            born = date(_full_year(last, today), month, int(first))
    except ValueError:
        return False
    return 0 <= today.year - born.year <= _OLDEST and born <= today


def _full_year(written: str, today: date) -> int:
    if len(written) == 4:
        return int(written)
    year = 2000 + int(written)
    return year if year <= today.year else year - 100
