"""Reads the daily report files from the directory in which somebody's SFTP client drops them.

A directory and not SFTP itself: its login is given by an account manager and is not part of the API's credentials.
"""

from __future__ import annotations

import asyncio
import csv
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.contract import Page, Row, Window
from connectors.failure import ProviderFailure
from connectors.istanbul import day_of, days_in
from connectors.iyzico.settings import SETTLEMENT_FILE_DELIMITERS, SETTLEMENT_FILE_ENCODINGS
from connectors.iyzico.streams.settlement import RECORD

if TYPE_CHECKING:
    from io import TextIOBase

ROWS_A_PAGE = 2000
LARGEST_FILE_BYTES = 512 * 1024 * 1024
_NAME = re.compile(r"(transaction|cutoff|settlement)-([A-Za-z0-9]{1,40})-([0-9]{8})\.csv")


@dataclass(frozen=True)
class ReportFile:
    """One file and what its name says."""

    path: Path
    report: str
    merchant_id: str
    day: date


async def pages(directory: Path | None, window: Window) -> AsyncIterator[Page]:
    """The rows of the window's files, oldest first; nothing where no directory is configured.

    A file belongs to the window of its day, and where it came later than that day is read again, to the window in which
    it came: an SFTP client that stood still for a week leaves no gap.

    Raises `ProviderFailure`: settings_invalid for a directory that is not there, answer_truncated for a file that ends
    in the middle of a row, answer_malformed for one that cannot be read.
    """
    if directory is None:
        return
    files = await asyncio.to_thread(_files, directory, window)
    if files is None:
        raise ProviderFailure("permanent", "settings_invalid", field="settlement_directory")
    for file in files:
        rows = _rows(file)
        # In a thread: disks block, and the loop serves other tenants.
        while chunk := await asyncio.to_thread(_chunk, rows):
            yield Page(chunk)


def _chunk(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, ROWS_A_PAGE))


def _files(directory: Path, window: Window) -> list[ReportFile] | None:
    """Reports of the window's days, and older ones that came on them, in the directory or one below it as at iyzico."""
    if not directory.is_dir():
        return None
    root = directory.resolve()
    days = days_in(window)
    found: list[ReportFile] = []
    for path in (*directory.glob("*.csv"), *directory.glob("*/*.csv")):
        named = _NAME.fullmatch(path.name)
        # A link that leads out of the directory would let one tenant's drop read another's.
        if named is None or not path.is_file() or not path.resolve().is_relative_to(root):
            continue
        day = _day(named[3])
        if day is not None and (day in days or (day < days[0] and _arrived_on(path) in days)):
            found.append(ReportFile(path, named[1], named[2], day))
    return sorted(found, key=lambda file: (file.day, file.report, file.path.name))


def _arrived_on(path: Path) -> date:
    # The time of the last change on disk: an SFTP client carries the time of writing over from the server.
    return day_of(datetime.fromtimestamp(path.stat().st_ctime, UTC))


def _day(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y%m%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        return None


def _rows(file: ReportFile) -> Iterator[Row]:
    if file.path.stat().st_size > LARGEST_FILE_BYTES:
        raise ProviderFailure("permanent", "answer_malformed")
    encoding = _encoding(file.path)
    if encoding is None:
        raise ProviderFailure("transient", "answer_malformed")
    with file.path.open(encoding=encoding, newline="") as text:
        lines = _lines(text)
        header = next(lines, None)
        if header is None:
            return
        if not RECORD.knows(header):
            # Cells of a first row would pass for names of columns, and those are reported in clear.
            raise ProviderFailure("transient", "answer_malformed")
        for number, cells in enumerate(lines, start=1):
            if not any(cells):
                return  # what follows an empty line is the summary
            if len(cells) != len(header):
                raise ProviderFailure("transient", "answer_truncated")
            record = {name: cell or None for name, cell in zip(header, cells, strict=True)}
            ours = {
                "report": file.report,
                "report_date": file.day,
                "line": number,
                "merchant_id": file.merchant_id,
            }
            yield RECORD.row(record, ours)


def _lines(text: TextIOBase) -> Iterator[list[str]]:
    first = text.readline()
    delimiter = max(SETTLEMENT_FILE_DELIMITERS, key=first.count)
    text.seek(0)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        readable, cells = _next(reader)
        if not readable:
            raise ProviderFailure("transient", "answer_malformed")
        if cells is None:
            return
        yield [cell.strip() for cell in cells]


def _next(reader: Iterator[list[str]]) -> tuple[bool, list[str] | None]:
    try:
        return True, next(reader, None)
    except csv.Error:
        return False, None


def _encoding(path: Path) -> str | None:
    for encoding in SETTLEMENT_FILE_ENCODINGS:
        try:
            with path.open(encoding=encoding) as text:
                while text.read(1 << 20):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    return None
