"""The action `scan`: personal data inside free text becomes `<LABEL:pseudonym>`, the rest stays readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kvkk_policies.arrow import Array
from kvkk_policies.detect.masking import Masked, mask_spans
from kvkk_policies.detect.span import CATEGORY_OF_LABEL, Span
from kvkk_policies.distinct import Distinct
from kvkk_policies.pseudonym import Pseudonymiser


class Detector(Protocol):
    """What the gate asks of detection. An exception of it stops the gate: nothing loads unmasked."""

    def scan(self, texts: Sequence[str]) -> list[list[Span]]:
        """Personal data in each text: spans that do not overlap, in order."""
        ...

    def special(self, texts: Sequence[str]) -> list[bool]:
        """Whether each text speaks of a special category (health, religion, conviction)."""
        ...


@dataclass(frozen=True)
class ScannedColumn:
    """A free-text column after the scan. `masked` runs parallel to the column's distinct values."""

    landed: Array
    masked: list[Masked | None]
    rows_with_data: list[int]
    dropped: int
    counts: Counter[str]
    """Masked spans over all rows, by category code."""


def scan_column(values: Distinct, detector: Detector, pseudonymiser: Pseudonymiser) -> ScannedColumn:
    """Mask a column's distinct texts. `masked[i]` is None where nothing was found, or where the text was dropped."""
    special = detector.special(values.values)
    spans = detector.scan(values.values)
    if len(special) != len(values.values) or len(spans) != len(values.values):
        raise RuntimeError("a detector answers for every text it is given")
    found = [index for index, its in enumerate(spans) if its and not special[index]]
    done = mask_spans([values.values[index] for index in found], [spans[index] for index in found], pseudonymiser)

    masked: list[Masked | None] = [None] * len(values.values)
    landed: list[str | None] = list(values.values)
    for index, result in zip(found, done, strict=True):
        masked[index] = result
        landed[index] = result.text
    dropped = [index for index, drop in enumerate(special) if drop]
    for index in dropped:
        landed[index] = None
    rows_of_value = np.bincount(values.codes[values.codes >= 0], minlength=len(values.values))
    counts: Counter[str] = Counter()
    for index in found:
        for span in spans[index]:
            counts[CATEGORY_OF_LABEL[span.label]] += int(rows_of_value[index])
    has_data = np.zeros(len(values.values) + 1, dtype=np.bool_)
    has_data[found] = True
    return ScannedColumn(
        landed=values.column(landed),
        masked=masked,
        rows_with_data=np.flatnonzero(has_data[values.codes]).tolist(),
        dropped=int(sum(rows_of_value[index] for index in dropped)),
        counts=counts,
    )
