"""The interpreter's settings while a batch loads, and as they were afterwards."""

from __future__ import annotations

import gc
import sys

from hub.sync.collector import set_aside


def test_the_interpreter_is_left_as_it_was_found() -> None:
    before = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()

    with set_aside():
        with set_aside():
            inside = gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()
        still = gc.get_threshold(), sys.getswitchinterval()

    assert (gc.get_threshold(), sys.getswitchinterval(), gc.get_freeze_count()) == before
    assert inside[:2] == still
    assert all(within > outside for within, outside in zip(inside[0], before[0], strict=True))
    assert inside[1] < before[1]
    assert inside[2] > before[2]
