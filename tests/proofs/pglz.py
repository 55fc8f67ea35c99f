"""Values that Postgres compressed (pglz), wherever they stand in its pages and its log.

A row of more than two kilobytes has its long values compressed. What pglz writes is the text with a byte of flags
before every eight items, so a number of eleven digits is broken by one: nobody would find it by looking at the page.

Layout (src/include/varatt.h, src/common/pg_lzcompress.c): four bytes of length, of which the lowest two bits are 10 for
a compressed value in its row; four bytes with the size before compression and the method in the highest two bits; then
groups of a flag byte and eight items. A value that was moved out to its TOAST table keeps the second and third part, as
the content of its first chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

_PAGE = 8192
_SMALLEST = 32
"""Postgres compresses nothing shorter."""
_LARGEST = 1 << 22
_LONGEST_COPY = 273
_PRINTED = np.array([code >= 32 or code == 10 for code in range(256)])


def shrunk_by_postgres(data: bytes) -> Iterator[bytes]:
    """Every compressed value in the bytes, as far as it can be read there, all in one answer."""
    read = b"\n".join(text for place in _beginnings(data) if len(text := _expanded(data, place)) >= _SMALLEST)
    if read:
        yield read


def _beginnings(data: bytes) -> list[int]:
    """Where the items of what may be a compressed value begin."""
    if len(data) < _SMALLEST:
        return []
    # Bytes first, and numbers only where those fit: nearly everything falls out before it costs anything.
    codes = np.frombuffer(data, np.uint8)
    count = len(codes) - _SMALLEST + 1
    # 10 in the lowest bits for a compressed value in its row, 00 for a chunk of one; three items that copy nothing yet.
    places = np.flatnonzero((codes[:count] & 1) | (codes[8 : 8 + count] & 0b111) == 0)
    for after in (9, 10, 11):
        places = places[_PRINTED[codes[places + after]]]
    packed, size = _numbers(codes, places) >> 2, _numbers(codes, places + 4)
    fits = (
        (packed > 12)
        & (packed <= _PAGE)
        & (size < _LARGEST)
        & (size * 3 >= (packed - 8) * 4)  # Postgres keeps only what it shrank by a quarter
    )
    return (places[fits] + 8).tolist()


def _numbers(codes: np.ndarray[Any, np.dtype[np.uint8]], places: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """What stands in four bytes at each place, the lowest first."""
    return sum(codes[places + byte].astype(np.int64) << 8 * byte for byte in range(4))


def _expanded(data: bytes, place: int) -> bytes:
    """What the items say, until they end or make no sense."""
    size = int.from_bytes(data[place - 4 : place], "little")
    end = min(len(data), place - 8 + (int.from_bytes(data[place - 8 : place - 4], "little") >> 2))
    out = bytearray()
    while place < end and len(out) < size:
        flags, place = data[place], place + 1
        if not flags and place + 8 <= end and len(out) + 8 <= size:
            out += data[place : place + 8]
            place += 8
            continue
        for item in range(8):
            if place >= end or len(out) >= size:
                break
            if not flags >> item & 1:
                out.append(data[place])
                place += 1
                continue
            if place + 1 >= end:
                return bytes(out)
            length, back = (data[place] & 0x0F) + 3, (data[place] & 0xF0) << 4 | data[place + 1]
            place += 2
            if length == 18 and place < end:
                length, place = length + data[place], place + 1
            if not 0 < back <= len(out) or length > _LONGEST_COPY:
                return b""
            # A copy may reach into what it writes, and then repeats itself.
            copied = out[-back : len(out) - back + length]
            out += (copied * (length // len(copied) + 1))[:length]
    return bytes(out)
