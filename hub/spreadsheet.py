"""CSV that people open in a spreadsheet, and CSV that comes back from one.

Excel splits a file by the list separator of its reader's country and takes UTF-8 for the machine's code page unless a
byte order mark says otherwise: in Turkey a comma splits nothing, since it is the decimal mark. So a Turkish file has
semicolons and decimal commas, an English one commas and points, and both begin with the mark. A text that a spreadsheet
would run as a formula begins with an apostrophe (OWASP, "CSV injection"). Every CSV that somebody downloads is written
here, in the language in use; or `plain` for a program that asked for no language: RFC 4180, commas and points, no mark.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TextIO

from hub.i18n import language_in_use

Cell = str | int | Decimal | None

BYTE_ORDER_MARK = "\ufeff"
_DELIMITERS = {"tr": ";", "en": ","}
_DECIMAL_MARKS = {"tr": ",", "en": "."}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """The text, so that no spreadsheet runs it."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


class SheetWriter:
    """Writes one file to a text stream. Texts are guarded; numbers are written as the language does, or plainly."""

    def __init__(self, stream: Any, headings: Sequence[str], *, plain: bool = False) -> None:
        language = "en" if plain else language_in_use()
        self._decimal_mark = _DECIMAL_MARKS[language]
        self._lines = csv.writer(stream, delimiter=_DELIMITERS[language], lineterminator="\r\n")
        if not plain:
            stream.write(BYTE_ORDER_MARK)
        self.write(headings)

    def write(self, cells: Iterable[Cell]) -> None:
        """One line."""
        self._lines.writerow([self._shown(cell) for cell in cells])

    def _shown(self, cell: Cell) -> str | int | None:
        if isinstance(cell, str):
            return guarded(cell)
        return format(cell, "f").replace(".", self._decimal_mark) if isinstance(cell, Decimal) else cell


def sheet(headings: Sequence[str], lines: Iterable[Iterable[Cell]], *, plain: bool = False) -> bytes:
    """A whole file in memory."""
    text = io.StringIO(newline="")
    writer = SheetWriter(text, headings, plain=plain)
    for line in lines:
        writer.write(line)
    return text.getvalue().encode()


def read_sheet(stream: TextIO) -> Iterator[dict[str, str]]:
    """Lines by heading of a file that a spreadsheet in either language saved. csv.Error where it is none."""
    first = stream.readline().removeprefix(BYTE_ORDER_MARK)
    splits = max(_DELIMITERS.values(), key=first.count)
    names = next(csv.reader([first or "\n"], delimiter=splits))
    yield from csv.DictReader(stream, names, delimiter=splits)
