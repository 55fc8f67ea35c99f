"""How many calls of one tenant are worked on at once: a flood within its plan's limit must not be everybody's wait.

Writers and event loop take what comes first. So a tenant whose provider, or who itself, opens hundreds of connections
had hundreds of calls ahead of everybody's next one. Now the rest of them wait here, which costs nothing and refuses
nothing, and the others find at most so many before them.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.errors import HubError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

AT_ONCE = 32
"""Of one tenant, in one process. As many share a commit, so nobody is slower for it who is alone."""
_WITHIN_SECONDS = 30.0
"""Whoever waits longer is told to come again, as in front of a writer (hub/inbox/writing.py)."""


@dataclass
class _Tenant:
    free: asyncio.Semaphore
    calls: int = field(default=0)


class Turns:
    """One an event loop. Tenants without a call under way are not remembered."""

    def __init__(self, *, at_once: int = AT_ONCE, within: float = _WITHIN_SECONDS) -> None:
        self._at_once = at_once
        self._within = within
        self._tenants: dict[str, _Tenant] = {}

    @asynccontextmanager
    async def of(self, tenant_id: str) -> AsyncGenerator[None]:
        """Wait until it is this call's turn, in the order of arrival. HubError `database_busy` if it takes too long."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            tenant = self._tenants[tenant_id] = _Tenant(asyncio.Semaphore(self._at_once))
        tenant.calls += 1
        try:
            if tenant.free.locked():
                try:
                    async with asyncio.timeout(self._within):
                        await tenant.free.acquire()
                except TimeoutError:
                    raise HubError("database_busy") from None
            else:
                await tenant.free.acquire()
            try:
                yield
            finally:
                tenant.free.release()
        finally:
            tenant.calls -= 1
            if not tenant.calls:
                del self._tenants[tenant_id]
