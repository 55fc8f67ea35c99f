"""Python's cyclic garbage collector, held back while a batch loads.

Masking a page makes tens of thousands of small objects, and each few hundred of them would let the collector look at
everything that lives in the process: with Dagster imported that was a third of the gate's time. Almost nothing of a
batch is in cycles, so it is freed without the collector all the same.
"""

from __future__ import annotations

import gc
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_THRESHOLDS = (50_000, 20, 20)
_lock = Lock()
_standing: list[tuple[int, int, int]] = []
"""Thresholds to go back to, one for each block that is open: batches may run in several threads."""


@contextmanager
def collected_seldom() -> Generator[None]:
    """Collect rarely in the block, and never what lived before it."""
    with _lock:
        _standing.append(gc.get_threshold())
        gc.freeze()
        gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        with _lock:
            before = _standing.pop()
            if not _standing:
                gc.set_threshold(*before)
                gc.unfreeze()
