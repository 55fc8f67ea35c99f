"""Refused calls of the receiver are counted by network: whoever guesses addresses or signatures is soon put off.

A guess costs a look-up, and as many as anybody likes would take the database's time from everybody. Yet a network can
be a provider's, a tenant's own beside its provider's, or a proxy's that is everybody's. So only what was refused
counts, and while a network is put off its calls still go to addresses that are there: those are known by their hashes,
all together, without a look-up for each. A right call is never put off by wrong ones.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from hub.identity.scope import PLATFORM_SCOPE
from hub.kvkk import audit
from hub.limits.networks import network_name
from hub.observe import counters

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.limits.bucket import Limiter

LIMIT = "hooks"
"""The bucket, and its name in the metrics."""
REFUSED_PER_MINUTE, REFUSED_BURST = 120, 60
"""Calls that are answered 401, 403 or 404, by network."""
ACTION = "hooks.refused"
_TELL_AGAIN_SECONDS = 60.0
_REMEMBERED = 4_096

logger = logging.getLogger(__name__)


class Strangers:
    """One a process, for its event loop."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        limiter: Limiter,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._limiter = limiter
        self._clock = clock
        self._names: OrderedDict[str, str] = OrderedDict()
        self._lock = threading.Lock()
        self._untold: Counter[str] = Counter()
        self._told_at = float("-inf")

    def put_off(self, ip: str | None) -> int | None:
        """In how many seconds this network may be wrong again; None while it may. Waits for nothing, counts nothing."""
        name = self._names.get(ip or "")
        if name is None:  # nothing of it was refused here
            return None
        verdict = self._limiter.refusal(PLATFORM_SCOPE, name, rate_per_minute=REFUSED_PER_MINUTE, burst=REFUSED_BURST)
        return None if verdict is None else verdict.retry_after_seconds

    async def count(self, ip: str | None, code: str) -> int | None:
        """Count a refused call, for the audit log too; as `put_off` then."""
        self._untold[code] += 1
        if self._clock() - self._told_at >= _TELL_AGAIN_SECONDS:
            self._told_at = self._clock()
            codes, self._untold = self._untold, Counter()
            await run_in_threadpool(self._tell, codes, ip)
        seconds = self.put_off(ip)
        if seconds is None:
            seconds = await run_in_threadpool(self._take, ip or "")
        if seconds is not None:
            counters.limit_refused(LIMIT)
        return seconds

    def _take(self, ip: str) -> int | None:
        with self._lock:
            name = self._names.get(ip)
        if name is None:
            name = network_name(self._keyring.tenant(PLATFORM_SCOPE), ip, of=LIMIT)
            with self._lock:
                self._names[ip] = name
                if len(self._names) > _REMEMBERED:
                    self._names.popitem(last=False)
        verdict = self._limiter.take(PLATFORM_SCOPE, name, rate_per_minute=REFUSED_PER_MINUTE, burst=REFUSED_BURST)
        return None if verdict.allowed else verdict.retry_after_seconds

    def _tell(self, codes: Counter[str], ip: str | None) -> None:
        """One entry for all that was refused since the last one: a log that anybody can fill is of no use."""
        entry = audit.Entry(
            audit.Actor("nobody", "unknown", ip),
            ACTION,
            "route:/hooks",
            result="refused",
            count=codes.total(),
            details={"codes": dict(codes)},
        )
        try:
            with self._database.without_tenant() as connection:
                audit.append_platform(connection, entry)
        except Exception as error:  # the calls are refused all the same
            logger.error("refused calls could not be written down: %s", type(error).__name__)  # noqa: TRY400 - no texts
