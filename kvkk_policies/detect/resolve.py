"""Overlapping finds become one: the longest wins, then the surer, then the more specific label.

An address or a name that swallows a sure number has grown too far: the number wins, and the next search finds the rest.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

from kvkk_policies.detect.span import LABELS, Span


def resolve(spans: list[Span]) -> list[Span]:
    """Spans that do not overlap, in order of position."""
    ordered = sorted(spans)
    if all(left.end <= right.start for left, right in pairwise(ordered)):
        return ordered
    kept: list[Span] = []
    for span in sorted(set(spans), key=_precedence):
        # Those kept lie apart, so that only the last one that begins before this one's end can overlap it.
        place = bisect_left(kept, (span.end,))
        if place == 0 or kept[place - 1].end <= span.start:
            kept.insert(place, span)
    return kept


def _precedence(span: Span) -> tuple[bool, int, float, int, int]:
    swallowed = span.label not in _GROWN and span.score >= _SURE
    return (not swallowed, span.start - span.end, -span.score, LABELS[span.label].rank, span.start)


_GROWN = frozenset({"TR_ADDRESS", "PERSON"})
_SURE = 0.85
