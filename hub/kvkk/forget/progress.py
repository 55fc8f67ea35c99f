"""How far a forgetting has come, in a file: the tables in which it could stand are being emptied.

The file holds the tenant's id, subdomain and counts until the receipt is written, and is gone then.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID, uuid4

from hub.secrets_file import write_private

if TYPE_CHECKING:
    from pathlib import Path

    from hub.settings import Settings


@dataclass(frozen=True)
class Progress:
    """A forgetting under way. `counts` has rows and files by store and table, as they were found before removal."""

    receipt_id: str
    tenant_id: str
    name: str
    subdomain: str
    by: str
    begun_at: str
    handed_over: tuple[str, ...] = ()
    counts: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    exported: dict[str, str] = field(default_factory=dict[str, str])
    """SHA-256 of what is handed over with the receipt, by file name."""

    @property
    def id(self) -> UUID:
        """The receipt's id."""
        return UUID(self.receipt_id)


def directory(settings: Settings) -> Path:
    """Where receipts lie, each in a directory of its own."""
    return settings.home / "forgotten"


def new_id() -> str:
    """A receipt's id."""
    return str(uuid4())


def begun(settings: Settings, reference: str) -> Progress | None:
    """The forgetting of the tenant with that id or subdomain that has not come to its end."""
    for path in sorted(directory(settings).glob("*.begun.json")):
        content = cast("dict[str, Any]", json.loads(path.read_text()))
        content["handed_over"] = tuple(content["handed_over"])
        progress = Progress(**content)
        if reference in (progress.tenant_id, progress.subdomain):
            return progress
    return None


def save(settings: Settings, progress: Progress) -> None:
    """Write it down before anything that it counts is removed."""
    write_private(_path(settings, progress), json.dumps(asdict(progress), sort_keys=True).encode())


def done(settings: Settings, progress: Progress) -> None:
    """The receipt stands: forget this too."""
    _path(settings, progress).unlink(missing_ok=True)


def with_counts(progress: Progress, store: str, found: dict[str, int]) -> Progress:
    """What was found now, or before a process was killed if that was more."""
    known = progress.counts.get(store, {})
    most = {name: max(known.get(name, 0), found.get(name, 0)) for name in sorted({*known, *found})}
    return replace(progress, counts={**progress.counts, store: most})


def _path(settings: Settings, progress: Progress) -> Path:
    return directory(settings) / f"{progress.receipt_id}.begun.json"
