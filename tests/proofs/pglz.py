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

import numpy as np

_PAGE = 8192
_SMALLEST = 32
"""Postgres compresses nothing shorter."""
_LARGEST = 1 << 22
_LONGEST_COPY = 273


def shrunk_by_postgres(data: bytes) -> Iterator[bytes]:
    """Every compressed value in the bytes, as far as it can be read there, all in one answer."""
    read = b"\n".join(text for place in _beginnings(data) if len(text := _expanded(data, place)) >= _SMALLEST)
    if read:
        yield read


def _beginnings(data: bytes) -> list[int]:
    """Where the items of what may be a compressed value begin."""
    if len(data) < _SMALLEST:
        return []
    codes = np.frombuffer(data, np.uint8).astype(np.uint32)
    numbers = codes[:-3] | codes[1:-2] << 8 | codes[2:-1] << 16 | codes[3:] << 24
    count = len(codes) - _SMALLEST + 1
    length, size, flags = numbers[:count], numbers[4 : 4 + count], codes[8 : 8 + count]
    packed = length >> 2
    likely = (
        (length & 1 == 0)  # 10 for a compressed value in its row, 00 for a chunk of one
        & (packed > 12)
        & (packed <= _PAGE)
        & (size < _LARGEST)
        & (size * 3 >= (packed - 8) * 4)  # Postgres keeps only what it shrank by a quarter
        & (flags & 0b111 == 0)  # there is nothing yet that the first items could copy
    )
    for place in (9, 10, 11):
        likely &= (codes[place : place + count] >= 32) | (codes[place : place + count] == 10)
    return (np.flatnonzero(likely) + 8).tolist()


def _expanded(data: bytes, place: int) -> bytes:
    """What the items say, until they end or make no sense."""
    size = int.from_bytes(data[place - 4 : place], "little")
    end = min(len(data), place - 8 + (int.from_bytes(data[place - 8 : place - 4], "little") >> 2))
    out = bytearray()
    while place < end and len(out) < size:
        flags, place = data[place], place + 1
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
            for _ in range(length):
                out.append(out[-back])
    return bytes(out)
