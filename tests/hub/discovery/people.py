"""Invented values for sources to scan, and markers that nothing shown may hold."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

MARKER_NAME = "Zübeyir Kırkpınaroğlu"
MARKER_WORD = "kavanozmarkası"
MARKER_DIGITS = "98765439871"
MARKERS = (MARKER_NAME, "Kırkpınaroğlu", MARKER_WORD, MARKER_DIGITS)


def tckns(count: int) -> list[str]:
    """Well-formed identity numbers, the same ones every time."""
    chance = random.Random(1)
    found: list[str] = []
    for _ in range(count):
        digits = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(8))]
        odd, even = sum(digits[0::2]), sum(digits[1::2])
        digits.append((7 * odd - even) % 10)
        digits.append((odd + even + digits[9]) % 10)
        found.append("".join(map(str, digits)))
    return found


def phones(count: int) -> list[str]:
    """Mobile numbers of a block that nobody has."""
    return [f"0532 000 {number // 100:02d} {number % 100:02d}" for number in range(count)]


HEADING = ("Müşteri No", "Ad Soyad", "TC Kimlik No", "Cep Tel", "Doğum Tarihi", "Tutar", "Açıklama", "Son Güncelleme")


def customers(count: int = 60) -> list[tuple[str, ...]]:
    """Rows under `HEADING`."""
    return [
        (
            str(number + 1),
            "Ayşe Yılmaz" if number % 2 else MARKER_NAME,
            tckn,
            phone,
            f"1{number % 9}.03.19{70 + number % 20}",
            f"{number},50",
            f"{phone} numarasını arayın, {MARKER_WORD}" if number % 3 else "teslim edildi, sorun yok",
            f"2026-01-{number % 28 + 1:02d} 10:{number % 60:02d}:00",
        )
        for number, (tckn, phone) in enumerate(zip(tckns(count), phones(count), strict=True))
    ]


def write_csv(path: Path, rows: Iterable[Iterable[str]], *, encoding: str = "utf-8", delimiter: str = ";") -> Path:
    """A CSV file as Turkish Excel writes it, unless told otherwise."""
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    return path
