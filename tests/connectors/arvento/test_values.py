from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.arvento.columns import decode_name, named
from connectors.arvento.values import (
    join_duration,
    moment,
    number,
    plate_key,
    seconds,
    split_plate,
    take_time,
    wall_clock,
)
from connectors.failure import ProviderFailure
from connectors.istanbul import ISTANBUL


def encode(name: str) -> str:
    """XmlConvert.EncodeName as .NET documents it: what no name may hold, and an underscore that would look escaped."""
    encoded = ""
    for index, letter in enumerate(name):
        allowed = letter.isalpha() or (index > 0 and (letter.isdigit() or letter in ".-"))
        escaped = letter == "_" and re.match(r"_x[0-9A-Fa-f]{4}", name[index:])
        if (allowed or letter == "_") and not escaped and ord(letter) <= 0xFFFF:
            encoded += letter
        else:
            units = letter.encode("utf-16-be")
            encoded += "".join(
                f"_x{int.from_bytes(units[place : place + 2]):04X}_" for place in range(0, len(units), 2)
            )
    return encoded


class TestNames:
    @pytest.mark.parametrize(
        ("wire", "name"),
        [
            ("Device_x0020_No", "Device No"),
            ("GMT_x0020_Date_x002F_Time", "GMT Date/Time"),
            ("Building_x0020__x002F__x0020_Region", "Building / Region"),
            ("Co_x011F_rafi", "Coğrafi"),
            ("Hız", "Hız"),
            ("_x0041_x0042_", "Ax0042_"),
            ("a_xZZZZ_b", "a_xZZZZ_b"),
            ("_xD83D__xDE00_", "😀"),
            ("_x0001F600_", "😀"),
            ("x_xD83D_", "x�"),
            ("_xFFFFFFFF_", "_xFFFFFFFF_"),
        ],
    )
    def test_escapes_of_net_are_undone(self, wire: str, name: str) -> None:
        assert decode_name(wire) == name

    @given(st.text(min_size=1, max_size=30))
    def test_whatever_net_encodes_is_decoded(self, name: str) -> None:
        assert decode_name(encode(name)) == name

    @given(st.text(alphabet="_x0123456789ABCDEFabcdef", max_size=40))
    def test_no_name_makes_the_decoder_fail(self, name: str) -> None:
        assert isinstance(decode_name(name), str)

    @pytest.mark.parametrize(
        "name", ["Device No", "Cihaz No", "CİHAZ NO", "cihaz no", "strNode", "DeviceNo", "Node", "Device"]
    )
    def test_every_spelling_of_a_column_is_one(self, name: str) -> None:
        assert named([(name, "K1")]) == {"node": "K1"}

    @pytest.mark.parametrize(
        ("english", "turkish"),
        [
            ("GMT Date/Time", "GMT Tarih/Saat"),
            ("Latitude", "Enlem"),
            ("Longitude", "Boylam"),
            ("Speed", "Hız"),
            ("Address", "Adres"),
            ("Building / Region", "Bina / Bölge"),
            ("License Plate", "Plaka"),
            ("Driver", "Sürücü"),
            ("Type", "Tür"),
            ("Pause Duration", "Duraklama Süresi"),
        ],
    )
    def test_turkish_columns_are_the_english_ones(self, english: str, turkish: str) -> None:
        assert named([(english, "1")]) == named([(turkish, "1")])

    def test_a_column_nobody_listed_keeps_its_name_in_plain_letters(self) -> None:
        assert named([("Sıcaklık 1 °C", "4")]) == {"sicaklik_1_c": "4"}

    def test_of_two_spellings_the_one_with_a_value_counts(self) -> None:
        assert named([("Speed", ""), ("Speed km/h", "7"), ("dSpeed", "8")]) == {"speed": "7"}

    def test_the_number_of_a_row_is_left_out(self) -> None:
        assert named([("Kayıt No", "1"), ("Plaka", "34 A 1")]) == {"license_plate": "34 A 1"}


