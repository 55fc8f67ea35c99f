"""Searches bytes for people's data, whatever they are wrapped in: compressed, escaped, encoded, spelt another way.

Bytes are searched as they are and in every reading of them (decompressed, decoded), readings of readings included.
Numbers are compared by their digits, words without case and Turkish letters.
"""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tests.proofs.identity import BETWEEN_WORDS, Identity, joined

DEPTH = 4
"""Readings of readings: base64 of gzip of JSON with escapes has three."""
_LARGEST = 64 * 1024 * 1024

_LETTERS = {
    **{letter: letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"},
    **dict(zip("çğıöşüâîûÇĞİÖŞÜÂÎÛ", "cgiosuaiucgiosuaiu", strict=True)),
    "\N{COMBINING DOT ABOVE}": "",
    "\N{COMBINING CEDILLA}": "",
    "\N{COMBINING DIAERESIS}": "",
    "\N{COMBINING BREVE}": "",
}
_ASCII = bytes(ord(_LETTERS.get(chr(code), chr(code))) if code < 128 else code for code in range(256))
_BEYOND_ASCII = {letter.encode(): plain.encode() for letter, plain in _LETTERS.items() if ord(letter) > 127}
_ANY_BEYOND_ASCII = re.compile(b"|".join(map(re.escape, _BEYOND_ASCII)))
_TURKISH_CODEPAGE = bytes(
    ord(_LETTERS.get(letter, letter)) if (letter := bytes([code]).decode("iso8859_9")) in _LETTERS else code
    for code in range(256)
)

_NUMBERS = re.compile(rb"[0-9](?:[ \t.\-()/+_]{0,2}(?:\xc2\xa0)?[0-9]){9,}")
_SEPARATORS = BETWEEN_WORDS.encode()
_NOT_DIGITS = bytes(code for code in range(256) if not 48 <= code <= 57)
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{20,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{14,}(?:\r?\n[A-Za-z0-9+/_\-]{14,})*")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
_UTF16 = ((re.compile(rb"(?:[^\0][\0\1]){8,}"), "utf-16-le"), (re.compile(rb"(?:[\0\1][^\0]){8,}"), "utf-16-be"))
_JSON_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_URL_ESCAPE = re.compile(rb"%([0-9a-fA-F]{2})")
_WORTH_READING = re.compile(
    rb"[ -~]{6}|(?:[ -~]\0){5}|(?:\0[ -~]){5}|\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|\x28\xb5\x2f\xfd"
)
"""Decoded noise holds none of these, as a rule: texts, UTF-16, the beginnings of compressed streams."""
_ZLIB = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_ZIP_END = b"PK\x05\x06"
_PARQUET = b"PAR1"


class Sweep:
    """Knows whom to look for. `search` tells what of whom it found: ("label", "kind") pairs."""

    def __init__(self, people: Iterable[Identity], secrets: dict[str, str] | None = None) -> None:
        everybody = list(people)
        self._numbers = [
            (digits.encode(), (person.label, kind)) for person in everybody for kind, digits in person.numbers().items()
        ]
        self._words = [
            (spelling.encode(), (person.label, kind))
            for person in everybody
            for kind, spellings in person.words().items()
            for spelling in spellings
        ]
        self._words += [(joined(value.lower()).encode(), (label, "secret")) for label, value in (secrets or {}).items()]
        self._known: dict[bytes, frozenset[tuple[str, str]]] = {}

    def search(self, data: bytes) -> set[tuple[str, str]]:
        """Everything found in the bytes, in any reading of them. Bytes seen before cost a hash."""
        return set(self._remembered(data, DEPTH))

    def _remembered(self, data: bytes, depth: int) -> frozenset[tuple[str, str]]:
        # Zeroed pages of database files: nothing to read, much to search.
        data = data.replace(b"\0" * 64, b"")
        digest = blake2b(data, digest_size=16, salt=bytes([depth])).digest()
        known = self._known.get(digest)
        if known is None:
            found = self._plainly(data)
            if depth:
                for reading in readings(data):
                    found |= self._remembered(reading, depth - 1)
            known = self._known[digest] = frozenset(found)
        return known

    def _plainly(self, data: bytes) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        runs = b"\n".join(run.translate(None, _NOT_DIGITS) for run in set(_NUMBERS.findall(data)))
        if runs:
            found |= {what for digits, what in self._numbers if digits in runs}
        for folded in _foldings(data):
            found |= {what for word, what in self._words if word in folded}
        return found


def readings(data: bytes) -> Iterator[bytes]:
    """What the bytes may be, once one wrapping is taken off."""
    yield from _decompressed(data)
    yield from _unescaped(data)
    for pattern, encoding in _UTF16 if _has_pairs(data) else ():
        text = "\n".join(match[0].decode(encoding, "replace") for match in pattern.finditer(data))
        if text:
            yield text.encode("utf-8", "replace")
    for runs in _alignments(_HEXADECIMAL, data, 2):
        yield from _worth_reading(bytes.fromhex(_even(run).decode()) for run in runs)
    for runs in _alignments(_BASE64, data, 4):
        yield from _worth_reading(base64.b64decode(_fours(run.translate(_URLSAFE, b"\r\n"))) for run in runs)


def _alignments(pattern: re.Pattern[bytes], data: bytes, size: int) -> Iterator[list[bytes]]:
    # What stands before an encoded text may look like a part of it.
    runs = set(pattern.findall(data))
    return ([run[offset:] for run in runs] for offset in range(size))


def _has_pairs(data: bytes) -> bool:
    """Whether eight bytes have a 0 or 1 after, or before, each: the look of UTF-16, whose expressions are slow."""
    codes = np.frombuffer(data, np.uint8)
    low, high = codes != 0, codes <= 1
    for first, second in ((low, high), (high, low)):
        pairs = first[:-1] & second[1:]
        for step in (2, 4, 8):  # runs of two, four, eight pairs
            pairs = pairs[:-step] & pairs[step:]
        if pairs.any():
            return True
    return False


def _worth_reading(decoded: Iterable[bytes]) -> Iterator[bytes]:
    if whole := b"\n".join(each for each in decoded if _WORTH_READING.search(each)):
        yield whole


def _foldings(data: bytes) -> Iterator[bytes]:
    folded = data.translate(_ASCII)
    if not data.isascii():
        yield data.translate(_TURKISH_CODEPAGE, _SEPARATORS)
        folded = _ANY_BEYOND_ASCII.sub(lambda match: _BEYOND_ASCII[match[0]], folded)
    yield folded.translate(None, _SEPARATORS)


def _even(run: bytes) -> bytes:
    return run[: len(run) // 2 * 2]


def _fours(run: bytes) -> bytes:
    # What is left over holds two bytes at most; padded, it counts too.
    whole, rest = divmod(len(run), 4)
    return run[: whole * 4] + (run[whole * 4 :] + b"=" * (4 - rest) if rest > 1 else b"")


def _unescaped(data: bytes) -> Iterator[bytes]:
    def character(match: re.Match[bytes]) -> bytes:
        return chr(int(match[1], 16)).encode("utf-8", "replace") if match[1] else bytes([int(match[2], 16)])

    plain, count = _JSON_ESCAPE.subn(character, data)
    if count:
        yield plain
    plain, count = _URL_ESCAPE.subn(lambda match: bytes([int(match[1], 16)]), data)
    if count:
        yield plain


def _decompressed(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    for match in _ZLIB.finditer(data):
        try:
            # 47: gzip or zlib, by its header. What follows the stream, or is missing of it, does not matter.
            inside = zlib.decompressobj(47).decompress(view[match.start() :], _LARGEST)
        except zlib.error:
            continue
        if len(inside) >= 10:
            yield inside
    start = data.find(_ZSTANDARD)
    while start >= 0:
        yield from _zstandard(data[start:])
        start = data.find(_ZSTANDARD, start + 1)
    if _ZIP_END in data:
        yield from _zipped(data)
    if data[:4] == _PARQUET == data[-4:]:
        out = io.BytesIO()
        table = pq.read_table(io.BytesIO(data))
        texts = [column.cast(pa.string()) if _as_text(column.type) else column for column in table.columns]
        pyarrow.csv.write_csv(pa.Table.from_arrays(texts, names=table.column_names), out)
        yield out.getvalue()


def _as_text(kind: pa.DataType) -> bool:
    return pa.types.is_decimal(kind) or pa.types.is_temporal(kind) or pa.types.is_boolean(kind)


def _zstandard(data: bytes) -> Iterator[bytes]:
    read: list[bytes] = []
    stream = pa.CompressedInputStream(pa.BufferReader(data), "zstd")
    with suppress(OSError):
        while part := stream.read(32):
            read.append(part)
    if read:
        yield b"".join(read)


def _zipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode() + b"\n" + archive.read(name)
    except zipfile.BadZipFile:
        return
