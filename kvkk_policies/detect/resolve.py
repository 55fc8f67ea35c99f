"""Overlapping finds become one: the longest wins, then the surer, then the more specific label."""

from __future__ import annotations

from itertools import pairwise

from kvkk_policies.detect.span import LABELS, Span


def resolve(spans: list[Span]) -> list[Span]:
    """Spans that do not overlap, in order of position."""
    ordered = sorted(spans)
    if all(left.end <= right.start for left, right in pairwise(ordered)):
        return ordered
    kept: list[Span] = []
    for span in sorted(set(spans), key=_precedence):
        if all(span.end <= other.start or span.start >= other.end for other in kept):
            kept.append(span)
    return sorted(kept)


def _precedence(span: Span) -> tuple[int, float, int, int]:
    return (span.start - span.end, -span.score, LABELS[span.label].rank, span.start)