class TestTimes:
    @pytest.mark.parametrize(
        "text",
        [
            "20260601034223",
            "20260601034223000",
            "2026-06-01T03:42:23",
            "2026-06-01T03:42:23+03:00",
            "2026-06-01T03:42:23Z",
            "2026-06-01 03:42:23",
            "2026-06-01T03:42:23.0000000+03:00",
            "01.06.2026 03:42:23",
            "1/6/2026 3:42:23",
            20260601034223,
        ],
    )
    def test_every_layout_shows_the_same_clock_and_no_offset_moves_it(self, text: object) -> None:
        assert wall_clock(text) == datetime(2026, 6, 1, 3, 42, 23)  # noqa: DTZ001

    @pytest.mark.parametrize(
        "text", ["", "yesterday", "2026-13-01T00:00:00", "31.02.2026 10:00:00", "06012026034223", "2026060103422"]
    )
    def test_what_is_no_time_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - it says nothing, lest it quote the value
            wall_clock(text)

    @given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1)).map(lambda each: each.replace(microsecond=0)))  # noqa: DTZ001
    def test_layouts_lose_nothing(self, clock: datetime) -> None:
        for layout in ("%Y%m%d%H%M%S", "%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S+03:00", "%Y-%m-%d %H:%M:%S"):
            assert wall_clock(clock.strftime(layout)) == clock

    @given(st.timezones(), st.datetimes(datetime(2017, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001
    def test_an_offset_of_the_servers_zone_never_counts(self, server: Any, clock: datetime) -> None:
        text = clock.replace(microsecond=0, tzinfo=server).isoformat()
        # Zones of the past have offsets with seconds, which no XML time has.
        assert moment(text[:19] + "+03:00", UTC) == clock.replace(microsecond=0, tzinfo=UTC)

    def test_summer_time_that_ended_in_2016_still_counts_for_older_days(self) -> None:
        assert moment("15.07.2014 12:00:00", ISTANBUL) == datetime(2014, 7, 15, 9, tzinfo=UTC)
        assert moment("15.01.2014 12:00:00", ISTANBUL) == datetime(2014, 1, 15, 10, tzinfo=UTC)
        assert moment("15.01.2026 12:00:00", ISTANBUL) == datetime(2026, 1, 15, 9, tzinfo=UTC)

    @pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "1900-01-01T00:00:00"])
    def test_the_zero_of_net_and_of_sql_server_is_no_time(self, text: str) -> None:
        assert moment(text, timezone(timedelta(hours=3))) is None

    def test_the_first_column_with_a_value_is_the_records_time(self) -> None:
        record: dict[str, Any] = {"gmt_time": None, "local_time": "20260601064223000", "speed": 1}
        take_time(record, {"gmt_time": UTC, "local_time": ISTANBUL})
        assert record == {"speed": 1, "time": datetime(2026, 6, 1, 3, 42, 23, tzinfo=UTC)}

    def test_an_unreadable_time_is_named_and_not_quoted(self) -> None:
        with pytest.raises(ProviderFailure) as caught:
            take_time({"gmt_time": "Ayşe Yılmaz"}, {"gmt_time": UTC})
        assert (caught.value.code, caught.value.field) == ("wrong_type", "time")
        assert caught.value.__context__ is None


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("125,4", "125.4"),
            ("125.4", "125.4"),
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("41.060123", "41.060123"),
            ("12", "12"),
            ("-3,5", "-3.5"),
            ("125,", "125"),
            (" 7 ", "7"),
        ],
    )
    def test_point_and_comma_are_both_decimal_signs(self, text: str, value: str) -> None:
        assert number(text) == Decimal(value)

    @pytest.mark.parametrize("text", ["", "yüz elli", "1,2,3.4.5", "nan"])
    def test_what_is_no_number_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - it says nothing, lest it quote the value
            number(text)

    @given(st.decimals(-(10**9), 10**9, places=3))
    def test_a_turkish_spelling_of_a_number_is_read_exactly(self, value: Decimal) -> None:
        turkish = f"{value:,.3f}".replace(",", "_").replace(".", ",").replace("_", ".")
        assert number(turkish) == value


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "length"),
        [
            ("00:01:20", 80),
            ("05:12", 18720),
            ("1.00:00:01", 86401),
            ("PT1M20S", 80),
            ("P1DT2H", 93600),
            ("90", 90),
            (75, 75),
            ("00:01:20.5000000", 80),
        ],
    )
    def test_every_spelling_of_a_duration_is_seconds(self, text: object, length: int) -> None:
        assert seconds(text) == length

    @pytest.mark.parametrize("text", ["P", "uzun", ""])
    def test_what_is_no_duration_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - it says nothing, lest it quote the value
            seconds(text)

    def test_three_columns_become_one(self) -> None:
        record: dict[str, Any] = {"idling_hr": "5", "idling_min": "12", "idling_sec": "40"}
        join_duration(record, "idling")
        assert record == {"idling_seconds": 18760}

    def test_a_vehicle_without_the_columns_has_no_duration(self) -> None:
        record: dict[str, Any] = {"idling_hr": None}
        join_duration(record, "idling")
        assert record == {}

    def test_a_part_that_is_no_number_names_the_column(self) -> None:
        with pytest.raises(ProviderFailure) as caught:
            join_duration({"motion_hr": "Ayşe"}, "motion")
        assert caught.value.field == "motion_seconds"


class TestPlates:
    @pytest.mark.parametrize("text", ["34 ABC 123", "34ABC123", "34 abc 123", " 34  ABC 123 -Servis", "34 ABC 123 - x"])
    def test_spellings_of_a_plate_compare_equal(self, text: str) -> None:
        assert plate_key(text) == "34ABC123"

    @pytest.mark.parametrize("text", ["34 TIR 12", "34 tir 12", "34 tır 12", "34 TİR 12"])
    def test_the_turkish_i_is_compared_alike_everywhere(self, text: str) -> None:
        assert plate_key(text) == "34TIR12"

    def test_what_stands_behind_a_plate_is_cut_off(self) -> None:
        assert split_plate("34 ABC 123 - Ahmet'in aracı") == ("34 ABC 123", "Ahmet'in aracı")
        assert split_plate("34 ABC 123") == ("34 ABC 123", None)
