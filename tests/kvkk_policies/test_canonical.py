"""Canonical forms: any spelling of one identifier is one text."""

from __future__ import annotations

import unicodedata

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban as stdnum_iban
from stdnum import luhn as stdnum_luhn
from stdnum.tr import tckimlik, vkn

from kvkk_policies.canonical import canonical, canonical_or_raw, kind_of
from kvkk_policies.checksums import iban_valid, luhn_valid, tckn_valid, vkn_valid
from kvkk_policies.phone import AREA_CODES

NATIONAL = st.tuples(
    st.one_of(st.sampled_from(sorted(AREA_CODES)), st.integers(500, 559).map(str)), st.integers(0, 9_999_999)
).map(lambda parts: f"{parts[0]}{parts[1]:07d}")


@st.composite
def spelt_phones(draw: st.DrawFn, national: str) -> str:
    prefix = draw(st.sampled_from(["", "0", "90", "+90", "0090", "+90 ", "0 ", "+90 (0)"]))
    a, b, c, d = national[:3], national[3:6], national[6:8], national[8:]
    layout = draw(
        st.sampled_from(
            [
                "{a}{b}{c}{d}",
                "{a} {b} {c} {d}",
                "({a}) {b}-{c}-{d}",
                "{a}.{b}.{c}.{d}",
                "{a}/{b}{c}{d}",
                "{a}-{b}-{c}{d}",
            ]
        )
    )
    return prefix + layout.format(a=a, b=b, c=c, d=d)


@given(st.data(), NATIONAL)
def test_every_spelling_of_a_phone_is_one_number(data: st.DataObject, national: str) -> None:
    assert canonical("phone", data.draw(spelt_phones(national))) == f"+90{national}"


@given(NATIONAL)
def test_the_fast_path_agrees_with_phonenumbers(national: str) -> None:
    oracle = phonenumbers.format_number(phonenumbers.parse(national, "TR"), phonenumbers.PhoneNumberFormat.E164)

    assert canonical("phone", f"0{national}") == oracle


@pytest.mark.parametrize("value", ["905550000002", "0555 000 00 02", "+90 555 000 00 02", "(0555) 000-00-02"])
def test_the_phone_of_a_call_is_the_phone_of_a_payment(value: str) -> None:
    assert canonical("phone", value) == "+905550000002"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("+49 30 901820", "+4930901820"),
        ("0049 30 901820", "+4930901820"),
        ("442079460958", "+442079460958"),
        ("123", None),
        ("anonymous", None),
        ("", None),
        ("0555 000 00", None),
    ],
)
def test_foreign_numbers_and_no_numbers(value: str, expected: str | None) -> None:
    assert canonical("phone", value) == expected


