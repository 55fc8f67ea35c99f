"""What a number is, by the words around it: "telefonu", "34 ABC 123 plakalı", "sipariş no".

A number belongs to the keyword that leads straight to it ("VKN'si: …"), or that it leads straight to ("… nolu
sipariş"); failing both, to the nearest keyword before. An order or invoice that is merely mentioned owns no number.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import NamedTuple

from kvkk_policies.detect.topic_words import JUDGED, topics_of

REACH = 40
"""Characters from a keyword to its number."""
REACH_AFTER = 15
_ADJACENT = 3
_PAIRS = {
    ("vkn", "tckn"): "vkn",  # "vergi kimlik no"
    ("driver", "document"): "licence",  # "sürücü belgesi"
    ("social", "record"): "social",  # "SGK sicil no"
    ("tckn", "serial"): "id_serial",  # "kimlik seri no"
    ("tckn", "card"): "id_serial",  # "kimlik kartı"
    ("licence", "document"): "licence",
    ("licence", "serial"): "licence",
    ("passport", "serial"): "passport",
}
_ALONE = {"driver": "plate", "document": "other"}
_GAP = r"[^\w\n\ue000]"
_NUMBER_WORD = r"(?:no|nr|nu|num|numara[a-z]{0,8}|kod[a-z]{0,6}|id|sayi[a-z]{0,4}|hane[a-z]{0,4}|dairesi)"
_LINK = re.compile(
    rf"(?:'[a-z]{{1,6}})?{_GAP}{{0,4}}"
    rf"(?P<number>(?:{_NUMBER_WORD}(?:'[a-z]{{1,5}}|(?:l[iu]|s[iu]|su?nu|m|muz|mu)[a-z]{{0,3}})?{_GAP}{{0,4}}){{0,2}})"
    rf"(?:(?:is[ei]|olan|olarak|ile|bu|su|var|yok)\b{_GAP}{{0,3}})?(?:tr)?[+(]?"
)
_LINK_AFTER = re.compile(
    r"(?:'?[a-z]{1,5}(?![a-z]))?[ (/\-]{0,3}(?P<number>(?:(?:no'?[a-z]{0,6}|num[a-z]{0,10}|sayili|kodlu) {1,2})?)"
)
_NUMBERED = re.compile("(?:'[a-z]{1,4})? {0,2}(?:no|num|kod|sayili)")
_TAX = re.compile("vergi(?!(?:[a-z]{1,20})? kimli)")
"""Behind a number it is its tax ("3000000000 vergisi ödendi"), unless a number word follows."""
_NEXT_NUMBER = re.compile(_LINK.pattern + r"(?:[0-9][0-9 .\-/()]{3}|\ue000)")
_OTHER_NUMBER = re.compile("[0-9]{6}|\ue000")
_WEAK = frozenset({"other", "record", "code", "shelf", "document", "version", "serial"})


class Named(NamedTuple):
    """Whose number it is."""

    topic: str | None
    linked: bool
    """A keyword leads straight to it, or it to a keyword."""
    clear: bool
    """Neither another number nor another number's word stands between."""


_UNNAMED = Named(None, False, True)


class Topics:
    """The keywords of one text, in order."""

    __slots__ = ("_ends", "_names", "_starts")

    def __init__(self, starts: list[int], pieces: list[str]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._names: list[str] = []
        previous, previous_end = "", -REACH
        get = JUDGED.get
        for at, piece in zip(starts, pieces, strict=True):
            judged = get(piece)
            if judged is None:
                judged = topics_of(piece)
            for start, end, topic in judged:
                together = _PAIRS.get((previous, topic)) if at + start - previous_end <= _ADJACENT else None
                self._names.append(together or _ALONE.get(topic, topic))
                self._starts.append(at + start)
                self._ends.append(at + end)
                previous, previous_end = topic, at + end

    def holds(self, topic: str) -> bool:
        """Whether any keyword has that topic."""
        return topic in self._names

    def labels(self, at: int) -> bool:
        """Whether a keyword ends exactly there: "TC10000000146"."""
        index = bisect_left(self._ends, at)
        return index < len(self._ends) and self._ends[index] == at

    def before(self, at: int, reach: int) -> str | None:
        """The topic of the nearest keyword that ends at most `reach` characters before a position."""
        index = bisect_right(self._ends, at) - 1
        return self._names[index] if index >= 0 and at - self._ends[index] <= reach else None

    def between(self, start: int, end: int) -> list[str]:
        """The topics of the keywords that lie there."""
        return self._names[bisect_left(self._starts, start) : bisect_right(self._ends, end)]

    def near(self, start: int, end: int, *, before: int, after: int) -> set[str]:
        """Topics of all keywords within `before` characters before `start` and `after` characters behind `end`."""
        nearest = bisect_left(self._ends, start - before)
        farthest = bisect_right(self._starts, end + after)
        return {
            self._names[index]
            for index in range(nearest, farthest)
            if self._ends[index] <= start or self._starts[index] >= end
        }

    def naming(self, folded: str, start: int, end: int) -> Named:
        """Whose number `folded[start:end]` is."""
        last = bisect_right(self._ends, start) - 1
        if last < 0 and not self._starts:
            return _UNNAMED
        linked = self._linked_before(folded, start, last)
        if linked is None or linked in _WEAK:
            linked = self._linked_after(folded, end) or linked
        if linked is not None:
            return Named(linked, True, True)
        return self._unlinked(folded, start, end, last)

    def _unlinked(self, folded: str, start: int, end: int, last: int) -> Named:
        clear = True
        for index in range(last, -1, -1):
            if start - self._ends[index] > REACH:
                break
            if self._names[index] not in _WEAK:
                clear = clear and _OTHER_NUMBER.search(folded, self._ends[index], start) is None
                found = Named(self._names[index], False, clear)
                return found if clear else self._behind(folded, end) or found
            clear = False
        return self._behind(folded, end) or Named(None, False, clear)

    def _behind(self, folded: str, end: int) -> Named | None:
        """A keyword shortly behind that belongs to no number behind it: "… dedi, TC yanlış"."""
        index = bisect_left(self._starts, end)
        if index == len(self._starts) or self._starts[index] - end > REACH_AFTER or self._names[index] in _WEAK:
            return None
        if _OTHER_NUMBER.search(folded, end, self._starts[index]) or _NEXT_NUMBER.match(folded, self._ends[index]):
            return None
        return Named(self._names[index], False, True)

    def _linked_before(self, folded: str, start: int, last: int) -> str | None:
        """The farthest keyword that leads straight there: "adres kodu" is one, although "kod" is nearer."""
        found = None
        for index in range(last, -1, -1):
            link = _LINK.fullmatch(folded, self._ends[index], start) if start - self._ends[index] <= REACH else None
            if link is None:
                break
            if self._names[index] != "record" or link["number"]:
                found = self._names[index]
        return found

    def _linked_after(self, folded: str, end: int) -> str | None:
        link = _LINK_AFTER.match(folded, end)
        index = bisect_left(self._starts, end)
        if link is None or index == len(self._starts) or self._starts[index] != link.end():
            return None
        name, after = self._names[index], self._ends[index]
        if (name in _WEAK or _TAX.match(folded, self._starts[index])) and not (
            link["number"] or _NUMBERED.match(folded, after)
        ):
            return None
        if _NEXT_NUMBER.match(folded, after):
            # "5321234567 vergi no 4540536920": that keyword belongs to the next number.
            return None
        return name
