"""Ends what a killed `hub up` leaves behind: a daemon that nobody watches would go on syncing beside the next one.

Its arguments are locks that it shares, those of the embedded servers' users, so that no other process stops a server
while our services wind down. From standard input it reads the numbers of process groups, then `done`. If the input
closes without that word, whoever wrote it was killed, and the groups are ended in its stead.
"""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

STOP_SECONDS = 20.0
"""A run under way is told to stop and finishes its transaction; then it is killed."""

_DONE = "done"
_LOOK_SECONDS = 0.05
_PROC = Path("/proc")


def main() -> None:
    """Read until the input ends."""
    with ExitStack() as held:
        for lock in sys.argv[1:]:
            fcntl.flock(held.enter_context(Path(lock).open()), fcntl.LOCK_SH)
        groups: list[int] = []
        for line in sys.stdin:
            if line.strip() == _DONE:
                return
            groups.append(int(line))
        end_groups(groups)


def end_groups(groups: Sequence[int], seconds: float = STOP_SECONDS) -> None:
    """Tell every process of the groups to stop as Ctrl-C does; after `seconds`, kill those that are left."""
    left = [group for group in groups if _send(group, signal.SIGINT)]
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
        left = _living(left)
    for group in left:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS answers so when only remains are left
        return False
    return True


def _living(groups: Sequence[int]) -> list[int]:
    """Those of the groups that have a process which runs.

    In a container nobody may ever fetch the remains of an orphan, and a signal cannot tell them from a live process.
    All processes are looked at once for all groups: whoever ends needs the processor more than we do.
    """
    if not _PROC.is_dir():
        return [group for group in groups if _send(group, 0)]
    running = {_group_of(entry) for entry in os.listdir(_PROC) if entry.isdecimal()}
    return [group for group in groups if group in running]


def _group_of(process: str) -> int | None:
    """The group of a process that runs. Its `stat` is `pid (name) state parent group ...`; a name may hold anything."""
    try:
        with open(f"{_PROC}/{process}/stat", "rb", buffering=0) as file:
            state, _parent, group = file.read().rpartition(b")")[2].split()[:3]
    except (OSError, ValueError):
        return None
    return None if state in {b"Z", b"X"} else int(group)


if __name__ == "__main__":
    main()
