"""Spans to masked text. Only the value is replaced, so Turkish suffixes stay: `<TR_PHONE:phone_…>'dan aradı`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kvkk_policies.canonical import canonical_or_raw
from kvkk_policies.detect.invisible import plain
from kvkk_policies.detect.span import LABELS, Span
from kvkk_policies.pseudonym import Pseudonymiser

_LABEL_WORDS = "|".join(sorted(LABELS, key=len, reverse=True))
MASK_PATTERN = re.compile(rf"<(?:{_LABEL_WORDS})(?::[a-z]{{2,10}}(?:_[a-z]{{2,10}})?_[a-z2-7]{{26}})?>")
"""What masking leaves behind: detection looks through it, so that masking twice changes nothing."""


@dataclass(frozen=True)
class Masked:
    """A masked text and the (kind, pseudonym) of each span in order."""

    text: str
    mentions: list[tuple[str, str]]


def mask_spans(
    texts: Sequence[str], spans: Sequence[Iterable[Span]], pseudonymiser: Pseudonymiser | None
) -> list[Masked]:
    """Replace the spans of each text. Without a pseudonymiser the label alone is left: `<TR_PHONE>`."""
    pseudonyms = _pseudonyms(texts, spans, pseudonymiser) if pseudonymiser is not None else {}
    return [_mask(text, its, pseudonyms) for text, its in zip(texts, spans, strict=True)]


def _pseudonyms(
    texts: Sequence[str], spans: Sequence[Iterable[Span]], pseudonymiser: Pseudonymiser
) -> dict[tuple[str, str], str]:
    """(kind, value) to pseudonym, one batch a kind."""
    values: dict[str, dict[str, None]] = {}
    for text, its in zip(texts, spans, strict=True):
        for span in its:
            values.setdefault(LABELS[span.label].kind, {})[text[span.start : span.end]] = None
    found: dict[tuple[str, str], str] = {}
    for kind, of_kind in values.items():
        made = pseudonymiser.many(kind, canonical_or_raw(kind, list(map(plain, of_kind))))
        found.update(((kind, value), pseudonym) for value, pseudonym in zip(of_kind, made, strict=True))
    return found


def _mask(text: str, spans: Iterable[Span], pseudonyms: dict[tuple[str, str], str]) -> Masked:
    pieces: list[str] = []
    mentions: list[tuple[str, str]] = []
    at = 0
    for span in spans:
        kind = LABELS[span.label].kind
        pseudonym = pseudonyms.get((kind, text[span.start : span.end]))
        pieces.append(text[at : span.start])
        pieces.append(f"<{span.label}>" if pseudonym is None else f"<{span.label}:{pseudonym}>")
        if pseudonym is not None:
            mentions.append((kind, pseudonym))
        at = span.end
    pieces.append(text[at:])
    return Masked("".join(pieces), mentions)
