"""Waits for something that another process does: looks again and again, and gives up at a deadline with a reason."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.25


def until(what: str, look: Callable[[], T | None], *, seconds: float) -> T:
    """The first answer that is neither None nor False."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while time.monotonic() < deadline:
        answer = look()
        if answer is not None and answer is not False:
            return answer
        pause.wait(LOOK_SECONDS)
    raise AssertionError(f"not within {seconds} seconds: {what}")
