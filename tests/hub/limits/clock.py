"""A clock that stands still until a test moves it."""

from __future__ import annotations


class Clock:
    """Microseconds, beginning on a day of this century."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now
