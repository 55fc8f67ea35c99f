"""How often calls may come: a tenant's by its plan, a stranger's by its network."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING

from hub.control import tenants
from hub.errors import HubError
from hub.identity.caller import PLATFORM_SCOPE
from hub.limits.headers import rate_limit_headers
from hub.limits.networks import network_name
from hub.observe import counters

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.control.plans import Limits
    from hub.db.database import Database
    from hub.identity.caller import Caller
    from hub.keys.keyring import Keyring
    from hub.limits.bucket import Limiter

STRANGERS_PER_MINUTE, STRANGERS_BURST = 120, 60
"""Calls without a credential that holds, by network: signing in, tokens that are wrong."""
STAFF_PER_MINUTE, STAFF_BURST = 1_200, 300
"""Of all the operator's staff together."""
_FRESH_SECONDS = 3.0
"""So long a change of plan may take to count in a process that knew the old one."""
_REMEMBERED = 4_096


class Limiting:
    """Counts a call, writes the headers that say where the caller stands, and refuses what is too much."""

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
        self.limiter = limiter
        self._clock = clock
        self._lock = threading.Lock()
        self._limits: OrderedDict[str, tuple[float, Limits]] = OrderedDict()

    def stranger(self, ip: str | None, headers: dict[str, str], *, at: str = "strangers") -> None:
        """HubError `too_many_calls`.

        `at` names a bucket of its own, for doors at which many calls must not keep a network's people from signing in.
        """
        name = network_name(self._keyring.tenant(PLATFORM_SCOPE), ip or "", of=at)
        self._take(PLATFORM_SCOPE, name, STRANGERS_PER_MINUTE, STRANGERS_BURST, headers, shown="strangers")

    def caller(self, caller: Caller, headers: dict[str, str]) -> None:
        """HubError `too_many_calls`. The operator's staff do not use up a tenant's calls."""
        if caller.is_platform:
            self._take(PLATFORM_SCOPE, "api", STAFF_PER_MINUTE, STAFF_BURST, headers, shown="api")
            return
        limits = self._limits_of(caller.home)
        self._take(caller.home, "api", limits.api_calls_per_minute, limits.api_burst, headers, shown="api")

    def _take(
        self, tenant_id: str, name: str, per_minute: int, burst: int, headers: dict[str, str], *, shown: str
    ) -> None:
        verdict = self.limiter.take(tenant_id, name, rate_per_minute=per_minute, burst=burst)
        headers.update(rate_limit_headers({shown: verdict}))
        if not verdict.allowed:
            counters.limit_refused(shown)
            raise HubError("too_many_calls", retry_seconds=verdict.retry_after_seconds)

    def _limits_of(self, tenant_id: str) -> Limits:
        """The plan's numbers, asked for again after some seconds."""
        now = self._clock()
        with self._lock:
            known = self._limits.get(tenant_id)
        if known is not None and now - known[0] < _FRESH_SECONDS:
            return known[1]
        _plan, limits = tenants.limits(self._database, tenant_id)
        with self._lock:
            self._limits[tenant_id] = now, limits
            if len(self._limits) > _REMEMBERED:
                self._limits.popitem(last=False)
        return limits
