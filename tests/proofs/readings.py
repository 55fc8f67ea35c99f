"""What bytes may be read as: decompressed, decoded, unescaped; and folded, as letters are compared."""

from __future__ import annotations

import base64
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from tests.proofs.identity import BETWEEN_WORDS

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
_GONE = 1
_PLAIN = np.zeros(65_536, np.uint8)
"""By the two bytes of a letter in UTF-8: its plain letter, `_GONE` for a mark, 0 for whatever is no letter of ours."""
for _letter, _plain in _LETTERS.items():
    if ord(_letter) > 127:
        _PLAIN[int.from_bytes(_letter.encode(), "big")] = ord(_plain) if _plain else _GONE
_TURKISH_CODEPAGE = bytes(
    ord(_LETTERS.get(letter, letter)) if (letter := bytes([code]).decode("iso8859_9")) in _LETTERS else code
    for code in range(256)
)
_SEPARATORS = BETWEEN_WORDS.encode()
_HEXADECIMAL = re.compile(rb"[0-9a-fA-F]{20,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_\-]{14,}(?:\r?\n[A-Za-z0-9+/_\-]{14,})*")
_URLSAFE = bytes.maketrans(b"-_", b"+/")
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


def readings(data: bytes) -> Iterator[bytes]:
    """What the bytes may be, once one wrapping is taken off."""
    yield from _decompressed(data)
    yield from _unescaped(data)
    yield from _of_two_bytes(data)
    for runs in _alignments(_HEXADECIMAL, data, 2):
        yield from _worth_reading(bytes.fromhex(_even(run).decode()) for run in runs)
    for runs in _alignments(_BASE64, data, 4):
        yield from _worth_reading(base64.b64decode(_fours(run.translate(_URLSAFE, b"\r\n"))) for run in runs)


def _alignments(pattern: re.Pattern[bytes], data: bytes, size: int) -> Iterator[list[bytes]]:
    # What stands before an encoded text may look like a part of it.
    runs = set(pattern.findall(data))
    return ([run[offset:] for run in runs] for offset in range(size))


def _of_two_bytes(data: bytes) -> Iterator[bytes]:
    """UTF-16 of either order at either place: eight characters or more whose high byte is 0 or 1."""
    codes = np.frombuffer(data, np.uint8)
    for start, high in ((0, 0), (0, 1), (1, 0), (1, 1)):
        pairs = codes[start : start + (len(codes) - start) // 2 * 2].reshape(-1, 2)
        good = (pairs[:, 1 - high] != 0) & (pairs[:, high] <= 1)
        long = good
        for step in (1, 2, 4):  # runs of two, four, eight characters begin here
            long = long[:-step] & long[step:]
        if not long.any():
            continue
        inside = np.zeros(len(pairs), bool)
        for step in range(8):
            inside[step : step + len(long)] |= long
        ends = np.flatnonzero(inside[:-1] & ~inside[1:]) + 1
        characters = pairs[:, high].astype(np.uint16) << 8 | pairs[:, 1 - high]
        characters[ends] = ord("\n")
        inside[ends] = True
        yield characters[inside].astype("<u2").tobytes().decode("utf-16-le", "replace").encode()


def _worth_reading(decoded: Iterable[bytes]) -> Iterator[bytes]:
    if whole := b"\n".join(each for each in decoded if _WORTH_READING.search(each)):
        yield whole


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
    stream = pa.CompressedInputStream(pa.BufferReader(data[: _frame_length(data)]), "zstd")
    with suppress(OSError):
        while part := stream.read(32):
            read.append(part)
    if read:
        yield b"".join(read)


def _frame_length(data: bytes) -> int:
    """How long a Zstandard frame is (RFC 8878, 3.1.1): what follows would spoil the reading of its end."""
    described = data[4] if len(data) > 4 else 0
    single, sized = described >> 5 & 1, described >> 6
    place = 5 + (1 - single) + (0, 1, 2, 4)[described & 3] + ((single, 2, 4, 8)[sized])
    last = 0
    while not last and place + 3 <= len(data):
        block = int.from_bytes(data[place : place + 3], "little")
        last, repeated = block & 1, block >> 1 & 3 == 1
        place += 3 + (1 if repeated else block >> 3)
    return place + (4 if described & 4 else 0)


def _zipped(data: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name.encode() + b"\n" + archive.read(name)
    except zipfile.BadZipFile:
        return


def foldings(data: bytes) -> Iterator[bytes]:
    """The bytes as words are compared: lower case, without Turkish marks and what may stand between parts."""
    folded = data.translate(_ASCII)
    if not data.isascii():
        yield data.translate(_TURKISH_CODEPAGE, _SEPARATORS)
        folded = _without_marks(folded)
    yield folded.translate(None, _SEPARATORS)


def _without_marks(data: bytes) -> bytes:
    codes = np.frombuffer(data, np.uint8)
    plain = _PLAIN[(codes[:-1].astype(np.uint16) << 8) | codes[1:]]
    places = np.flatnonzero(plain)
    written, kept = codes.copy(), np.ones(len(codes), bool)
    written[places] = plain[places]
    kept[places[plain[places] == _GONE]] = False
    kept[places + 1] = False
    return written[kept].tobytes()
