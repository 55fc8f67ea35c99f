"""The window of key backups: after N days a key that was destroyed is nowhere any more.

Answers to data subjects name this window (design.md, section 4), so a key backup that is older is deleted by the next
one, and what was deleted is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hub.backup.manifest import read, time_of
from hub.errors import HubError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Expired:
    """A key backup that was deleted because its window had passed."""

    file: str
    at: datetime


def expire(directory: Path, *, now: datetime, days: int) -> tuple[Expired, ...]:
    """Delete the key backups in a directory that are older than `days`, dump before manifest; the oldest first.

    `now` is the newest backup's time, by the database's clock, as are theirs. A dump without a manifest was left by a
    process that was killed between the two: its keys are as old as its name says.
    """
    stems = {path.stem for ending in ("dump", "json") for path in directory.glob(f"kopru-keys-*.{ending}")}
    dated = [(at, stem) for stem in stems if (at := _time(directory, stem)) is not None]
    gone: list[Expired] = []
    for at, stem in sorted(dated):
        if at < now - timedelta(days=days):
            (directory / f"{stem}.dump").unlink(missing_ok=True)
            (directory / f"{stem}.json").unlink(missing_ok=True)
            gone.append(Expired(f"{stem}.dump", at))
    return tuple(gone)


def _time(directory: Path, stem: str) -> datetime | None:
    try:
        return read(directory / f"{stem}.json").at
    except HubError:
        return time_of(stem)
