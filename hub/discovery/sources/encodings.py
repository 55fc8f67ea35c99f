"""In which encoding a text file was written. Nobody says; Turkish Excel writes Windows-1254, newer programs UTF-8.

A file is UTF-8 if all of it decodes: a name with Turkish letters may first come after a million rows without any.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from hub.errors import HubError

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 26, 27}


def encoding_of(path: Path) -> str:
    """Python's name of the encoding. HubError `scan_format_unknown` where the bytes are no text."""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    # Latin letters in UTF-16 are every second byte a NUL.
    if len(head) >= 4 and head[1::2].count(0) > 0.4 * len(head) / 2:
        return "utf-16-le"
    if len(head) >= 4 and head[::2].count(0) > 0.4 * len(head) / 2:
        return "utf-16-be"
    if decodes(path, "utf-8"):
        return "utf-8"
    strange = sum(byte in _CONTROL for byte in head)
    if strange > 0.01 * len(head) or not decodes(path, "cp1254"):
        raise HubError("scan_format_unknown", path=str(path))
    return "cp1254"


def decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is of that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def first_text(path: Path, encoding: str, characters: int = 4096) -> str:
    """The file's first characters."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            return file.read(characters)
    except UnicodeDecodeError:
        pass
    raise HubError("scan_format_unknown", path=str(path))
