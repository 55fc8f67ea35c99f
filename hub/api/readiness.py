"""Whether this installation can serve calls now: its parts by name, and no word about why one is not well.

The reason is in the log and in `hub doctor`; strangers may ask here.
"""

from __future__ import annotations

import logging
import threading
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Literal

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
_GOOD_SECONDS = 10.0
"""How long what was seen is told while somebody looks anew; a look that takes longer is itself a bad sign."""
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
        self.found = NOT_SEEN

    def is_seen_within(self, seconds: float) -> bool:
        """Whether the last look ended so lately."""
        return time.monotonic() - self.at < seconds


NOT_SEEN = Readiness(ready=False, database="unwell", migrations="unwell", keys="unwell", daemon="unwell")
"""What is told while the first look lasts: nothing is known to be well."""


def look(services: Services) -> Readiness:
    """The parts as they are, or were within the last seconds. One caller looks at a time, and no other waits for it."""
    known = _known(services)
    if known.is_seen_within(_FRESH_SECONDS):
        return known.found
    if not known.lock.acquire(blocking=False):
        return known.found if known.is_seen_within(_GOOD_SECONDS) else NOT_SEEN
    try:
        if not known.is_seen_within(_FRESH_SECONDS):
            known.found, known.at = _look(services), time.monotonic()
        return known.found
    finally:
        known.lock.release()


def look_ahead(services: Services) -> threading.Thread:
    """Begin the first look beside whatever else a process does: it imports Dagster and alembic, which takes seconds.

    Whoever asks meanwhile hears at once that nothing is known to be well.
    """
    begun = threading.Event()

    def first() -> None:
        known = _known(services)
        with known.lock:
            begun.set()
            known.found, known.at = _look(services), time.monotonic()

    # With the context, in which the names for log lines stand.
    thread = threading.Thread(target=copy_context().run, args=(first,), name="readiness", daemon=True)
    thread.start()
    begun.wait()
    return thread


def _known(services: Services) -> _Known:
    return services.extra.setdefault("readiness", _Known())


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
