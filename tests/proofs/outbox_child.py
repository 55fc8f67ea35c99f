"""A process that empties the outbox and dies at a chosen step, as a killed one does: between any two of them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.action_registry import kinds
from connectors.actions import ActionKind
from connectors.registry import accounts
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.outbox.drain import Pace, drain
from hub.outbox.open import open_outbox
from hub.outbox.perform import Outbox
from hub.settings import Settings

_UNHURRIED_REQUESTS = 1_000_000
AT_ONCE = Pace(lingers=timedelta(0), least_wait=0.05)
"""Until nothing is due."""


class Steps:
    """Counts what happens; at the chosen count the process is gone, without a word."""

    def __init__(self, last: int | None) -> None:
        self._left = last

    def step(self) -> None:
        if self._left is None:
            return
        self._left -= 1
        if self._left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(home: str, last: int | None, pace: Pace = AT_ONCE, together: int | None = None) -> None:
    """Empty the outbox of an installation; die at step number `last`, if there is one.

    `together` bounds the actions of a call, for more and smaller ones.
    """
    steps = Steps(last)
    database = Database(Settings.apart(Path(home)))
    database.tenant = stepping(database.tenant, steps)  # type: ignore[method-assign]
    database.crossing = stepping(database.crossing, steps)  # type: ignore[method-assign]
    try:
        asyncio.run(drain(outbox(database, steps, together), pace=pace))
    finally:
        database.close()


def outbox(database: Database, steps: Steps, together: int | None = None) -> Outbox:
    """The installation's own, with a step before and after every call of a provider, and no limits of rate."""
    keyring = Keyring(database, read_master_key(database.settings.master_key_file))
    opened = open_outbox(database, keyring)
    providers = {
        name: replace(each, rate=replace(each.rate, requests=_UNHURRIED_REQUESTS)) for name, each in accounts().items()
    }
    watched = {name: _watched(kind, steps) for name, kind in kinds().items()}
    if together is not None:
        watched = {name: replace(kind, together=min(kind.together, together)) for name, kind in watched.items()}
    return replace(opened, kinds=watched, providers=providers)


def stepping(inner: Callable[..., Any], steps: Steps) -> Any:
    @contextmanager
    def scoped(*arguments: Any) -> Generator[Any]:
        steps.step()
        with inner(*arguments) as connection:
            yield connection
            steps.step()  # everything is written and nothing committed
        steps.step()

    return scoped


class _Watched:
    def __init__(self, performer: Any, steps: Steps) -> None:
        self._performer, self._steps = performer, steps

    async def perform(self, acts: Sequence[Any]) -> Any:
        self._steps.step()
        outcomes = await self._performer.perform(acts)
        self._steps.step()
        return outcomes

    async def look_up(self, acts: Sequence[Any]) -> Any:
        self._steps.step()
        findings = await self._performer.look_up(acts)
        self._steps.step()
        return findings


def _watched(kind: ActionKind, steps: Steps) -> ActionKind:
    @asynccontextmanager
    async def opened(spec: Any, client: Any) -> AsyncGenerator[Any]:
        async with kind.open(spec, client) as performer:
            yield _Watched(performer, steps)

    # A killed process's request is at the stand-in, or nowhere, long before the next process has started.
    return replace(kind, open=opened, settles_after=timedelta(0))
