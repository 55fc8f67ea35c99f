"""A text made ready for the finders: composed, with earlier masks hidden, and folded on demand.

Finders search `raw` and `folded`, which have the same length. Offsets go back to the caller's text through `back`:
a mask was many code points, in decomposed input (NFD) one letter was two, and what nobody sees (the direction marks
that telephones copy along with a number, zero-width spaces, soft hyphens) is left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate

from kvkk_policies.detect.hiding import HIDDEN, hide
from kvkk_policies.detect.invisible import is_odd, trimmed, visible
from kvkk_policies.detect.masking import MASK_PATTERN
from kvkk_policies.detect.separators import JOINTS
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.topics import Named, Topics
from kvkk_policies.turkish import fold

_CLUSTER = re.compile(f"[0-9](?:[{JOINTS}*()/\\-]{{0,8}}[0-9]){{8,}}")
_GROUP = re.compile("[0-9]+")
_JOINT = re.compile(f"[{JOINTS}/\\-]{{1,3}}")


Group = tuple[int, int]
Pieces = tuple[list[int], list[str]]


class Prepared:
    """One text and what was computed of it so far.

    What is computed on demand is kept in plain slots: `functools.cached_property` takes a lock at every first reading,
    which costs more than most of what is computed here.
    """

    __slots__ = ("_clusters", "_folded", "_given", "_groups", "_named", "_positions", "_split", "_topics", "raw")

    def __init__(self, text: str) -> None:
        self.raw, self._positions = text, None
        if "<" in text:
            self.raw, self._positions = hide(text, (mask.span() for mask in MASK_PATTERN.finditer(text)))
        if not unicodedata.is_normalized("NFC", self.raw):
            self.raw, starts = _compose(self.raw)
            known = self._positions
            self._positions = starts if known is None else [known[start] for start in starts]
        self._given = None
        if is_odd(self.raw):
            self._given = text
            self.raw, starts = visible(self.raw)
            known = self._positions
            self._positions = starts if known is None else [known[start] for start in starts]
        self._clusters: list[tuple[int, int]] | None = None
        self._folded: str | None = None
        self._groups: list[list[Group]] | None = None
        self._named: dict[tuple[int, int], Named] = {}
        self._split: Pieces | None = None
        self._topics: Topics | None = None

    @property
    def folded(self) -> str:
        """Lower case, no Turkish marks, same length as `raw`."""
        if self._folded is None:
            self._folded = fold(self.raw)
        return self._folded

    @property
    def pieces(self) -> Pieces:
        """What lies between spaces: positions and texts."""
        if self._split is None:
            self._split = _pieces(self.raw)
        return self._split

    @property
    def clusters(self) -> list[tuple[int, int]]:
        """Where nine digits or more stand with nothing but separators between: numbers are sought only there."""
        if self._clusters is None:
            self._clusters = [cluster.span() for cluster in _CLUSTER.finditer(self.raw)]
        return self._clusters

    @property
    def groups(self) -> list[list[Group]]:
        """Runs of digits within the clusters, those together between which a number's own separators may stand."""
        if self._groups is None:
            self._groups = [block for start, end in self.clusters for block in self._blocks(start, end)]
        return self._groups

    def _blocks(self, start: int, end: int) -> Iterator[list[Group]]:
        block: list[Group] = []
        for group in _GROUP.finditer(self.raw, start, end):
            if block and not _JOINT.fullmatch(self.raw, block[-1][1], group.start()):
                yield block
                block = []
            block.append(group.span())
        yield block

    def numbers(self, *lengths: int) -> Iterator[tuple[int, int, str]]:
        """Every number with one of these counts of digits, however it is split: start, end and its digits.

        The groups of neighbouring numbers may look like one number too; its check digits or keyword must tell.
        """
        shortest, longest = min(lengths), max(lengths)
        for block in self.groups:
            if block[-1][1] - block[0][0] < shortest:
                continue
            for first, (start, _) in enumerate(block):
                digits = ""
                for left, right in block[first : first + longest]:
                    digits += self.raw[left:right]
                    if len(digits) in lengths:
                        yield start, right, digits
                    if len(digits) >= longest:
                        break

    @property
    def topics(self) -> Topics:
        """The keywords of the text."""
        if self._topics is None:
            self._topics = Topics(*self.pieces)
        return self._topics

    def within_clusters(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Matches of a number's pattern that do not begin in the middle of a longer number."""
        raw = self.raw
        for start, end in self.clusters:
            for match in pattern.finditer(raw, start, end):
                at = match.start()
                if at == start or not raw[at - 1].isdecimal():
                    yield match

    def topic_before(self, at: int, reach: int = 40) -> str | None:
        """What the nearest keyword before a position speaks of, within `reach` characters."""
        return self.topics.before(at, reach)

    def topics_near(self, start: int, end: int, *, before: int = 40, after: int = 15) -> set[str]:
        """Everything that keywords within `before` and `after` characters speak of."""
        return self.topics.near(start, end, before=before, after=after)

    def naming(self, start: int, end: int) -> Named:
        """Whose number stands there, by the keywords around it. Several finders ask about one number."""
        known = self._named.get((start, end))
        if known is None:
            known = self._named[start, end] = self.topics.naming(self.folded, start, end)
        return known

    def labels(self, start: int) -> bool:
        """Whether a keyword ends exactly there: "TC10000000146"."""
        return self.topics.labels(start)

    def speaks_of(self, topic: str) -> bool:
        """Whether any keyword of the text has that topic."""
        return self.topics.holds(topic)

    def back(self, spans: list[Span]) -> list[Span]:
        """Spans of `raw` as spans of the text that was given, without those that swallow a mask."""
        positions = self._positions
        if HIDDEN in self.raw:
            spans = [span for span in spans if HIDDEN not in self.raw[span.start : span.end]]
        if positions is None:
            return spans
        back = [Span(positions[span.start], positions[span.end], span.label, span.score) for span in spans]
        given = self._given
        return back if given is None else [span._replace(end=trimmed(given, span.start, span.end)) for span in back]


def _pieces(raw: str) -> Pieces:
    pieces = raw.split(" ")
    sizes = list(map(len, pieces))
    starts = [end - size + place for place, (end, size) in enumerate(zip(accumulate(sizes), sizes, strict=True))]
    return starts, pieces


@lru_cache(maxsize=4)
def prepare(text: str) -> Prepared:
    """The prepared text. Presidio hands the same text to each recognizer in turn, so the last few are remembered."""
    return Prepared(text)


def _compose(text: str) -> tuple[str, list[int]]:
    """NFC, with the position in `text` at which each composed code point began, and the length of `text`."""
    pieces: list[str] = []
    starts: list[int] = []
    for at, cluster in _clusters(text):
        composed = unicodedata.normalize("NFC", cluster)
        pieces.append(composed)
        starts.extend([at] * len(composed))
    return "".join(pieces), [*starts, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or not (unicodedata.combining(text[at]) or _joins(text[at - 1], text[at])):
            yield start, text[start:at]
            start = at


def _joins(left: str, right: str) -> bool:
    """Letters that compose without being combining marks (Hangul)."""
    return len(unicodedata.normalize("NFC", left + right)) < len(unicodedata.normalize("NFC", left)) + len(
        unicodedata.normalize("NFC", right)
    )
