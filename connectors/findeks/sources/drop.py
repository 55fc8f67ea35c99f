"""Reports that somebody drops as files: from the portal's commercial membership, or from another system.

A file belongs to the window in which it came into the directory: the time of its last change on disk (ctime). Copying
carries the time of writing over from where the file was, and would let it slip past the cursor; ctime it cannot.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.contract import Page, Row, Window
from connectors.failure import ProviderFailure
from connectors.findeks.formats.decoding import documents_in, format_of, text_in
from connectors.findeks.report import Taken, is_readable, take_apart
from connectors.findeks.settings import FILE_SUFFIXES, LARGEST_FILE_BYTES
from connectors.findeks.streams.files import RECORD

_SHOWN_OF_DIGEST = 12


@dataclass(frozen=True)
class DroppedFile:
    """One file of the drop. Its name may hold a person's, so its `repr` shows none."""

    path: Path
    arrived_at: datetime

    def __repr__(self) -> str:
        return f"DroppedFile(arrived_at={self.arrived_at.isoformat()})"


@dataclass(frozen=True)
class _Read:
    """What a file held: rows of its reports and of itself; `rows` None when it could not be read."""

    digest: str
    taken: Taken
    row: Row | None


async def pages(directory: Path, window: Window) -> AsyncIterator[Page]:
    """Reports of the window's files, a page a file, in order of arrival. Files that cannot be read are left out.

    Raises `ProviderFailure` settings_invalid for a directory that is not there.
    """
    for file in await asyncio.to_thread(_files, directory, window):
        # In a thread: disks block, and the loop serves other tenants.
        read = await asyncio.to_thread(_read, file)
        if read is not None and read.row is not None and read.taken.reports:
            yield read.taken.page()


async def file_pages(directory: Path, window: Window) -> AsyncIterator[Page]:
    """The window's files, if all of them can be read.

    Raises `ProviderFailure` file_malformed naming the first that cannot be by its digest, after all have been tried:
    the reports of the others load by a stream of their own, and this one's window stays open until a person has acted.
    """
    rows: list[Row] = []
    unreadable: list[str] = []
    for ordinal, file in enumerate(await asyncio.to_thread(_files, directory, window), start=1):
        read = await asyncio.to_thread(_read, file)
        if read is None:
            unreadable.append(f"number {ordinal}")  # it cannot even be opened, so it has no digest
        elif read.row is None:
            unreadable.append(read.digest[:_SHOWN_OF_DIGEST])
        else:
            rows.append(read.row)
    if unreadable:
        raise ProviderFailure("transient", "file_malformed", field=_named(unreadable))
    if rows:
        yield Page(rows)


def reach(directory: Path) -> None:
    """Raises `ProviderFailure` settings_invalid when the directory is not there."""
    _files(directory, Window(datetime.now(UTC), datetime.now(UTC)))


def _named(unreadable: Sequence[str]) -> str:
    return unreadable[0] if len(unreadable) == 1 else f"{unreadable[0]} +{len(unreadable) - 1}"


def _files(directory: Path, window: Window) -> list[DroppedFile]:
    if not directory.is_dir():
        raise ProviderFailure("permanent", "settings_invalid", field="report_directory")
    root = directory.resolve()
    found: list[DroppedFile] = []
    for path in (*directory.glob("*"), *directory.glob("*/*")):
        # A link that leads out of the directory would let one tenant's drop read another's.
        if path.suffix.lower() not in FILE_SUFFIXES or not path.is_file() or not path.resolve().is_relative_to(root):
            continue
        arrived = datetime.fromtimestamp(path.stat().st_ctime, UTC)
        if window.start <= arrived < window.end:
            found.append(DroppedFile(path, arrived))
    return sorted(found, key=lambda file: (file.arrived_at, file.path.name))


def _read(file: DroppedFile) -> _Read | None:
    """None for a file that is gone or may not be opened."""
    try:
        size = file.path.stat().st_size
        with file.path.open("rb") as opened:
            content = opened.read(LARGEST_FILE_BYTES + 1)
    except OSError:
        return None
    digest, taken = hashlib.sha256(content).hexdigest(), Taken()
    if len(content) > LARGEST_FILE_BYTES:
        return _Read(digest, taken, None)
    try:
        text = text_in(content)
        documents = [document for document in documents_in(text) if _is_report(document)]
        for document in documents:
            take_apart(document, taken, source="file")
    except ProviderFailure:
        return _Read(digest, Taken(), None)
    ours = {
        "file_name": file.path.name,
        "file_sha256": digest,
        "format": format_of(text),
        "bytes": size,
        "reports": len(taken.reports),
        "arrived_at": file.arrived_at,
    }
    return _Read(digest, taken, RECORD.row({}, ours))


def _is_report(document: dict[str, Any]) -> bool:
    if "subject" not in document and "referenceNo" not in document:
        raise ProviderFailure("transient", "answer_malformed")
    return is_readable(document)
