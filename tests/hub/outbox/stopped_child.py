"""A process that empties the outbox through real requests, and says when its attempt is committed and not yet sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from connectors.actions import Act, Outcome, Taken
from connectors.attempt import AttemptClient
from connectors.clock import SYSTEM_CLOCK
from connectors.contract import RateLimit
from connectors.http import HttpSettings
from connectors.limits import CredentialLimit
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.outbox import perform
from hub.outbox.drain import Pace, drain
from hub.outbox.perform import Outbox
from hub.settings import Settings
from tests.hub.outbox.far_end import PROVIDER, FarEnd, kind

FRESH = timedelta(seconds=0.5)
"""Instead of half a lease: how long the process may be stopped without harm."""


class Sender:
    """Sends each action to an address once its limit lets it."""

    def __init__(self, http: Any, url: str, parent: Connection) -> None:
        limit = CredentialLimit(RateLimit(requests=1, per=timedelta(seconds=0.3)))
        limit.reserve(SYSTEM_CLOCK.monotonic())
        self._client = AttemptClient(http, limit=limit, settings=HttpSettings())
        self._url, self._parent = url, parent

    async def perform(self, acts: Sequence[Act]) -> list[Outcome]:
        """Say so, wait for the limit, send."""
        self._parent.send("attempted")
        request = self._client.request("POST", self._url, headers={}, content=b"{}")
        return [await self._client.attempt(request, lambda _answer: Taken("late")) for _ in acts]


def main(home: str, url: str, parent: Connection) -> None:
    """Empty the outbox once."""
    perform.FRESH = FRESH
    database = Database(Settings.apart(Path(home)))
    keyring = Keyring(database, read_master_key(database.settings.master_key_file))

    @asynccontextmanager
    async def opened(_spec: object, http: Any) -> AsyncGenerator[Sender]:
        yield Sender(http, url, parent)

    sms = replace(kind(FarEnd()), open=opened)  # type: ignore[arg-type]
    outbox = Outbox(database, keyring, {sms.name: sms}, {"deneme": PROVIDER})
    try:
        asyncio.run(drain(outbox, pace=Pace(lingers=timedelta(0))))
    finally:
        database.close()
