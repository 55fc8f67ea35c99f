"""The words of one text as a finder of names sees them: where they stand, what each can be, how the text is written."""

from __future__ import annotations

import re

from kvkk_policies.detect.name_words import (
    CAPITAL,
    INITIAL,
    LABEL,
    NAMED_THING,
    NEVER,
    OWNED,
    ROLE,
    SHOUTED,
    TITLE,
    words_of,
)
from kvkk_policies.detect.prepared import Prepared

_JOINED = re.compile(r"\.?[ \u00a0]{1,2}|\.|-|[ \u00a0]?[ \u00a0]")
_LABELLED = re.compile(r"['’\"”]?[ \t]*[)\].]?[ \t]*(?:[:=>|(,;]|\*{1,2}|-{1,2}|–|\r?\n)[ \t\r\n*_\"“'(:-]*")
_COLON = re.compile(r"[^:=]*[:=][^:=]*")
_OPENS = re.compile(r"[.!?\n:;•*>\"“]|^\W*$")
_SUFFIX = re.compile(r"['’`´][a-zçğıöşüA-ZÇĞİÖŞÜ]{1,7}(?![^\W\d_])")
_GENITIVE = re.compile(r"['’`´](?:n?[ıiuü]n|N?[Iİ]N|N?[UÜ]N) ")
_LOCATIVE = re.compile(r"['’`´][dDtT][aAeE](?:ki\w*)?(?!\w)")
_TIES = re.compile(r", ?|,? (?:ve|ile|VE|İLE) | ?[/&] ?")
_ASKS = (":", "=")
"""Behind a word they make the next field's label of it."""
_PLAIN_SPACES = (" ", "\u00a0")
LONGEST = 5
"""Words of the longest name."""


class Sentence:
    """A text's words. `bits` are those of `name_words`."""

    __slots__ = ("_capitals", "_letters", "bits", "ends", "enumerated", "raw", "shouting", "starts")

    def __init__(self, text: Prepared) -> None:
        starts, pieces = text.pieces
        self.raw = text.raw
        self.bits: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        capitals = shouted = letters = 0
        for at, piece in zip(starts, pieces, strict=True):
            for start, end, bits in words_of(piece):
                self.bits.append(bits)
                self.starts.append(at + start)
                self.ends.append(at + end)
                if end - start > 1:
                    letters += 1
                    capitals += bits & CAPITAL
                    shouted += bits & SHOUTED
        self.shouting = shouted > letters > 1
        """Most words are in capitals: a capital is no sign at all. SHOUTED is 2, so this asks for more than half."""
        self._letters, self._capitals = letters, capitals
        self.enumerated = -1
        """The word that a comma or "ve" ties to a name just found: it is likely one more."""

    def heading(self, count: int) -> bool:
        """Whether most words beside a run begin with a capital too, so that a capital tells little."""
        others = self._letters - count
        return self.shouting or (others > 1 and (self._capitals - count) * 2 > others)

    def joined(self, at: int) -> bool:
        """Whether only a space (or an initial's or title's dot) lies between a word and the one before."""
        if not 0 < at < len(self.bits):
            return False
        between = self.raw[self.ends[at - 1] : self.starts[at]]
        if between in _PLAIN_SPACES:
            return True
        if _JOINED.fullmatch(between) is None:
            return False
        return "." not in between or bool(self.bits[at - 1] & (TITLE | INITIAL))

    def label_before(self, at: int) -> int:
        """LABEL or ROLE if the word before is one that a colon, comma, dash or line break ties to this one."""
        if at == 0 or not self.bits[at - 1] & (LABEL | ROLE):
            return 0
        between = self.raw[self.ends[at - 1] : self.starts[at]]
        if between in _PLAIN_SPACES or _LABELLED.fullmatch(between) is None:
            return 0
        if self.bits[at - 1] & LABEL:
            return LABEL
        if "\n" in between:
            return 0
        return LABEL if _COLON.fullmatch(between) else ROLE

    def opens(self, at: int) -> bool:
        """Whether a word begins a sentence, where a capital is no sign."""
        return at == 0 or _OPENS.search(self.raw, self.ends[at - 1], self.starts[at]) is not None

    def suffixed(self, at: int) -> bool:
        """Whether an apostrophe and a case suffix follow, as only proper nouns have them."""
        end = self.ends[at]
        return self.raw[end : end + 1] in ("'", "’", "`", "´") and _SUFFIX.match(self.raw, end) is not None

    def owns(self, at: int) -> bool:
        """Whether an apostrophe, the genitive and what only persons have follow: "Defne'nin annesi"."""
        genitive = _GENITIVE.match(self.raw, self.ends[at])
        owned = at + 2
        if genitive is None or not self.at(owned) & OWNED:
            return False
        return self.starts[owned] == genitive.end()

    def names_a_thing(self, at: int) -> bool:
        """Whether the word, a label of names, is a thing's: "proje adı"."""
        return bool(self.at(at - 1) & NAMED_THING) and self.joined(at)

    def located(self, at: int) -> bool:
        """Whether an apostrophe and the locative follow ("Levent'te"), which persons hardly ever stand in."""
        return _LOCATIVE.match(self.raw, self.ends[at]) is not None

    def enumerate_behind(self, at: int) -> None:
        """Note that a name was found before the word `at`: what a comma or "ve" ties to it is likely another."""
        for place in (at, at + 1):
            if self.tied(at - 1, place):
                self.enumerated = place

    def tied(self, one: int, other: int) -> bool:
        """Whether a comma, or "ve" or "ile", ties two words into a list."""
        if not 0 <= one < other < len(self.bits):
            return False
        return _TIES.fullmatch(self.raw, self.ends[one], self.starts[other]) is not None

    def at(self, place: int) -> int:
        """The bits of a word, nothing outside the text."""
        return self.bits[place] if 0 <= place < len(self.bits) else 0

    def may_continue(self, at: int) -> bool:
        """Whether a word can be a further word of the name that the one before belongs to."""
        if at >= len(self.bits) or self.bits[at] & NEVER or not self.joined(at):
            return False
        return self.raw[self.ends[at] : self.ends[at] + 1] not in _ASKS
