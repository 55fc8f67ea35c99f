"""Uyumsoft over the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import httpx

from connectors.sandbox.server import Sandbox
from connectors.uyumsoft.session import UyumsoftSession, open_session
from tests.connectors.invoicing import COMPANY
from tests.connectors.stand_still import StandStill, spec_at

T = TypeVar("T")
PATH = "/services/Integration"


def work(
    sandbox: Sandbox,
    what: Callable[[UyumsoftSession], Awaitable[T]],
    *,
    company: str = COMPANY,
    credentials: dict[str, str] | None = None,
    **settings: Any,
) -> T:
    """What `what` makes of an open session."""

    async def run() -> T:
        keys = credentials or sandbox.credentials(company, "uyumsoft")
        async with (
            httpx.AsyncClient(trust_env=False) as client,
            open_session(spec_at(sandbox.url, keys, **settings), client, clock=StandStill().clock()) as session,
        ):
            return await what(session)

    return asyncio.run(run())
