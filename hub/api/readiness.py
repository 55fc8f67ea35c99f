"""Whether this installation can serve calls now: its parts by name, and no word about why one is not well.

The reason is in the log and in `hub doctor`; strangers may ask here.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Literal, cast

from pydantic import BaseModel

from hub.db.schema_version import require_current
from hub.errors import HubError
from hub.keys.fitness import require_fit_master_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.api.services import Services

logger = logging.getLogger(__name__)

State = Literal["well", "unwell"]
_FRESH_SECONDS = 2.0
_DAEMON_SECONDS = 90.0


class Readiness(BaseModel):
    """`ready` does not ask for the daemon: calls are taken in while it restarts."""

    ready: bool
    database: State
    migrations: State
    keys: State
    daemon: State


class _Known:
    """Looking costs round trips and anybody may ask: what was seen is told again for a moment."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = float("-inf")
        self.found: Readiness | None = None


def look(services: Services) -> Readiness:
    """The parts as they are, or were within the last two seconds, or when last seen while somebody looks."""
    known: _Known = services.extra.setdefault("readiness", _Known())
    seen = known.found
    # A database that hangs holds up one look, and not a thread for everybody who asks meanwhile.
    if not known.lock.acquire(blocking=seen is None):
        return cast("Readiness", seen)
    try:
        if known.found is None or time.monotonic() - known.at >= _FRESH_SECONDS:
            known.found = _look(services)
            known.at = time.monotonic()
        return known.found
    finally:
        known.lock.release()


def _look(services: Services) -> Readiness:
    def keys() -> None:
        with services.database.master_keys() as connection:
            require_fit_master_key(services.settings, connection)

    database = _state("database", lambda: _reached(services))
    migrations = _state("migrations", lambda: require_current(services.database))
    key_store = _state("keys", keys)
    return Readiness(
        ready=(database, migrations, key_store) == ("well", "well", "well"),
        database=database,
        migrations=migrations,
        keys=key_store,
        daemon=_state("daemon", lambda: _heartbeat(services)),
    )


def _reached(services: Services) -> None:
    with services.database.without_tenant() as connection:
        connection.execute("SELECT 1")


def _heartbeat(services: Services) -> None:
    """Dagster's daemons each write a heartbeat every half minute."""
    with services.instance() as instance:
        beats = instance.get_daemon_heartbeats().values()
    if not any(time.time() - beat.timestamp < _DAEMON_SECONDS for beat in beats):
        raise HubError("daemon_silent")


def _state(part: str, look_at: Callable[[], object]) -> State:
    try:
        look_at()
    except Exception as error:  # whatever it is, this part is not well
        logger.warning("%s is not well: %s", part, error.code if isinstance(error, HubError) else type(error).__name__)
        return "unwell"
    return "well"
