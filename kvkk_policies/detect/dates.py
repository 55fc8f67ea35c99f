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
            "ocak oca january jan",
            "subat sub february feb",
            "mart mar march",
            "nisan nis april apr",
            "mayis may",
            "haziran haz june jun",
            "temmuz tem july jul",
            "agustos agu august aug",
            "eylul eyl september sep sept",
            "ekim eki october oct",
            "kasim kas november nov",
            "aralik ara december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
_SEPARATOR = r"[ ]?[./\- ][ ]?"
_SHAPES = tuple(
    re.compile(shape)
    for shape in (
        rf"(?<![0-9])(?<![0-9]\.)([0-3]?[0-9]){_SEPARATOR}([01]?[0-9]){_SEPARATOR}([0-9]{{4}}|[0-9]{{2}})(?![0-9])",
        rf"(?<![0-9])([0-9]{{4}}){_SEPARATOR}([01]?[0-9]){_SEPARATOR}([0-3]?[0-9])(?![0-9])",
        rf"(?<![0-9])([0-3]?[0-9])[. \-/]{{0,2}}({_MONTH_NAMES})[.,]?[ \-/]{{0,2}}([0-9]{{4}}|[0-9]{{2}})(?![0-9])",
        r"(?<![0-9])([0-3][0-9])([01][0-9])((?:19|20)[0-9]{2})(?![0-9])",
    )
)
_BORN = re.compile(
    r"(?<![a-z])(?:dogum(?!evi|hane|sal|lu|dan)[a-z]{0,9}|dogdu[a-z]{0,4}|dogmus[a-z]{0,6}|birth[a-z]{0,4}|born(?![a-z])|dob"
    r"|dog\.? ?(?:tar|yil|gun|yer)[a-z]{0,8}|dog\.|d\. ?(?=[0-3]?[0-9][./][0-9])|d\.? ?t\.?(?![a-z0-9])"
    r"|d[. ]{1,2}ta?ri?h?[a-z]{0,5}|dtarihi?)"
)
_BORN_AFTER = re.compile(r"(?<![a-z])(?:dogumlu[a-z]*|dogdu[a-z]*|dogmus[a-z]*|d\.?lu(?![a-z]))")
_CALLED_SO = re.compile(
    r"(?:'[a-z]{1,4})?[ (]{1,2}(?:dog\.|dogum)(?:(?: tarih| gun)[a-z]*|um|u|)(?![a-z]| iz| yap)(?![^a-z0-9]{0,4}[0-9])"
)
_OTHER_DATE = re.compile(
    r"(?<![a-z])(?:teslim|fatura|siparis|vade|odeme|randevu|kayit|giris|cikis|baslang|basla|bitis|evlilik|evlen|nikah"
    r"|gecerlilik|duzenleme|police|kampanya|indirim|hediye|pasta|kutla|parti|izn|izin|yapti|yapacak|once|sonra"
    r"|son kullan|uretim|muayene|tescil|vefat|olum|islem|basvuru|bilet|ucus|tahlil|kontrol|borc)"
)
_DATE_LIKE = re.compile(r"[0-9]{1,4}[./\-][0-9]{1,2}[./\-][0-9]|[0-9]{5}")
_SENTENCE_END = re.compile(r"[a-z0-9]{3}[.!?] [a-z]|\n")
_REACH = 45
_REACH_AFTER = 32
_OLDEST = 120


def find_birth_date(text: Prepared) -> Iterator[Span]:
    """Birth dates. The keyword decides: an invoice's date has the same shape."""
    words = [word.span() for word in _BORN.finditer(text.folded)]
    if not words and not _BORN_AFTER.search(text.folded):
        return
    for shape in _SHAPES:
        for match in shape.finditer(text.folded):
            start, end = match.span()
            if _age_fits(match) and (_said_before(text, words, start) or _said_after(text, end)):
                yield Span(start, end, "BIRTH_DATE", 0.9)


def _said_before(text: Prepared, words: list[tuple[int, int]], start: int) -> bool:
    """Whether "doğum tarihi" stands before with nothing between that another date would belong to."""
    nearest = max((end for _, end in words if end <= start), default=None)
    if nearest is None or start - nearest > _REACH:
        return False
    return not any(stop.search(text.folded, nearest, start) for stop in (_OTHER_DATE, _DATE_LIKE, _SENTENCE_END))


def _said_after(text: Prepared, end: int) -> bool:
    """Whether "doğumlu" follows, or "tarihinde … doğdu"."""
    said = _BORN_AFTER.search(text.folded, end, end + _REACH_AFTER)
    if said is None:
        return _CALLED_SO.match(text.folded, end) is not None
    return not any(stop.search(text.folded, end, said.start()) for stop in (_OTHER_DATE, _DATE_LIKE, _SENTENCE_END))


def _age_fits(match: re.Match[str]) -> bool:
    first, middle, last = match.groups()
    today = datetime.now(UTC).date()
    month = int(middle) if middle.isdecimal() else _MONTHS[middle]
    day, year = (last, first) if len(first) == 4 else (first, last)
    try:
        born = date(_full_year(year, today), month, int(day))
    except ValueError:
        return False
    return 0 <= today.year - born.year <= _OLDEST and born <= today


def _full_year(written: str, today: date) -> int:
    if len(written) == 4:
        return int(written)
    year = 2000 + int(written)
    return year if year <= today.year else year - 100
