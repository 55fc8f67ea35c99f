"""Says whether one more call may come in, right across processes, at a fraction of a round trip a call.

A process takes tokens in chunks and spends them by itself. That never lets more through than the bucket: what a process
holds is out of the bucket already, and while the bucket fills up, what is held goes stale at the same pace. A chunk
taken when the bucket was `behind` microseconds from full is worth no more tokens than are missing from it still, so
what all processes hold and what is in the bucket never come to more than `burst`. (Induction over takers: each adds to
`behind` what it takes, so the last one's `behind` covers all chunks.) A refusal is remembered until the bucket can hold
enough again, so a flood of refused calls costs nothing.

When the store does not answer, each process goes on with buckets of its own and asks again after a few seconds: an API
that stops because it cannot count would be the worse failure. What must not be exceeded is counted elsewhere, in the
transaction that does it (hub/control/usage.py).
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.limits.store import MICROSECONDS, MemoryStore, Quota, StoreDownError

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.limits.store import Store, Taken

LARGEST_SPARE = 64
"""Tokens a process takes beyond what it was asked for, at most; never more than an eighth of the burst."""
ASK_AGAIN_AFTER = 5 * MICROSECONDS
MOST_REMEMBERED = 20_000
"""Buckets of which a process remembers what it holds. Forgetting one loses a chunk, and lets nobody through."""


@dataclass(frozen=True)
class Verdict:
    """Whether a call may come in. `limit` is the burst, `remaining` what is left of it now."""

    allowed: bool
    limit: int
    remaining: int
    reset_seconds: int
    """Until the bucket is full again."""
    retry_after_seconds: int
    """Until a call of this cost can come in; 0 when it has."""
    window_seconds: int
    """In how many seconds an empty bucket fills up."""


@dataclass
class _Bucket:
    """What this process knows of one bucket: the store's last answer, and since when."""

    quota: Quota
    lock: threading.Lock = field(default_factory=threading.Lock)
    tokens: int = 0
    behind: int = 0
    at: int = 0
    refused_cost: int = 0
    """A call of this cost or a higher one was refused; 0 when none was."""
    refused_until: int = 0

    def behind_at(self, now: int) -> int:
        return max(self.behind - (now - self.at), 0)

    def held(self, now: int) -> int:
        """Tokens that may still be spent: no more than are missing from the bucket."""
        return min(self.tokens, self.behind_at(now) // self.quota.interval)

    def learn(self, taken: Taken, *, asked_at: int, cost: int) -> None:
        # Counted from before the store was asked: what is held never lasts longer than it should.
        held = self.held(asked_at)
        self.at, self.behind, self.tokens = asked_at, taken.behind, held + taken.granted
        self.refused_cost = 0 if taken.granted else cost
        self.refused_until = asked_at + taken.behind - (self.quota.size - cost * self.quota.interval)

    def refuses(self, cost: int, now: int) -> bool:
        return 0 < self.refused_cost <= cost and now < self.refused_until

    def verdict(self, now: int, *, allowed: bool, cost: int) -> Verdict:
        behind = max(self.behind_at(now) - self.held(now) * self.quota.interval, 0)
        wait = 0 if allowed else max(behind - (self.quota.size - cost * self.quota.interval), 1)
        free = self.quota.free(behind)
        return Verdict(
            allowed,
            self.quota.burst,
            free if allowed else min(free, cost - 1),
            _seconds(behind),
            _seconds(wait),
            _seconds(self.quota.size),
        )


def _seconds(microseconds: int) -> int:
    return -(-microseconds // MICROSECONDS)


def _now() -> int:
    return time.monotonic_ns() // 1_000


class Limiter:
    """One a process; threads share it.

    `clock` gives microseconds that only go forward. `on_store_down` is told each time the store stops answering, with
    nothing but that.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], int] = _now,
        on_store_down: Callable[[], None] = lambda: None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._own = MemoryStore(clock)
        self._own_until: int | None = None
        self._on_store_down = on_store_down
        self._buckets: OrderedDict[tuple[str, str, int, int], _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, tenant_id: str, name: str, *, rate_per_minute: int, burst: int, cost: int = 1) -> Verdict:
        """Take `cost` tokens of the tenant's bucket of that name, all or none.

        `name` may hold no personal data: for a network see hub/limits/networks.py. ValueError for a cost that the
        bucket could never hold. May wait for the store; see `take_held` for event loops.
        """
        bucket = self._bucket(tenant_id, name, rate_per_minute, burst, cost)
        # Threads that want the same bucket wait for one round trip and share what it brings.
        with bucket.lock:
            now = self._clock()
            found = self._from_held(bucket, now, cost)
            if found is not None:
                return found
            taken = self._asked(tenant_id, name, bucket.quota, now, cost)
            bucket.learn(taken, asked_at=now, cost=cost)
            if not taken.granted:
                return bucket.verdict(now, allowed=False, cost=cost)
            bucket.tokens -= cost
            return bucket.verdict(now, allowed=True, cost=cost)

    def take_held(
        self, tenant_id: str, name: str, *, rate_per_minute: int, burst: int, cost: int = 1
    ) -> Verdict | None:
        """The same from what this process knows already, without waiting; None where the store must be asked."""
        bucket = self._bucket(tenant_id, name, rate_per_minute, burst, cost)
        if not bucket.lock.acquire(blocking=False):
            return None
        try:
            return self._from_held(bucket, self._clock(), cost)
        finally:
            bucket.lock.release()

    def refusal(self, tenant_id: str, name: str, *, rate_per_minute: int, burst: int, cost: int = 1) -> Verdict | None:
        """The refusal of such a call that this process remembers; None where it would have to ask. Takes nothing."""
        bucket = self._bucket(tenant_id, name, rate_per_minute, burst, cost)
        now = self._clock()
        # Without the lock, for which an event loop cannot wait: what is read is at worst a moment old.
        return bucket.verdict(now, allowed=False, cost=cost) if bucket.refuses(cost, now) else None

    def _from_held(self, bucket: _Bucket, now: int, cost: int) -> Verdict | None:
        held = bucket.held(now)
        if held >= cost:
            bucket.tokens = held - cost
            return bucket.verdict(now, allowed=True, cost=cost)
        return bucket.verdict(now, allowed=False, cost=cost) if bucket.refuses(cost, now) else None

    def _bucket(self, tenant_id: str, name: str, rate_per_minute: int, burst: int, cost: int) -> _Bucket:
        if not 1 <= cost <= burst:
            raise ValueError("a call costs one token at least and the burst at most")
        # A limit that was changed is another key: what is held under the old one is forgotten.
        key = (tenant_id, name, rate_per_minute, burst)
        with self._lock:
            found = self._buckets.get(key)
            if found is None:
                found = self._buckets[key] = _Bucket(Quota.per_minute(rate_per_minute, burst))
                if len(self._buckets) > MOST_REMEMBERED:
                    self._buckets.popitem(last=False)
            else:
                self._buckets.move_to_end(key)
        return found

    def _asked(self, tenant_id: str, name: str, quota: Quota, now: int, cost: int) -> Taken:
        if self._own_until is None or now >= self._own_until:
            spare = min(quota.burst // 8, LARGEST_SPARE)
            try:
                taken = self._store.take(tenant_id, name, quota, least=cost, most=cost + spare)
            except StoreDownError:
                self._own_until = now + ASK_AGAIN_AFTER
                self._on_store_down()
            else:
                self._own_until = None
                return taken
        return self._own.take(tenant_id, name, quota, least=cost, most=cost)
