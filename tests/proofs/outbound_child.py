"""Processes of which a proof decides the surroundings: a drain whose database goes away, a receiver that is killed.

`python -m tests.proofs.outbound_child HOME` empties the outbox once, for a proof that sets the environment.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import psycopg

from hub.db import postgres
from hub.db.database import Database
from hub.errors import HubError
from hub.outbox import perform
from hub.outbox.drain import Pace, drain
from hub.settings import Settings
from tests.proofs import outbox_child
from tests.proofs.stores import superuser

if TYPE_CHECKING:
    from multiprocessing.connection import Connection as Pipe

    from hub.settings import ClusterName

_PACE = Pace(lingers=timedelta(0), least_wait=0.05)


class Steps:
    """Counts what happens; at each of the chosen counts something is done to the world."""

    def __init__(self, fates: Sequence[tuple[int, Callable[[], None]]]) -> None:
        self._count = 0
        self._fates = dict(fates)
        self._lock = Lock()

    def step(self) -> None:
        with self._lock:
            self._count += 1
            fate = self._fates.pop(self._count, None)
            if fate is not None:
                fate()


def crashes(home: str, step: int, cluster: ClusterName, stays_down: bool) -> None:
    """Empty the outbox; at that step the server of the cluster is gone, for good or for a moment."""
    settings = Settings.apart(Path(home), pool_wait_seconds=1.0)

    def crash() -> None:
        postgres.stop(settings, cluster, immediate=True)
        if not stays_down:
            with postgres.running(settings):  # the trial holds it up from then on
                pass

    if stays_down:
        perform.SETTLE_PAUSES = (0.1, 0.1)
    empty(settings, [(step, crash)])


def without_connections(home: str, taken_at: int, given_back_at: int) -> None:
    """Empty the outbox; between two steps the server has no connection left to give, and ours are ended."""
    settings = Settings.apart(Path(home), pool_wait_seconds=1.0)
    crowd = Crowd(settings)
    perform.SETTLE_PAUSES = (0.1, 0.1)
    empty(settings, [(taken_at, crowd.come), (given_back_at, crowd.go)])
    crowd.go()


class Crowd:
    """Others who take every connection that a server gives, and throw us out."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._here: list[psycopg.Connection[tuple[Any, ...]]] = []

    def come(self) -> None:
        """Every place is taken afterwards."""
        self._fill()
        if self._here:
            self._here[0].execute(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity"
                " WHERE usename LIKE 'hub%' AND backend_type = 'client backend'"
            )
        self._fill()

    def go(self) -> None:
        """All of them at once."""
        while self._here:
            self._here.pop().close()

    def _fill(self) -> None:
        with suppress(psycopg.OperationalError):
            while True:
                self._here.append(superuser(self._settings, "data"))


def empty(settings: Settings, fates: Sequence[tuple[int, Callable[[], None]]], pace: Pace = _PACE) -> None:
    """A drain that may find no database, and then leaves everything to the next one. Any other error is one."""
    steps = Steps(fates)
    database = Database(settings)
    stepping: Any = outbox_child.stepping
    database.tenant = stepping(database.tenant, steps)  # type: ignore[method-assign]
    database.crossing = stepping(database.crossing, steps)  # type: ignore[method-assign]
    try:
        with suppress(HubError, psycopg.OperationalError):
            asyncio.run(drain(outbox_child.outbox(database, steps), pace=pace))  # type: ignore[arg-type]
    finally:
        database.close()


def serves(home: str, port: int, parent: Pipe) -> None:
    """The receiver, until it is killed; says where it listens."""
    from hub.inbox.serve import serve
    from hub.keys.keyring import Keyring
    from hub.keys.master_key import read_master_key

    database = Database(Settings.apart(Path(home)))
    serve(database, Keyring(database, read_master_key(database.settings.master_key_file)), port, parent.send)


if __name__ == "__main__":
    empty(Settings.apart(Path(sys.argv[1])), [])
