"""Provider values to typed columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from connectors.contract import ColumnType
from connectors.failure import ProviderFailure
from kvkk_policies.columns import convert

ISTANBUL = timezone(timedelta(hours=3))


@pytest.mark.parametrize(
    ("column_type", "values", "expected"),
    [
        ("text", ["a", "", None, 905550000002, Decimal("1.50")], ["a", None, None, "905550000002", "1.50"]),
        ("text", ["nul\0byte"], ["nulbyte"]),
        ("text", ["half \ud83d emoji"], ["half \ufffd emoji"]),
        ("int", [1, "2", " 3 ", "", None, Decimal(4)], [1, 2, 3, None, None, 4]),
        ("decimal", ["1.10", Decimal("2.5"), 3, None, ""], [Decimal("1.1"), Decimal("2.5"), Decimal(3), None, None]),
        ("decimal", ["0.1", "123456789012345678.123456789"], [Decimal("0.1"), Decimal("123456789012345678.123456789")]),
        ("bool", [True, 1, "1", "true", False, 0, "0", "false", None, ""], [True] * 4 + [False] * 4 + [None] * 2),
        ("date", ["2026-03-01", None, ""], [date(2026, 3, 1), None, None]),
        ("date", [date(2026, 3, 1)], [date(2026, 3, 1)]),
        ("json", [{"a": [1, Decimal("1.5"), "ç"]}, None, '{"b":1}'], ['{"a":[1,"1.5","ç"]}', None, '{"b":1}']),
    ],
)
def test_values_become_typed(column_type: ColumnType, values: list[Any], expected: list[Any]) -> None:
    assert convert(values, column_type, name="field").to_pylist() == expected


def test_a_timestamp_is_placed_in_utc() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=ISTANBUL)

    for value in (noon, noon.astimezone(UTC), "2026-03-01T12:00:00+03:00", "2026-03-01 09:00:00Z"):
        assert convert([value, None], "timestamp", name="at").to_pylist() == [noon.astimezone(UTC), None]


def test_microseconds_survive() -> None:
    moment = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)

    assert convert([moment], "timestamp", name="at").to_pylist() == [moment]


@pytest.mark.parametrize(
    ("column_type", "value"),
    [
        ("text", 1.5),
        ("text", True),
        ("text", {"a": 1}),
        ("text", ["a"]),
        ("int", "12a"),
        ("int", 1.0),
        ("int", True),
        ("int", Decimal("1.5")),
        # Written out, each would fill the memory.
        ("int", Decimal("1e999999999")),
        ("text", Decimal("1e999999999")),
        ("json", {"a": Decimal("1e999999999")}),
        ("json", {"a": [Decimal("1e-999999999")]}),
        ("int", 2**63),
        ("decimal", 1.5),
        ("decimal", "12,5"),
        ("decimal", Decimal("NaN")),
        ("decimal", "1.1234567891"),
        ("bool", "yes"),
        ("bool", 2),
        ("bool", 1.0),
        ("timestamp", datetime(2026, 3, 1)),  # noqa: DTZ001 - a naive datetime is what must be refused
        ("timestamp", "2026-03-01 12:00:00"),
        ("timestamp", 1_700_000_000),
        ("date", datetime(2026, 3, 1, tzinfo=UTC)),
        ("date", "01.03.2026"),
        ("json", "{broken"),
        ("json", {"a": object()}),
    ],
)
def test_a_wrong_type_names_the_column_and_shows_no_value(column_type: ColumnType, value: Any) -> None:
    with pytest.raises(ProviderFailure) as caught:
        convert([None, value], column_type, name="field")

    assert (caught.value.kind, caught.value.code, caught.value.field) == ("transient", "wrong_type", "field")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
