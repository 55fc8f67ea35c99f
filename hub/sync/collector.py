"""The interpreter's settings while a batch loads: its cyclic garbage collector, and how long a thread keeps it busy.

Masking a page makes tens of thousands of small objects, and after every few thousand of them the collector would look
at all that lives in the process: with Dagster imported that was a third of the gate's time. What lived before the batch
is set aside, and the batch's own garbage is collected once a page or so, so memory stays flat.

The vault's thread asks Postgres some dozens of times a page. After each answer it waits until the thread that masks
gives way, which Python makes it do every 5 ms only: a third of the time to store a page went into that.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock

_THRESHOLDS = (100_000, 50, 100)
_SWITCH_SECONDS = 0.001

_lock = Lock()
_before: list[tuple[tuple[int, int, int], float]] = []
_open: list[None] = []
"""One entry for each block under way: batches may run in several threads, and the last one ends it for all."""


@contextmanager
def set_aside() -> Generator[None]:
    """The collector overlooks in the block what lived before it, and threads give way to each other sooner."""
    with _lock:
        if not _open:
            _before.append((gc.get_threshold(), sys.getswitchinterval()))
            gc.set_threshold(*_THRESHOLDS)
            sys.setswitchinterval(_SWITCH_SECONDS)
        _open.append(None)
        gc.freeze()
    try:
        yield
    finally:
        with _lock:
            _open.pop()
            if not _open:
                gc.unfreeze()
                thresholds, seconds = _before.pop()
                gc.set_threshold(*thresholds)
                sys.setswitchinterval(seconds)
