"""The column that detection is timed on, and that the faster way loses nothing."""

from __future__ import annotations

import pytest

from benchmarks.detection_speed import measure
from benchmarks.notes import notes
from kvkk_policies.detect import detect_many


def test_a_column_has_the_share_of_distinct_and_of_personal_texts_that_is_asked() -> None:
    column = notes(400, distinct=0.7, with_data=0.15)

    distinct = list(dict.fromkeys(column))
    personal = [spans for spans in detect_many(distinct) if spans]
    assert (len(column), len(distinct)) == (400, 280)
    assert len(personal) == pytest.approx(0.15 * 280, abs=1)
    assert 100 <= sum(map(len, column)) / len(column) <= 130


def test_the_column_scan_keeps_every_span_of_the_batch_engine() -> None:
    outcome = measure(notes(120, distinct=1.0, with_data=1.0), rounds=1)

    assert outcome.spans > 120
    assert outcome.lost == 0
