"""The window of key backups: after N days a key that was destroyed is nowhere any more.

Answers to data subjects name this window (design.md, section 4), so a key backup that is older is deleted by the next
one, and what was deleted is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hub.backup.manifest import listed

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Expired:
    """A key backup that was deleted because its window had passed."""

    file: str
    at: datetime


def expire(directory: Path, *, now: datetime, days: int) -> tuple[Expired, ...]:
    """Delete the key backups in a directory that are older than `days`, dump before manifest; the oldest first.

    `now` is the newest backup's time, by the database's clock, as are theirs.
    """
    gone: list[Expired] = []
    for manifest in listed(directory, "keys"):
        if manifest.at < now - timedelta(days=days):
            (directory / manifest.file).unlink(missing_ok=True)
            (directory / f"{manifest.stem}.json").unlink(missing_ok=True)
            gone.append(Expired(manifest.file, manifest.at))
    return tuple(gone)
