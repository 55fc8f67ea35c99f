"""Directories for homes in memory: a disk's file system takes a quarter of the CPU of tests that write rows.

A home has 3,700 files of 124 MB, which two dozen modules copy, and every commit writes to its log. No test cuts the
power, so none is about what a disk keeps.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - what is made in it has a name of its own
_LEAST_FREE = 6 << 30
"""Bytes, of which a run of two workers takes a half at the most. With less, homes lie where temporary files do."""


def _in_memory() -> Path | None:
    try:
        room = os.statvfs(_MEMORY)
        available = re.search(r"^MemAvailable: +(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    free = min(room.f_bavail * room.f_frsize, int(available[1]) << 10) if available else 0
    return _MEMORY if free >= _LEAST_FREE and os.access(_MEMORY, os.W_OK) else None


_PLACE = _in_memory()


def new_directory(prefix: str) -> Path:
    """An empty one, never pytest's own: a unix socket's path has 107 bytes. Whoever asks for it removes it."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=_PLACE))
