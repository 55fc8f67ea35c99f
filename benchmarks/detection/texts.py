r"""Reads the labelled texts: a set is a folder of files, one trade each, that a person can read and edit.

A line is one text, in which `[[LABEL|value]]` marks a span; `\n` is a line break. A line `# style: name` gives the
style of the lines below it. Texts of the style `nfd` are decomposed here (NFD), which no editor would keep.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kvkk_policies.detect.span import Span

FOLDER = Path(__file__).parent
TUNED_ON = ("dev", "third", "fourth")
"""The sets whose misses a developer may read."""
SETS = (*TUNED_ON, "test")
MARK = re.compile(r"\[\[([A-Z_]+)\|([^\[\]|]+)\]\]")
LABELS = frozenset(
    [
        "BIRTH_DATE",
        "CREDIT_CARD",
        "CREDIT_CARD_SUSPECT",
        "EMAIL",
        "GEO",
        "IMEI",
        "IP_ADDRESS",
        "MAC_ADDRESS",
        "PERSON",
        "TR_ADDRESS",
        "TR_DRIVER_LICENCE",
        "TR_IBAN",
        "TR_IBAN_SUSPECT",
        "TR_ID_SERIAL",
        "TR_MERSIS",
        "TR_PASSPORT",
        "TR_PHONE",
        "TR_PLATE",
        "TR_SGK",
        "TR_TCKN",
        "TR_TCKN_SUSPECT",
        "TR_UAVT",
        "TR_VKN",
        "TR_VKN_SUSPECT",
        "VIN",
    ]
)
"""What the texts mark, found by a recognizer today or not."""
STYLE = re.compile(r"# style: (\w+)")


class BadMark(ValueError):
    """A line's marks cannot be read. Says the file and the line number."""


@dataclass(frozen=True)
class LabelledText:
    """`text` and the spans a person marked in it, in code points, in order; no spans means a clean text."""

    identifier: str
    trade: str
    style: str
    text: str
    spans: tuple[Span, ...]


def parse(line: str, *, decomposed: bool = False) -> tuple[str, tuple[Span, ...]]:
    """The text without its marks, and the marked spans. Raises ValueError for an unknown label or an open mark."""
    form: Literal["NFC", "NFD"] = "NFD" if decomposed else "NFC"
    pieces = MARK.split(line)
    text = ""
    spans: list[Span] = []
    for i in range(0, len(pieces), 3):
        text += _plain(pieces[i], form)
        if i + 1 < len(pieces):
            if pieces[i + 1] not in LABELS:
                raise ValueError(f"no label {pieces[i + 1]}")
            start = len(text)
            text += _plain(pieces[i + 2], form)
            spans.append(Span(start, len(text), pieces[i + 1]))
    if "[[" in text or "]]" in text:
        raise ValueError("a mark that does not close")
    return text, tuple(spans)


def read(name: str) -> list[LabelledText]:
    """All texts of one of `SETS`, in the files' order."""
    return [each for path in sorted((FOLDER / name).glob("*.txt")) for each in _of_file(path)]


def _of_file(path: Path) -> Iterator[LabelledText]:
    style = "normal"
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if heading := STYLE.fullmatch(line):
            style = heading[1]
        elif line:
            try:
                text, spans = parse(line, decomposed=style == "nfd")
            except ValueError as error:
                raise BadMark(f"{path.name}:{number}: {error}") from error
            yield LabelledText(f"{path.stem}-{number:03d}", path.stem, style, text, spans)


def _plain(piece: str, form: Literal["NFC", "NFD"]) -> str:
    return unicodedata.normalize(form, piece.replace("\\n", "\n"))
