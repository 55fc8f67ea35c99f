from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.fields import CONVERTERS, RecordMap, field, snake_case, to_moment

RECORD = RecordMap(
    (
        field("orderId", "text", "Order", required=True),
        field("paidPrice", "decimal", "Price"),
        field("threeDS", "bool", "Confirmed"),
        field("createdDate", "timestamp", "When"),
        field(None, "text", "Ours", name="source"),
    )
)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("paymentTxId", "payment_tx_id"),
        ("threeDS", "three_ds"),
        ("isThreeD", "is_three_d"),
        ("paymentIP", "payment_ip"),
        ("paidPriceTRY", "paid_price_try"),
        ("subMerchantPayoutAmount", "sub_merchant_payout_amount"),
    ],
)
def test_names_become_snake_case(wire: str, name: str) -> None:
    assert snake_case(wire) == name


class TestRows:
    def test_every_declared_column_is_there_and_of_its_type(self) -> None:
        row = RECORD.row({"orderId": 17, "paidPrice": Decimal("10.50"), "threeDS": 1}, {"source": "us"})
        assert row == {
            "order_id": "17",
            "paid_price": Decimal("10.50"),
            "three_ds": True,
            "created_date": None,
            "source": "us",
        }

    def test_a_field_nobody_declared_travels_on_under_its_own_name(self) -> None:
        assert RECORD.row({"orderId": "1", "buyerNote": "x"})["buyer_note"] == "x"

    def test_a_field_nobody_declared_cannot_take_a_declared_columns_place(self) -> None:
        row = RECORD.row({"orderId": "1", "order_id": "2"})
        assert (row["order_id"], row["order_id_undeclared"]) == ("1", "2")

    @pytest.mark.parametrize("name", ["+90 532 123 45 67", "Ayşe Yılmaz", "a" * 200, ""])
    def test_a_name_that_may_be_somebodys_data_is_not_repeated(self, name: str) -> None:
        assert RECORD.row({"orderId": "1", name: "x"})["unnamed_field"] == "x"

    @pytest.mark.parametrize(
        ("record", "column"),
        [
            ({"orderId": "1", "paidPrice": "yüz elli"}, "paid_price"),
            ({"orderId": "1", "paidPrice": True}, "paid_price"),
            ({"orderId": "1", "paidPrice": []}, "paid_price"),
            ({"orderId": "1", "threeDS": 2}, "three_ds"),
            ({"orderId": "1", "createdDate": "dün"}, "created_date"),
            ({"orderId": "1", "createdDate": 10**30}, "created_date"),
            ({"orderId": {}}, "order_id"),
            ({"orderId": None}, "order_id"),
            ({}, "order_id"),
        ],
    )
    def test_a_wrong_type_names_its_column_and_nothing_else(self, record: dict[str, Any], column: str) -> None:
        with pytest.raises(ProviderFailure) as caught:
            RECORD.row(record)
        assert (caught.value.kind, caught.value.code, caught.value.field) == ("transient", "wrong_type", column)
        assert caught.value.__context__ is None

    @pytest.mark.parametrize("record", [None, "text", 3, ["a"]])
    def test_what_is_no_object_is_malformed(self, record: object) -> None:
        with pytest.raises(ProviderFailure, match="answer_malformed"):
            RECORD.row(record)


class TestTimes:
    def test_a_time_without_a_zone_is_istanbuls(self) -> None:
        assert to_moment("2026-11-22 01:05:31") == datetime(2026, 11, 21, 22, 5, 31, tzinfo=UTC)

    def test_a_time_with_a_zone_keeps_it(self) -> None:
        assert to_moment("2025-08-28T15:19:03Z") == datetime(2025, 8, 28, 15, 19, 3, tzinfo=UTC)

    def test_a_number_is_epoch_milliseconds_to_the_millisecond(self) -> None:
        assert to_moment(1795510800123) == datetime(2026, 11, 24, 9, 0, 0, 123_000, tzinfo=UTC)

    def test_everything_comes_out_aware_and_in_utc(self) -> None:
        assert {to_moment(value).tzinfo for value in ("2026-11-22 01:05:31", "2026-11-22T01:05:31+03:00", 5)} == {UTC}


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("int", Decimal("3.0"), 3),
        ("int", "3", 3),
        ("decimal", 5, Decimal(5)),
        ("decimal", "5.10", Decimal("5.10")),
        ("bool", "true", True),
        ("bool", "0", False),
        ("text", 10**20, str(10**20)),
    ],
)
def test_values_are_taken_in_every_spelling_that_means_them(type_: Any, value: object, expected: object) -> None:
    assert CONVERTERS[type_](value) == expected


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("int", "3.5"),
        ("int", True),
        ("decimal", "NaN"),
        ("decimal", "1e"),
        ("text", True),
        # A few bytes that would take minutes and half a gigabyte as a whole number.
        ("int", Decimal("1e999999999")),
        ("decimal", "1e-999999999"),
    ],
)
def test_values_that_mean_something_else_are_refused(type_: Any, value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        CONVERTERS[type_](value)


class TestJson:
    def test_amounts_keep_every_digit(self) -> None:
        assert decode_json(b'{"price":0.1000000000000000055}') == {"price": Decimal("0.1000000000000000055")}

    @pytest.mark.parametrize("body", [b"", b"{", b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe\xfa", b"[" * 200_000])
    def test_what_cannot_be_read_is_malformed_and_leaves_no_trace(self, body: bytes) -> None:
        with pytest.raises(ProviderFailure, match="answer_malformed") as caught:
            decode_json(body)
        assert caught.value.__context__ is None
