"""Time as an argument, so that tests of waiting do not wait."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """What a connector needs of time and chance. All durations are seconds."""

    now: Callable[[], datetime]
    """Aware UTC wall time."""
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]
    """A number in [0, 1), for jitter."""


SYSTEM_CLOCK = Clock(
    now=lambda: datetime.now(UTC),
    monotonic=time.monotonic,
    sleep=asyncio.sleep,
    chance=random.random,
)
