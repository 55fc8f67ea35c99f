"""Asks İYS for many addresses within a bounded time: what is not answered by then is asked for again later."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.failure import ProviderFailure
from connectors.iys.register import Address, Standing
from hub.iys.talking import AT_ONCE, talk

if TYPE_CHECKING:
    from connectors.iys.register import PermissionRegister
    from hub.iys.accounts import Account

ASK_SECONDS = 20.0
"""A drain of the outbox has a lease; whoever waits for an answer holds it."""
MOST_ASKED = 1_000


@dataclass(frozen=True)
class Answers:
    """What was answered in time. `failure` is the code of what ended the asking, None where nothing did."""

    standings: Mapping[Address, Standing]
    failure: str | None = None


def ask(account: Account, addresses: Sequence[Address], *, seconds: float = ASK_SECONDS) -> Answers:
    """Ask for each, at most `MOST_ASKED`; the first failure that is not one address's own ends it."""
    asking = _Asking(list(dict.fromkeys(addresses))[:MOST_ASKED])
    try:
        talk(account, lambda register: asking.run(register, seconds))
    except ProviderFailure as failure:
        return Answers(asking.standings, failure.code)
    return Answers(asking.standings)


class _Asking:
    """One batch of questions, answered by a few workers."""

    def __init__(self, addresses: list[Address]) -> None:
        self._waiting = list(reversed(addresses))
        self.standings: dict[Address, Standing] = {}

    async def run(self, register: PermissionRegister, seconds: float) -> None:
        workers = [asyncio.ensure_future(self._work(register)) for _ in range(min(AT_ONCE, len(self._waiting)))]
        try:
            async with asyncio.timeout(seconds):
                await asyncio.gather(*workers)
        except TimeoutError:
            pass  # the rest is asked for another time
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, register: PermissionRegister) -> None:
        while self._waiting:
            address = self._waiting.pop()
            try:
                self.standings[address] = await register.standing(address)
            except ProviderFailure as failure:
                if failure.code != "request_refused":
                    raise
                # İYS will not have this address at all: there can be no permission of it.
                self.standings[address] = Standing(None)
