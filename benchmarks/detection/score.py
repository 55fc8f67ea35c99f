"""Compares the spans a person marked with the spans that were found: what was found, what leaked, what was touched.

A found span answers a marked one when their overlap is at least half of both. Spaces and punctuation inside a span are
nobody's data: only letters and digits count as characters here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from benchmarks.detection.texts import LabelledText
from kvkk_policies.detect.span import Span

ANSWERS = 0.5
"""Least share of both spans that lies in the overlap."""
HIDDEN = 0.8
"""Least share of a marked span's characters under found spans of whatever label for it to count as masked."""


@dataclass
class LabelScore:
    """Counts of spans for one label; the shares are 0 to 1, and None where there is nothing to divide by."""

    marked: int = 0
    found_right: int = 0
    masked: int = 0
    found: int = 0
    answering: int = 0

    @property
    def recall(self) -> float | None:
        """Of the marked spans, those found under their own label."""
        return _share(self.found_right, self.marked)

    @property
    def masked_share(self) -> float | None:
        """Of the marked spans, those hidden by found spans of any label."""
        return _share(self.masked, self.marked)

    @property
    def precision(self) -> float | None:
        """Of the found spans, those that answer a marked span of the same label."""
        return _share(self.answering, self.found)


@dataclass
class Score:
    """The figures of a whole set."""

    labels: dict[str, LabelScore] = field(default_factory=dict[str, LabelScore])
    texts: int = 0
    clean: int = 0
    untouched: int = 0
    personal_characters: int = 0
    leaked_characters: int = 0

    @property
    def leaked_share(self) -> float | None:
        """Of the letters and digits in marked spans, those under no found span."""
        return _share(self.leaked_characters, self.personal_characters)

    @property
    def untouched_share(self) -> float | None:
        """Of the texts without a marked span, those in which nothing was found."""
        return _share(self.untouched, self.clean)


@dataclass(frozen=True)
class Misses:
    """What is wrong in one text: `lost` are marked spans without an answer, `invented` are found ones without."""

    lost: tuple[Span, ...]
    invented: tuple[Span, ...]


def score(texts: Sequence[LabelledText], found_by_text: Sequence[Sequence[Span]]) -> Score:
    """The figures for texts and, in the same order, the spans found in each."""
    total = Score(texts=len(texts))
    for each, found in zip(texts, found_by_text, strict=True):
        _count_text(total, each, found)
    return total


def misses(truth: Sequence[Span], found: Sequence[Span]) -> Misses:
    """The spans of one text that have no answer on the other side."""
    return Misses(
        tuple(span for span in truth if not _answered(span, found)),
        tuple(span for span in found if not _answered(span, truth)),
    )


def _count_text(total: Score, each: LabelledText, found: Sequence[Span]) -> None:
    if not each.spans:
        total.clean += 1
        total.untouched += not found
    covered = {position for span in found for position in range(span.start, span.end)}
    wrong = misses(each.spans, found)
    for label, count in _by_label(each.spans).items():
        _of(total, label).marked += count
        _of(total, label).found_right += count - _by_label(wrong.lost)[label]
    for label, count in _by_label(found).items():
        _of(total, label).found += count
        _of(total, label).answering += count - _by_label(wrong.invented)[label]
    for span in each.spans:
        personal = {i for i in range(span.start, span.end) if each.text[i].isalnum()}
        leaked = len(personal - covered)
        total.personal_characters += len(personal)
        total.leaked_characters += leaked
        _of(total, span.label).masked += len(personal) - leaked >= HIDDEN * len(personal)


def _answered(span: Span, others: Iterable[Span]) -> bool:
    return any(span.label == other.label and _overlap_is_enough(span, other) for other in others)


def _overlap_is_enough(one: Span, other: Span) -> bool:
    overlap = min(one.end, other.end) - max(one.start, other.start)
    return overlap >= ANSWERS * max(one.end - one.start, other.end - other.start)


def _by_label(spans: Iterable[Span]) -> Counter[str]:
    return Counter(span.label for span in spans)


def _of(total: Score, label: str) -> LabelScore:
    return total.labels.setdefault(label, LabelScore())


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
