"""Who stands at an end of a call: no extension is taken for a phone, and no phone for an extension."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.bulutfon.parties import OTHER, WITHHELD, Party, read_party
from connectors.failure import ProviderFailure
from kvkk_policies.canonical import canonical

SEPARATORS = st.sampled_from(["", " ", "-", ".", "\u00a0"])
PREFIXES = st.sampled_from(["", "0", "90", "+90", "0090"])


@pytest.mark.parametrize(
    ("value", "party"),
    [
        (905550000001, Party("phone", "905550000001")),
        ("905550000001", Party("phone", "905550000001")),
        ("+90 (555) 000 00 01", Party("phone", "905550000001")),
        (908500000001, Party("phone", "908500000001")),
        ("4440123", Party("phone", "4440123")),
        (10, Party("short", "10")),
        (101, Party("short", "101")),
        ("1004", Party("short", "1004")),
        ("112", Party("short", "112")),
        (None, WITHHELD),
        ("", WITHHELD),
        (" ", WITHHELD),
        (0, WITHHELD),
        ("0000", WITHHELD),
        ("anonymous", WITHHELD),
        ("Anonymous", WITHHELD),
        ("+", WITHHELD),
        ("sip:ayse@example.com", OTHER),
        ("Ayşe Yılmaz", OTHER),
        ("٥٥٥٠٠٠٠٠٠١", OTHER),
        ("9" * 16, OTHER),
    ],
)
def test_a_number_is_told_by_its_shape(value: Any, party: Party) -> None:
    assert read_party(value, field="caller") == party


@pytest.mark.parametrize("value", [True, 1.5, [], {"number": 1}])
def test_what_is_no_number_and_no_text_names_its_field(value: Any) -> None:
    with pytest.raises(ProviderFailure) as caught:
        read_party(value, field="callee")
    assert (caught.value.code, caught.value.field) == ("wrong_type", "callee")


@given(st.integers(5_300_000_000, 5_599_999_999), PREFIXES, st.lists(SEPARATORS, min_size=10, max_size=10))
def test_every_spelling_of_a_mobile_number_is_one_phone(number: int, prefix: str, separators: list[str]) -> None:
    spelt = prefix + "".join(map("".join, zip(separators, str(number), strict=True)))
    party = read_party(spelt, field="caller")
    assert party.phone is not None
    assert canonical("phone", party.phone) == f"+90{number}"


@given(st.integers(1, 999_999))
def test_a_short_number_is_short_as_integer_and_as_text(number: int) -> None:
    assert read_party(number, field="caller") == read_party(str(number), field="caller")
    assert read_party(number, field="caller").phone is None
    assert read_party(number, field="caller").short == str(number)


@given(st.text(max_size=20))
def test_no_text_is_passed_on_that_is_not_all_digits(text: str) -> None:
    party = read_party(text, field="caller")
    assert party.digits is None or (party.digits.isascii() and party.digits.isdecimal())
    assert (party.digits is None) == (party.kind in ("withheld", "other"))
