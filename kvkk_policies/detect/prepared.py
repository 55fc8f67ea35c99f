"""A text made ready for the finders: composed, with earlier masks hidden, and folded on demand.

Finders search `raw` and `folded`, which have the same length. Offsets go back to the caller's text through `back`,
which matters only for decomposed input (NFD), where one letter was two code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property, lru_cache

from kvkk_policies.detect.masking import MASK_PATTERN
from kvkk_policies.detect.span import Span
from kvkk_policies.detect.topics import Topics
from kvkk_policies.turkish import fold

_SPACE = " \u00a0\u2007\u2009\u202f"
_RUN = re.compile(rf"[0-9](?:[{_SPACE}.\-]?[0-9]){{8,18}}(?![0-9])")
_PLAIN = re.compile(r"(?<![0-9])[0-9]{10,11}(?![0-9])")
_HIDDEN = "\ue000"
"""Private use: no letter, no digit, in no pattern."""


class Prepared:
    """One text and what was computed of it so far."""

    def __init__(self, text: str) -> None:
        composed, self._starts = (text, None) if unicodedata.is_normalized("NFC", text) else _compose(text)
        self._length = len(text)
        self.raw = MASK_PATTERN.sub(lambda match: _HIDDEN * len(match[0]), composed) if "<" in composed else composed

    @cached_property
    def folded(self) -> str:
        """Lower case, no Turkish marks, same length as `raw`."""
        return fold(self.raw)

    @cached_property
    def _topics(self) -> Topics:
        return Topics(self.raw)

    @cached_property
    def runs(self) -> list[re.Match[str]]:
        """Runs of 9 to 19 digits, plain ones if there are any: the groups of two neighbouring numbers look like one
        grouped number.
        """
        plain = list(_PLAIN.finditer(self.raw))
        return plain or [run for run in _RUN.finditer(self.raw) if not self.raw[run.start() - 1 : run.start()].isdecimal()]

    def topic_before(self, at: int, reach: int = 40) -> str | None:
        """What the nearest keyword before a position speaks of, within `reach` characters."""
        return self._topics.before(at, reach)

    def topics_near(self, start: int, end: int, *, before: int = 40, after: int = 15) -> set[str]:
        """Everything that keywords within `before` and `after` characters speak of."""
        return self._topics.near(start, end, before=before, after=after)

    def back(self, spans: list[Span]) -> list[Span]:
        """Spans of `raw` as spans of the text that was given."""
        starts = self._starts
        if starts is None:
            return spans
        bounds = [*starts, self._length]
        return [Span(bounds[span.start], bounds[span.end], span.label, span.score) for span in spans]


@lru_cache(maxsize=4)
def prepare(text: str) -> Prepared:
    """The prepared text. Presidio hands the same text to each recognizer in turn, so the last few are remembered."""
    return Prepared(text)


def _compose(text: str) -> tuple[str, list[int]]:
    """NFC, with the position in `text` at which each composed code point began."""
    pieces: list[str] = []
    starts: list[int] = []
    for at, cluster in _clusters(text):
        composed = unicodedata.normalize("NFC", cluster)
        pieces.append(composed)
        starts.extend([at] * len(composed))
    return "".join(pieces), starts


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
