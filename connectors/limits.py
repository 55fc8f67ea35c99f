"""How often one credential may ask.

Kept by us and not by aiolimiter: that one belongs to a single event loop, while the hub opens a loop per stream, and
its leaky bucket lets nearly twice the documented number through in the first minute. A log of the last N starts is
exact.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.clock import Clock
    from connectors.contract import RateLimit

_FORGET_ABOVE = 20_000
"""Credentials remembered before those with no request in their last period are forgotten."""


class CredentialLimit:
    """At most `rate.requests` starts in any span of `rate.per`, over all sessions of a credential in this process."""

    def __init__(self, rate: RateLimit) -> None:
        self._per = rate.per.total_seconds()
        self._starts: deque[float] = deque(maxlen=rate.requests)
        self._lock = Lock()

    def reserve(self, now: float) -> float:
        """Take the next free place; seconds to wait for it."""
        with self._lock:
            full = len(self._starts) == self._starts.maxlen
            start = max(now, self._starts[0] + self._per) if full else now
            self._starts.append(start)
            return start - now

    def delay(self, now: float) -> float:
        """Seconds until the next free place, which is not taken."""
        with self._lock:
            full = len(self._starts) == self._starts.maxlen
            return max(0.0, self._starts[0] + self._per - now) if full else 0.0

    def idle(self, now: float) -> bool:
        """Whether no place is taken any more."""
        with self._lock:
            return not self._starts or self._starts[-1] + self._per < now

    async def wait(self, clock: Clock) -> None:
        """Return when the next request may start."""
        delay = self.reserve(clock.monotonic())
        if delay > 0:
            await clock.sleep(delay)


class CredentialLimits:
    """The limits of a process, by provider, credential and rate."""

    def __init__(self) -> None:
        self._limits: dict[bytes, CredentialLimit] = {}
        self._lock = Lock()
        self._key = secrets.token_bytes(16)

    def of(self, *, provider: str, credential: str, rate: RateLimit, clock: Clock) -> CredentialLimit:
        """The limit shared by everyone who uses this credential. Only a keyed digest of it is kept."""
        name = f"{provider}\0{rate.requests}\0{rate.per}\0{credential}".encode()
        digest = hashlib.blake2b(name, key=self._key, digest_size=16).digest()
        with self._lock:
            limit = self._limits.get(digest)
            if limit is None:
                if len(self._limits) >= _FORGET_ABOVE:
                    now = clock.monotonic()
                    self._limits = {key: kept for key, kept in self._limits.items() if not kept.idle(now)}
                limit = self._limits[digest] = CredentialLimit(rate)
            return limit


LIMITS = CredentialLimits()
