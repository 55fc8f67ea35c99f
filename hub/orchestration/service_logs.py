"""Where the long-lived processes write: a start must not wipe out why the last one ended, nor may a log fill the disk.

Each process appends to a file of its own. One that has grown large becomes the previous file (`api-1.log.1`) and begins
anew; the process writes on through the descriptor that it has, so nobody needs to tell it.
"""

from __future__ import annotations

import logging
import os
import shutil
from pathlib import Path
from typing import IO

from hub.secrets_file import new_private_file, private_directory

logger = logging.getLogger(__name__)

MOST_BYTES = 32 * 1024 * 1024
"""Of one file; beside it stands at most one previous file of about that size."""
PREVIOUS = ".1"


def appended(path: Path) -> IO[bytes]:
    """A log opened for its end, for its owner alone. Whatever else writes to it, each line goes behind the last."""
    private_directory(path.parent)
    bound(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.fchmod(descriptor, 0o600)
    return os.fdopen(descriptor, "ab")


def bound_all(directory: Path, most_bytes: int = MOST_BYTES) -> None:
    """Begin anew each log of the directory that has grown large."""
    for path in directory.glob("*.log"):
        bound(path, most_bytes)


def bound(path: Path, most_bytes: int = MOST_BYTES) -> None:
    """Begin a log anew if it is larger. A line that is written in the very moment between copy and cut is lost.

    The file stays the same one, because processes have it open.
    """
    try:
        if path.stat().st_size <= most_bytes:
            return
    except FileNotFoundError:
        return
    previous = path.with_name(path.name + PREVIOUS)
    draft = path.with_name(f".{path.name}{PREVIOUS}")
    try:
        draft.unlink(missing_ok=True)
        with path.open("rb") as source, new_private_file(draft) as target:
            shutil.copyfileobj(source, target)
        draft.replace(previous)
    except OSError as error:  # a full disk: the previous file is worth less than what goes on
        draft.unlink(missing_ok=True)
        logger.warning("the log of %s could not be kept: %s", path.stem, type(error).__name__)
    os.truncate(path, 0)
