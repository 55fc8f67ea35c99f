"""Working directories under HUB_HOME that end with the work: in any case, or when the next one starts.

dbt and dlt keep on disk what they work on. A process that was killed cannot tidy up, so each directory is locked by the
process that works in it, and whoever makes the next one removes those that nobody holds.
"""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hub.secrets_file import private_directory

if TYPE_CHECKING:
    from collections.abc import Generator

    from hub.settings import Settings

_OWNER = "owner.lock"
_DRAFT = "owner.draft"


@contextmanager
def scratch_directory(settings: Settings, prefix: str) -> Generator[Path]:
    """A private directory (0700) that is gone after the block, whatever happened in it.

    `prefix` names its kind; directories of that kind which a killed process left behind are removed first.
    """
    parent = settings.home / "work"
    private_directory(parent)
    _sweep(parent, prefix)
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        with (path / _DRAFT).open("w") as owner:
            fcntl.flock(owner, fcntl.LOCK_EX)
            # Under its name only once it is locked: a sweep that came between would take it for an orphan.
            (path / _DRAFT).rename(path / _OWNER)
            yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep(parent: Path, prefix: str) -> None:
    for left_over in parent.glob(f"{prefix}*"):
        try:
            with (left_over / _OWNER).open() as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left_over, ignore_errors=True)
        except OSError:
            continue  # in use, or gone meanwhile