@pytest.mark.parametrize(
    ("kind", "spellings", "expected"),
    [
        (
            "email",
            ["Ali@Ornek.com", " ali@ornek.com ", "ALİ@ORNEK.COM", "<ali@ornek.com>", "ali@ornek.com."],
            "ali@ornek.com",
        ),
        ("email", ["INFO@FIRMA.COM", "İNFO@FIRMA.COM", "info@firma.com"], "info@firma.com"),
        ("plate", ["34 ABC 123", "34abc123", "34-ABC-123", "34 ABC 123 - Ford Transit"], "34ABC123"),
        ("plate", ["34 İLK 01", "34 ilk 01", "34ILK01"], "34ILK01"),
        ("tckn", ["10000000146", "100 000 001 46", "100.000.001-46"], "10000000146"),
        ("vkn", ["0123456789", "123456789", "012 345 6789"], "0123456789"),
        ("iban", ["TR33 0006 1005 1978 6457 8413 26", "tr330006100519786457841326"], "TR330006100519786457841326"),
        ("card", ["5528 7900 0000 0008", "5528-7900-0000-0008"], "5528790000000008"),
        ("name", ["Ayşe  YILMAZ", "ayşe yılmaz", "AYŞE YILMAZ", "AYSE YILMAZ"], "ayse yilmaz"),
        ("name", ["İsmail Işık", "ISMAIL ISIK", unicodedata.normalize("NFD", "İsmail Işık")], "ismail isik"),
        ("birth_date", ["1985-03-15", "15.03.1985", "15/3/1985"], "1985-03-15"),
        ("ip", ["2001:DB8::1", "2001:db8:0:0:0:0:0:1"], "2001:db8::1"),
        ("device", ["00:1A:2B:3C:4D:5E", "00-1a-2b-3c-4d-5e", "001a.2b3c.4d5e"], "001A2B3C4D5E"),
        ("vin", ["WVWZZZ1JZXW000001", "wvwzzz1jzxw000001"], "WVWZZZ1JZXW000001"),
        ("passport", ["U12345678", "u 12345678", "U-12345678"], "U12345678"),
        ("id_serial", ["İ12B34567", "i12b34567"], "I12B34567"),
        ("mersis", ["0454-0536-9200-0015", "0454053692000015"], "0454053692000015"),
        ("sgk", ["2 4120 01 01 1234567", "24120/01/01/1234567"], "2412001011234567"),
        ("uavt", ["218 704 41 93", "2187044193"], "2187044193"),
        ("geo", ["41.0082, 28.9784", "41,0082 28,9784", "41.0082/28.9784"], "41.0082,28.9784"),
    ],
)
def test_spellings_meet(kind: str, spellings: list[str], expected: str) -> None:
    assert {canonical(kind, spelling) for spelling in spellings} == {expected}


@given(
    st.text(min_size=1),
    st.sampled_from(["phone", "email", "tckn", "vkn", "plate", "iban", "card", "name", "ip", "vin", "sgk", "geo"]),
)
def test_a_canonical_form_is_its_own_canonical_form(value: str, kind: str) -> None:
    form = canonical(kind, value)

    if form is not None:
        assert canonical(kind, form) == form


@given(st.text(), st.sampled_from(["phone", "email", "tckn", "plate"]))
def test_a_value_without_canonical_form_never_meets_one_that_has(value: str, kind: str) -> None:
    if canonical(kind, value) is None:
        assert canonical_or_raw(kind, [value])[0].startswith("?")


def test_a_tax_number_column_finds_the_sole_trader() -> None:
    assert kind_of("tax_number", canonical("tax_number", "100 000 001 46") or "") == "tckn"
    assert kind_of("tax_number", canonical("tax_number", "4540536920") or "") == "vkn"


@given(st.integers(0, 10**11 - 1).map(lambda number: f"{number:011d}"))
def test_identity_numbers_agree_with_the_oracle(digits: str) -> None:
    assert tckn_valid(digits) == tckimlik.is_valid(digits)


@given(st.integers(1, 10**9 - 1))
def test_valid_identity_numbers_are_accepted(stem: int) -> None:
    digits = f"{stem:09d}"
    if digits[0] != "0":
        assert tckn_valid(digits + tckimlik.calc_check_digits(digits))


@given(st.integers(0, 10**9 - 1).map(lambda number: f"{number:09d}"), st.integers(0, 9))
def test_tax_numbers_agree_with_the_oracle(stem: str, last: int) -> None:
    assert vkn_valid(f"{stem}{last}") == vkn.is_valid(f"{stem}{last}")
    assert vkn_valid(stem + vkn.calc_check_digit(stem))


@given(st.integers(0, 10**22 - 1).map(lambda number: f"{number:022d}"), st.integers(0, 99))
def test_ibans_agree_with_the_oracle(account: str, check: int) -> None:
    right = stdnum_iban.calc_check_digits(f"TR00{account}")

    assert iban_valid(f"TR{right}{account}")
    assert iban_valid(f"TR{check:02d}{account}") == ((check - int(right)) % 97 == 0)


@given(st.integers(0, 10**16 - 1).map(lambda number: f"{number:016d}"))
def test_luhn_agrees_with_the_oracle(digits: str) -> None:
    assert luhn_valid(digits) == stdnum_luhn.is_valid(digits)
