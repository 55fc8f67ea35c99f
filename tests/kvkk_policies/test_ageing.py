"""What is past its retention does not come in: whole rows, columns and decimals, by the record's own day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Column, Snapshot, Stream
from kvkk_policies.ageing import Ages, Cutoff
from kvkk_policies.detect.span import Span
from kvkk_policies.gate import Gate
from kvkk_policies.gated import Gated
from kvkk_policies.policy import ColumnPolicy, ProviderPolicy, StreamPolicy
from kvkk_policies.pseudonym import Pseudonymiser
from tests.support.shop import NoDetector, tckn

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))
NUMBER, PHONE = tckn(100_000_001), "05320000001"
OLD, WORN, FRESH = (datetime(year, 5, 1, tzinfo=UTC) for year in (2010, 2024, 2026))
TEN_YEARS, ONE_YEAR = (Cutoff(datetime(year, 4, 30, 21, tzinfo=UTC), date(year, 5, 1)) for year in (2016, 2025))

STREAM = Stream(
    name="things",
    title="Things",
    description="Things.",
    columns=(
        Column("key", "text", "Key.", nullable=False),
        Column("at", "timestamp", "When."),
        Column("day", "date", "Which day."),
        Column("changed", "timestamp", "Last change."),
        Column("tckn", "text", "Who."),
        Column("phone", "text", "Whose number."),
        Column("latitude", "decimal", "Where."),
        Column("note", "text", "What was said."),
    ),
    key=("key",),
    version="changed",
    plan=Snapshot(),
)
COLUMNS = {
    name: ColumnPolicy(name, category, "contract", "P1Y", action, **more)
    for name, category, action, more in (
        ("key", "MUSTERI", "keep", {}),
        ("at", "MUSTERI", "keep", {}),
        ("day", "MUSTERI", "keep", {}),
        ("changed", "MUSTERI", "keep", {}),
        ("tckn", "KIMLIK", "vault", {"kind": "tckn", "subject": "owner"}),
        ("phone", "ILETISIM", "vault", {"kind": "phone", "subject": "owner"}),
        ("latitude", "LOKASYON", "keep", {}),
        ("note", "MUSTERI", "scan", {"subject": "owner", "params": {"vault": True}}),
    )
}


def ages(dated: str | None = "at", **more: Any) -> Ages:
    """Ten years for the row, one for phone and note, one for what is behind the third decimal."""
    given: dict[str, Any] = {
        "deleted": TEN_YEARS,
        "emptied": ((ONE_YEAR, ("phone", "note")),),
        "coarsened": ((ONE_YEAR, "latitude", 3),),
        "naming": ("tckn", "phone"),
    }
    return Ages(dated, "changed", **(given | more))


class FindsPhone(NoDetector):
    def scan(self, texts: Any) -> list[list[Any]]:
        return [[Span(text.index(PHONE), text.index(PHONE) + len(PHONE), "TR_PHONE")] for text in texts]


def row(key: str, at: datetime | None, **changes: Any) -> dict[str, Any]:
    return {
        "key": key,
        "at": at,
        "day": None,
        "changed": None,
        "tckn": NUMBER,
        "phone": PHONE,
        "latitude": "41.0125",
        "note": f"ara {PHONE}",
    } | changes


def gated(by: Ages | None, *rows: dict[str, Any]) -> Gated:
    policy = StreamPolicy("things", "x", (), (), COLUMNS, dated="at")
    gate = Gate({"p": ProviderPolicy("p", 1, {"things": policy}, Path("p.yaml"))}, FindsPhone())
    return gate.apply(provider="p", stream=STREAM, rows=rows, pseudonymiser=PSEUDONYMISER, ages=by)


def test_a_row_that_is_over_does_not_come_in_and_leaves_nothing_for_the_vault() -> None:
    done = gated(ages(), row("old", OLD))

    assert (done.table.num_rows, done.expired, done.aged) == (0, (0,), 0)
    assert (done.originals, done.identifiers, done.texts, done.mentions) == ([], [], [], [])


def test_columns_that_are_over_come_empty_and_the_rest_of_the_row_comes() -> None:
    done = gated(ages(), row("worn", WORN), row("fresh", FRESH, phone="05320000009"), row("old", OLD))

    worn, fresh = done.table.to_pylist()
    assert (worn["phone"], worn["note"], worn["latitude"]) == (None, None, Decimal("41.013000000"))
    assert worn["tckn"] == PSEUDONYMISER.one("tckn", NUMBER) == fresh["tckn"]
    assert (fresh["latitude"], fresh["note"][:5]) == (Decimal("41.012500000"), "ara <")
    assert {each.value for each in done.originals} == {NUMBER, "05320000009"}
    assert [each.row_key for each in done.texts] == [each.row_key for each in done.mentions] == ["fresh"]
    assert (done.expired, done.aged) == ((2,), 1)


def test_halves_are_rounded_away_from_zero_as_the_database_does() -> None:
    done = gated(ages(), row("n", WORN, latitude="-41.0125"), row("s", WORN, latitude="41.0115"))

    assert done.table.column("latitude").to_pylist() == [Decimal("-41.013000000"), Decimal("41.012000000")]


@pytest.mark.parametrize(
    ("at", "changed", "rows"),
    [
        (TEN_YEARS.moment, OLD, 1),
        (None, OLD, 0),
        (None, FRESH, 1),
        (None, None, 1),
        (OLD, FRESH, 0),
    ],
)
def test_the_records_day_counts_first_its_last_change_then_and_its_fetch_last(
    at: datetime | None, changed: datetime | None, rows: int
) -> None:
    assert gated(ages(), row("k", at, changed=changed)).table.num_rows == rows


@pytest.mark.parametrize(("day", "rows"), [(date(2016, 4, 30), 0), (date(2016, 5, 1), 1)])
def test_a_day_is_over_with_its_end_in_istanbul(day: date, rows: int) -> None:
    assert gated(ages("day"), row("k", None, day=day)).table.num_rows == rows


def test_what_is_under_a_hold_comes_in_whole() -> None:
    held = ages(held=frozenset({PSEUDONYMISER.one("tckn", NUMBER)}))
    done = gated(held, row("old", OLD), row("other", OLD, tckn=tckn(200_000_002), phone=None))

    assert done.table.column("key").to_pylist() == ["old"]
    assert done.table.column("phone").null_count == 0
    assert (done.expired, done.aged) == ((1,), 0)


def test_rows_that_are_all_fresh_come_as_they_would_without_ages() -> None:
    rows = [row("a", FRESH), row("b", FRESH, phone=None)]
    with_ages, without = gated(ages(), *rows), gated(None, *rows)

    assert with_ages.table.equals(without.table)
    assert (with_ages.originals, with_ages.texts) == (without.originals, without.texts)
    assert (with_ages.expired, with_ages.aged) == ((), 0)
