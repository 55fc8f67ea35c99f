"""Refused calls in the audit log: each kind of attempt of a minute once, with how many there were.

A log that anybody can fill at will is of no use and costs a lock for each entry. So the first refused call of a source,
caller and code is written at once, and the rest of its minute is counted and written with the next one.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.identity.caller import PLATFORM_SCOPE
from hub.kvkk import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from hub.db.database import Database
    from hub.identity.caller import Caller

logger = logging.getLogger(__name__)

_WINDOW_SECONDS = 60.0
_REMEMBERED = 4096


@dataclass
class _Window:
    began: float
    more: int = 0


class Attempts:
    """Threads share it; it never keeps a call from being answered."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._windows: OrderedDict[tuple[str, ...], _Window] = OrderedDict()

    def refused(self, code: str, *, caller: Caller | None, route: str, ip: str | None, request_id: str) -> None:
        """Write down that a call was refused: in the caller's own chain, or the platform's where nobody is known.

        `route` is the route's template and method; an id that stood in the path is not written.
        """
        who = f"{caller.kind}:{caller.subject}" if caller else "nobody"
        before = self._first_of_its_minute((code, who, route if caller else "", ip or ""))
        if before is None:
            return
        actor = caller.actor(ip) if caller else audit.Actor("nobody", "unknown", ip)
        details = {"code": code, "request": request_id, "more_before": before}
        entry = audit.Entry(actor, "api.refused", f"route:{route}", result="refused", details=details)
        try:
            if caller is None or caller.home == PLATFORM_SCOPE:
                with self._database.without_tenant() as connection:
                    audit.append_platform(connection, entry)
            else:
                with self._database.tenant(caller.home, "app") as connection:
                    audit.append(connection, caller.home, entry)
        except HubError as error:  # the call is refused all the same
            logger.error("a refused call could not be written down: %s", error.code)  # noqa: TRY400 - a code says all

    def _first_of_its_minute(self, key: tuple[str, ...]) -> int | None:
        """None within a minute that has its entry; else how many went unwritten in the one before."""
        now = self._clock()
        with self._lock:
            window = self._windows.get(key)
            if window is not None and now - window.began < _WINDOW_SECONDS:
                window.more += 1
                return None
            self._windows[key] = _Window(now)
            self._windows.move_to_end(key)
            if len(self._windows) > _REMEMBERED:
                self._windows.popitem(last=False)
        return window.more if window else 0
