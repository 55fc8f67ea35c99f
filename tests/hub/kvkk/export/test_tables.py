"""Tables as CSV and JSON, and the package's writer at very many rows."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pyzipper

from hub.i18n import speaking
from hub.kvkk.export.package import Package, new_passphrase
from hub.kvkk.export.spool import Spool
from hub.kvkk.export.tables import write_table
from hub.kvkk.stores import Section

# As JSON 7 MB, as CSV 5 MB; in the long form 24 MB and 16 MB.
FORMS = [pytest.param(30_000, id="small"), pytest.param(100_000, id="full", marks=pytest.mark.prove)]
BYTES_AT_ONCE = 3_000_000


def nothing() -> None:
    """Nobody counts along."""


def written(rows: list[dict[str, Any]]) -> tuple[list[list[str]], Any]:
    """What a spreadsheet and a program read back."""
    as_csv, as_json = io.BytesIO(), io.BytesIO()
    with speaking("tr"):
        assert write_table(iter(rows), as_csv.write, as_json.write, nothing) == len(rows)
    lines = csv.reader(io.StringIO(as_csv.getvalue().decode("utf-8-sig"), newline=""), delimiter=";")
    return list(lines), json.loads(as_json.getvalue())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "1"),
        (-5, "-5"),
        (Decimal("-12.500000000"), "-12,50"),
        (Decimal("1000.000000000"), "1000"),
        (Decimal("0.123456789"), "0,123456789"),
        (datetime(2026, 11, 2, 22, 30, tzinfo=UTC), "2026-11-03 01:30:00"),
        (date(2026, 11, 2), "2026-11-02"),
        (["a", "b"], '["a", "b"]'),
        ("=1+1", "'=1+1"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ('Şişli; "ı"\n', 'Şişli; "ı"\n'),
    ],
)
def test_values_are_written_as_people_in_turkey_read_them(value: Any, shown: str) -> None:
    assert written([{"a": value}])[0] == [["a"], [shown]]


def test_json_holds_the_exact_values() -> None:
    _, (row,) = written([{"amount": Decimal("0.10"), "at": datetime(2026, 11, 2, tzinfo=UTC), "n": 1, "none": None}])

    assert row == {"amount": "0.10", "at": "2026-11-02T03:00:00+03:00", "n": 1, "none": None}


def test_an_empty_table_is_an_empty_list() -> None:
    assert written([]) == ([], [])


def test_what_waits_on_disk_is_not_readable(tmp_path: Path) -> None:
    class Seen(Spool):
        def raw(self) -> bytes:
            self._file.seek(0)
            return self._file.read()

    with Seen(tmp_path) as spool:
        spool.write(b"Ayse Yilmaz " * 1000)
        spool.write(b"Moda")
        assert b"Ayse" not in spool.raw()
        assert b"".join(spool.chunks()) == b"Ayse Yilmaz " * 1000 + b"Moda"
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("many", FORMS)
def test_many_rows_are_packed_in_a_few_megabytes_of_memory(tmp_path: Path, many: int) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        at = datetime(2026, 11, 2, tzinfo=UTC)
        for number in range(many):
            yield {"id": f"T{number}", "at": at, "price": Decimal(number), "note": f"{number} numaralı sipariş " * 5}

    counted: list[int] = []
    tracemalloc.start()
    try:
        with Package(tmp_path / "p.zip", "passphrase") as package:
            assert package.add_table(Section("iyzico", "transactions", rows()), lambda: counted.append(1)) == many
            package.finish({})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert len(counted) == many
    assert peak < BYTES_AT_ONCE
    with pyzipper.AESZipFile(tmp_path / "p.zip") as read:
        read.setpassword(b"passphrase")
        assert read.read("data/iyzico/transactions.json").count(b"\n") == many + 2
        assert read.read("data/iyzico/transactions.csv").count(b"\r\n") == many + 1


def test_passphrases_differ_and_can_be_read_out() -> None:
    made = {new_passphrase() for _ in range(100)}

    assert len(made) == 100
    assert not set("".join(made)) & set("ilo01ILO")
