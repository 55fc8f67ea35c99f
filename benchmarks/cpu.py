"""CPU seconds of processes that come and go, and the largest resident set of one of them."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from hub.db.endpoints import data_directory

if TYPE_CHECKING:
    from hub.settings import Settings

LOOK_SECONDS = 0.25


@dataclass(frozen=True)
class Cpu:
    """CPU seconds, user and system together: of a process itself, and of all that it started."""

    own: float
    children: float

    def __sub__(self, before: Cpu) -> Cpu:
        return Cpu(self.own - before.own, self.children - before.children)

    @property
    def total(self) -> float:
        """Both."""
        return self.own + self.children


def spent(process: psutil.Process) -> Cpu:
    """What a process and its descendants have used, those that have ended included once they were waited for."""
    times = process.cpu_times()
    children = times.children_user + times.children_system
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            children += spent(child).total
    return Cpu(times.user + times.system, children)


def postgres_servers(settings: Settings) -> list[psutil.Process]:
    """The postmasters of both embedded clusters; their descendants are all backends."""
    return [
        psutil.Process(int((data_directory(settings, cluster) / "postmaster.pid").read_text().split()[0]))
        for cluster in ("data", "keys")
    ]


class Peak:
    """The largest resident set that any descendant of a process had, in megabytes."""

    def __init__(self, parent: psutil.Process) -> None:
        self._parent = parent
        self._over = threading.Event()
        self.megabytes = 0.0

    @contextmanager
    def watching(self) -> Generator[Peak]:
        """Look for the time of the block. The kernel keeps the maximum, so a look now and then suffices."""
        thread = threading.Thread(target=self._watch, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            with suppress(psutil.NoSuchProcess):
                for child in self._parent.children(recursive=True):
                    self.megabytes = max(self.megabytes, _high_water(child.pid))


def _high_water(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
