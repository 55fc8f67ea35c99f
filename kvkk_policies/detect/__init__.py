"""Personal data in Turkish free text: `detect` and `mask` for single texts, `ColumnScanner` for columns.

Spans count code points of the text as given. Masking puts `<LABEL:pseudonym>` (or `<LABEL>` without a key) in place of
each value and leaves Turkish suffixes readable.
"""

from __future__ import annotations

from collections.abc import Sequence

from kvkk_policies.detect.masking import mask_spans
from kvkk_policies.detect.repeat import until_nothing_is_left
from kvkk_policies.detect.resolve import resolve
from kvkk_policies.detect.scanner import ColumnScanner
from kvkk_policies.detect.span import LABELS, Span
from kvkk_policies.pseudonym import Pseudonymiser

__all__ = ["LABELS", "ColumnScanner", "Span", "detect", "detect_many", "mask", "mask_many"]


def detect(text: str) -> list[Span]:
    """Personal data in one text, through Presidio's engine: spans that do not overlap, in order."""
    from kvkk_policies.detect.recognizers import LANGUAGE, engine, spans_of

    def search(texts: Sequence[str]) -> list[list[Span]]:
        return [resolve(spans_of(engine().analyze(hidden, language=LANGUAGE))) for hidden in texts]

    return until_nothing_is_left([text], search)[0]


def detect_many(texts: Sequence[str]) -> list[list[Span]]:
    """Personal data in many texts: the same spans as `detect`, found column-wise."""
    return ColumnScanner().scan(texts)


def mask(text: str, pseudonymiser: Pseudonymiser | None = None) -> str:
    """One text with its personal data replaced."""
    return mask_many([text], pseudonymiser)[0]


def mask_many(texts: Sequence[str], pseudonymiser: Pseudonymiser | None = None) -> list[str]:
    """Many texts with their personal data replaced."""
    return [masked.text for masked in mask_spans(texts, detect_many(texts), pseudonymiser)]
