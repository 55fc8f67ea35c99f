"""No change may find less, invent more or leak more than the floors allow, on either set of labelled texts."""

from __future__ import annotations

import pytest

from benchmarks.detection.__main__ import measure
from benchmarks.detection.floors import WHOLE, below, read_floors
from benchmarks.detection.texts import SETS


@pytest.mark.parametrize("name", SETS)
def test_detection_is_no_worse_than_its_floors(name: str) -> None:
    floors = read_floors()[name]
    assert {WHOLE, "PERSON", "TR_ADDRESS", "TR_PHONE", "TR_TCKN"} <= set(floors)
    assert below(measure(name), floors) == []
