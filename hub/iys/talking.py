"""Lets code that waits talk to İYS: one conversation in a thread with an event loop of its own.

The gate and the jobs are called from threads that may have a loop running (a drain of the outbox), and wait anyway.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from hub.iys.accounts import opened

if TYPE_CHECKING:
    from connectors.iys.register import PermissionRegister
    from hub.iys.accounts import Account

T = TypeVar("T")
AT_ONCE = 8
"""Requests under way together."""


def talk(account: Account, work: Callable[[PermissionRegister], Awaitable[T]]) -> T:
    """What `work` makes of the register. Raises `ProviderFailure`."""

    async def conversation() -> T:
        import httpx

        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with (
            httpx.AsyncClient(
                verify=ssl.create_default_context(), limits=limits, follow_redirects=False, trust_env=False
            ) as client,
            opened(account, client) as register,
        ):
            return await work(register)

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="iys") as pool:
        return pool.submit(lambda: asyncio.run(conversation())).result()
