"""Where master keys lie: one file in force, and beside it, while the key is rotated, the next or the previous one.

A rotation goes `master.key` alone; `.next` written; `.previous` linked; `.next` renamed over `master.key`; `.previous`
removed. Every step is one atomic change of a directory, so whoever reads at any moment finds each key that is in use.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub.errors import HubError
from hub.keys.master_key import new_master_text, parse_master_key, read_master_key
from hub.secrets_file import private_file, write_private

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from hub.keys.master_key import MasterKey


def next_file(path: Path) -> Path:
    """The key that will be in force, before it is."""
    return path.with_name(path.name + ".next")


def previous_file(path: Path) -> Path:
    """The key that was in force, until nothing is wrapped under it any more."""
    return path.with_name(path.name + ".previous")


def available(path: Path) -> dict[str, MasterKey]:
    """Every master key that lies there, by fingerprint; HubError as `read_master_key`, except for a file that is away.

    Read in this order, so that a rotation that goes on meanwhile hides none: what leaves `.next` is in `master.key` by
    then, and what leaves `master.key` is in `.previous`.
    """
    found = [_present(next_file(path)), read_master_key(path), _present(previous_file(path))]
    return {key.fingerprint: key for key in found if key is not None}


def write_next(path: Path) -> MasterKey:
    """Make the next key, whole or not at all."""
    text = new_master_text()
    write_private(next_file(path), text.encode())
    _persist(path)
    return parse_master_key(text)


def switch(path: Path) -> None:
    """Put the next key in force and keep the one before it. Harmless when that is done already."""
    if not next_file(path).exists():
        return
    if not previous_file(path).exists():
        os.link(path, previous_file(path))
        _persist(path)
    next_file(path).replace(path)
    _persist(path)


def remove_previous(path: Path) -> None:
    """Nothing is wrapped under the previous key any more."""
    previous_file(path).unlink(missing_ok=True)
    _persist(path)


@contextmanager
def rotating(path: Path) -> Generator[None]:
    """One rotation at a time; the lock ends with the process. HubError `rotation_under_way`."""
    with private_file(path.with_name(path.name + ".lock")) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise HubError("rotation_under_way") from None
        yield


def _present(path: Path) -> MasterKey | None:
    try:
        return read_master_key(path)
    except HubError as error:
        if error.code == "master_key_missing":
            return None
        raise


def _persist(path: Path) -> None:
    # Rows are wrapped under the new key from now on: a power cut must not take its name away.
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
