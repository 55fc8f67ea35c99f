"""The processes that serve the API on one socket: one that dies is started again, while the others go on serving.

The socket is the parent's, so calls that arrive meanwhile wait in its queue and are not refused. Workers that keep
dying are no accident: then the whole hub ends, and whoever watches over it (systemd, a container engine) hears of it.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.orchestration.watcher import end_groups

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

logger = logging.getLogger(__name__)

MOST_DEATHS = 5
DEATHS_WITHIN_SECONDS = 300.0


@dataclass
class Workers:
    """By name; `start` starts the one of that name and returns its process."""

    start: Callable[[str], subprocess.Popen[bytes]]
    processes: dict[str, subprocess.Popen[bytes]]
    """All services of the hub; those of other names are not looked at."""
    names: list[str]
    clock: Callable[[], float] = time.monotonic
    _deaths: deque[float] = field(default_factory=deque[float])

    def replace_dead(self) -> None:
        """Start each worker again that has ended, unless too many have of late: those stay dead."""
        for name in self.names:
            status = self.processes[name].poll()
            if status is None:
                continue
            now = self.clock()
            while self._deaths and now - self._deaths[0] > DEATHS_WITHIN_SECONDS:
                self._deaths.popleft()
            if len(self._deaths) >= MOST_DEATHS:
                return
            self._deaths.append(now)
            logger.warning("%s ended with status %d and is started again", name, status)
            # What it had started itself must not go on beside its successor.
            end_groups([self.processes[name].pid], seconds=0)
            self.processes[name] = self.start(name)
