"""Finder for person names without a model: lists of names, and the words around them.

A title, a role, an honorific or a surname makes a name of a capitalised word; a given name that is also an everyday
word needs two such signals; the tail of a firm or a street takes the name away again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kvkk_policies.detect.name_words import (
    AFTER_ROLE,
    AMBIGUOUS,
    CAPITAL,
    FAMILY,
    GIVEN,
    HONORIFIC,
    INITIAL,
    NEVER,
    NEVER_FIRST,
    PLACE,
    ROLE,
    SHOUTED,
    SURE,
    TAIL,
    TITLE,
    words_of,
)
from kvkk_policies.detect.prepared import Prepared
from kvkk_policies.detect.span import Span

_JOINED = re.compile(r"\.?[ \u00a0]{1,2}|\.|-")
_LABELLED = re.compile(r" ?[:(,=] ?")
_OPENS = re.compile(r"[.!?\n:;]")
_CASE_SUFFIX = re.compile(r"['’][a-zçğıöşü]{1,7}(?![^\W\d_])")
_LONGEST = 4


def find_person(text: Prepared) -> Iterator[Span]:
    """Names of persons; the title before and the honorific or suffix after stay outside the span."""
    sentence = _Sentence(text)
    free = 0
    for at, bits in enumerate(sentence.bits):
        if at < free or not bits & (CAPITAL | SURE) or (bits & CAPITAL and bits & (NEVER | NEVER_FIRST)):
            continue
        count = sentence.name_at(at)
        if count:
            free = at + count
            yield Span(sentence.starts[at], sentence.ends[free - 1], "PERSON", 0.7)


class _Sentence:
    """A text's words: where they stand and what each can be."""

    __slots__ = ("bits", "ends", "raw", "starts")

    def __init__(self, text: Prepared) -> None:
        starts, pieces = text.pieces
        words = [words_of(piece) for piece in pieces]
        self.raw = text.raw
        self.bits = [bits for found in words for _, _, bits in found]
        self.starts = [at + start for at, found in zip(starts, words, strict=True) for start, _, _ in found]
        self.ends = [at + end for at, found in zip(starts, words, strict=True) for _, end, _ in found]

    def heading(self, at: int, run: int) -> bool:
        """Whether most words beside a run are capitalised too: then a capital is a weak signal."""
        others = len(self.bits) - run
        capitals = sum(bits & CAPITAL for bits in self.bits) - run
        return others > 0 and capitals * 2 > others

    @property
    def shouting(self) -> bool:
        """Most words are in capitals: a capital is no signal at all."""
        return sum(bits & SHOUTED for bits in self.bits) > len(self.bits)  # SHOUTED is 2: more than half of them

    def name_at(self, at: int) -> int:
        """How many words from `at` on are one person's name."""
        first = self.bits[at]
        if not first & CAPITAL:
            return self._small_name(at)
        run, before = self._run(at), self._before(at)
        after = self._after(at + run)
        count = 0
        if before & TITLE:
            count = self._by_title(at, run)
        if not count and after & HONORIFIC:
            count = self._by_honorific(at, run)
        if not count and (before & ROLE or after & AFTER_ROLE):
            count = self._by_role(at, run)
        count = count or self._by_itself(at, run)
        return 0 if count and self._belongs_elsewhere(at + count) else count

    def _run(self, at: int) -> int:
        """Capitalised words from `at` on that may be parts of one name."""
        count = 1
        while count < _LONGEST and self._joined(at + count):
            bits = self.bits[at + count]
            if not bits & CAPITAL or bits & NEVER:
                break
            count += 1
        return count

    def _joined(self, at: int) -> bool:
        """Whether only a space (or an initial's or title's dot) lies between a word and the one before."""
        if not 0 < at < len(self.bits):
            return False
        between = self.raw[self.ends[at - 1] : self.starts[at]]
        if between == " ":
            return True
        if _JOINED.fullmatch(between) is None:
            return False
        return "." not in between or bool(self.bits[at - 1] & (TITLE | INITIAL))

    def _before(self, at: int) -> int:
        """The bits of the word before; across a colon or comma only a role counts ("Müşteri: Ali Kaya")."""
        if at == 0:
            return 0
        if self._joined(at):
            return self.bits[at - 1]
        between = self.raw[self.ends[at - 1] : self.starts[at]]
        return self.bits[at - 1] & ROLE if _LABELLED.fullmatch(between) else 0

    def _after(self, at: int) -> int:
        return self.bits[at] if self._joined(at) else 0

    def _opens(self, at: int) -> bool:
        """Whether a word begins a sentence, where a capital is no signal."""
        return at == 0 or (
            not self._joined(at) and _OPENS.search(self.raw, self.ends[at - 1], self.starts[at]) is not None
        )

    def _by_title(self, at: int, run: int) -> int:
        if self.bits[at] & INITIAL:
            return 0
        return min(run, 2) if run > 2 and not self.bits[at + run - 1] & FAMILY and self.shouting else run

    def _by_honorific(self, at: int, run: int) -> int:
        named = bool(self.bits[at] & GIVEN or self.bits[at + run - 1] & FAMILY)
        return run if named or (not self.shouting and (run > 1 or not self._opens(at))) else 0

    def _by_role(self, at: int, run: int) -> int:
        if self.shouting:
            return self._listed(at, run)
        return run if run > 1 or self.bits[at] & GIVEN or self.bits[at] & FAMILY else 0

    def _by_itself(self, at: int, run: int) -> int:
        first, last = self.bits[at], self.bits[at + run - 1]
        if run == 1:
            return int(self._alone(at))
        if first & INITIAL:
            return run if last & FAMILY and not last & INITIAL else 0
        if not first & (GIVEN | FAMILY):
            return 0
        if self.shouting:
            return self._listed(at, run)
        return self._given_first(at, run) if first & GIVEN else self._family_first(at)

    def _given_first(self, at: int, run: int) -> int:
        first, second, last = self.bits[at], self.bits[at + 1], self.bits[at + run - 1]
        if second & (GIVEN | FAMILY) or last & FAMILY:
            doubtful = first & AMBIGUOUS and last & AMBIGUOUS and self.heading(at, run)
            return 0 if doubtful else run
        return 2 if first & SURE and not second & (PLACE | INITIAL) and not self.heading(at, 2) else 0

    def _family_first(self, at: int) -> int:
        """As official papers write it: "YILMAZ Ahmet"."""
        return 2 if self.bits[at] & SHOUTED and self.bits[at + 1] & GIVEN else 0

    def _alone(self, at: int) -> bool:
        """A single given name: inside a sentence, or with a case suffix after its apostrophe."""
        bits = self.bits[at]
        if not bits & GIVEN or bits & (AMBIGUOUS | PLACE) or (bits & SHOUTED and self.shouting):
            return False
        if _CASE_SUFFIX.match(self.raw, self.ends[at]):
            return True
        return bool(bits & SURE) and not self._opens(at) and not self.heading(at, 1)

    def _listed(self, at: int, run: int) -> int:
        """In a text of capitals only listed names count: given names, then a surname."""
        count = 0
        while count < run and self.bits[at + count] & GIVEN:
            count += 1
        if count and count < run and self.bits[at + count] & FAMILY:
            return count + 1
        return count if count > 1 else 0

    def _belongs_elsewhere(self, at: int) -> bool:
        """Whether the words that follow make it a firm or a street: "Ali Demir Nakliyat Ltd. Şti."."""
        for place in range(at, min(at + 3, len(self.bits))):
            if self.bits[place] & TAIL:
                return True
            if not self._joined(place) or not self.bits[place] & CAPITAL:
                return False
        return False

    def _small_name(self, at: int) -> int:
        """Names in small letters: before an honorific, or a given name and surname beside a title or role."""
        after = self._after(at + 1)
        if not after or after & CAPITAL:
            return 0
        if after & HONORIFIC:
            return 1
        if not after & FAMILY or after & NEVER:
            return 0
        return 2 if any(bits & (TITLE | ROLE) for bits in self.bits[max(0, at - 3) : at]) else 0
