"""Buckets in Redis, for installations whose API processes call often enough to spare Postgres the writes.

One script a chunk of calls, with the arithmetic of hub/limits/store.py. Lua counts in doubles, which hold microseconds
since 1970 exactly until the year 2255. A bucket goes away by itself when it is full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from hub.limits.store import Quota, StoreDownError, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ANSWERS_WITHIN_SECONDS = 0.25

_TAKE = """
local interval, size = tonumber(ARGV[1]), tonumber(ARGV[2])
local least, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local now = tonumber(ARGV[5])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000000 + time[2]
end
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
local behind = math.min(math.max(full_at - now, 0), size)
local free = math.floor((size - behind) / interval)
local granted = math.min(free, most)
if free < least then
    if full_at - now <= size then
        return {0, behind}
    end
    granted = 0
end
behind = behind + granted * interval
redis.call('SET', KEYS[1], string.format('%.0f', now + behind), 'PX', math.ceil(behind / 1000) + tonumber(ARGV[6]))
return {granted, behind}
"""
_KEPT_LONGER_MS = 1_000
_KEPT_LONGER_ON_A_CLOCK_OF_TESTS_MS = 3_600_000


class RedisStore:
    """Buckets under `<prefix>:limits:`. `clock` gives microseconds in tests; otherwise Redis' own clock counts."""

    def __init__(self, url: str, *, prefix: str, clock: Callable[[], int] | None = None) -> None:
        import redis

        self._redis: Any = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url, socket_timeout=ANSWERS_WITHIN_SECONDS, socket_connect_timeout=ANSWERS_WITHIN_SECONDS
        )
        self._take: Any = self._redis.register_script(_TAKE)
        self._prefix = prefix
        self._clock = clock

    def take(self, tenant_id: str, name: str, quota: Quota, *, least: int, most: int) -> Taken:
        """See `Store`."""
        import redis

        now = self._clock() if self._clock else ""
        kept = _KEPT_LONGER_ON_A_CLOCK_OF_TESTS_MS if self._clock else _KEPT_LONGER_MS
        try:
            answer = cast(
                "Sequence[int]",
                self._take(
                    keys=[f"{self._prefix}:limits:{tenant_id}:{name}"],
                    args=[quota.interval, quota.size, least, most, now, kept],
                ),
            )
        except redis.RedisError:
            raise StoreDownError from None
        return Taken(int(answer[0]), int(answer[1]))

    def close(self) -> None:
        """Close its connections."""
        self._redis.close()
