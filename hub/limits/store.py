"""A token bucket is one number, and every store of buckets does the same whole-number arithmetic with it.

The number is `full_at`: the moment at which the bucket will be full again. A token costs `interval` microseconds, so a
bucket of `burst` tokens can be `burst * interval` behind. Postgres, Redis and this file count in whole microseconds,
and so agree to the last call (tests/hub/limits/test_stores.py). It is the algorithm known as GCRA, one row wide: no
counter to roll over, nothing to refill, and a bucket that nobody asks for is full, which is the same as none.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

MICROSECONDS = 1_000_000
FORGET_FULL_BUCKETS_EVERY = 10_000


class StoreDownError(Exception):
    """The store did not answer. Says nothing more: what a database or server said may quote what it was asked."""


@dataclass(frozen=True)
class Quota:
    """`burst` tokens at most, and a new one every `interval` microseconds."""

    interval: int
    burst: int

    @classmethod
    def per_minute(cls, rate_per_minute: int, burst: int) -> Quota:
        """Rounded so that never more comes through than asked for. ValueError for less than one."""
        if rate_per_minute < 1 or burst < 1:
            raise ValueError("a bucket has a rate and a burst of one at least")
        return cls(-(-60 * MICROSECONDS // rate_per_minute), burst)

    @property
    def size(self) -> int:
        """How far behind an empty bucket is, in microseconds."""
        return self.interval * self.burst

    def free(self, behind: int) -> int:
        """Whole tokens in a bucket that is `behind` microseconds from full."""
        return (self.size - behind) // self.interval


@dataclass(frozen=True)
class Taken:
    """`granted` tokens, none where fewer than the least were left; and how far from full the bucket is now."""

    granted: int
    behind: int


class Store(Protocol):
    """Buckets by tenant and name."""

    def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
        """Take `most` tokens, or as many as there are if that is `least` or more, or none. Raises StoreDownError.

        `least` is the burst at most.
        """
        ...


def taken(full_at: int, now: int, quota: Quota, *, least: int, most: int) -> tuple[int, Taken]:
    """The arithmetic: the new `full_at`, and what was taken.

    A bucket is never further behind than empty. So neither a clock that was set back nor a slower rate that held before
    holds anybody up for longer than that, and what is kept from then on must say so too, though nothing was taken:
    otherwise the bucket would be found empty for as long as the old number lasts.
    """
    behind = min(max(full_at - now, 0), quota.size)
    free = quota.free(behind)
    granted = min(free, most) if free >= least else 0
    behind += granted * quota.interval
    return now + behind, Taken(granted, behind)


class MemoryStore:
    """Buckets of this process alone."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._full_at: dict[tuple[str, str], int] = {}
        self._lock = threading.Lock()
        self._since_forgetting = 0

    def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
        """See `Store`."""
        now, key = self._clock(), (tenant_id, name)
        with self._lock:
            self._forget_full_ones(now)
            full_at, found = taken(self._full_at.get(key, now), now, quota, least=least, most=most)
            self._full_at[key] = full_at
        return found

    def _forget_full_ones(self, now: int) -> None:
        self._since_forgetting += 1
        if self._since_forgetting >= FORGET_FULL_BUCKETS_EVERY:
            self._since_forgetting = 0
            self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
