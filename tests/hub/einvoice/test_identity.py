from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.einvoice.identity import CONSUMER, CUSTOMS, FOREIGNER, checksum_fits, is_filler, kind_of


def vkn_fits(number: str) -> bool:
    """The sheet's own words, written out."""
    digits = [int(digit) for digit in number]
    parts = []
    for place in range(9):
        moved = (digits[place] + 9 - place) % 10
        power = moved * 2 ** (9 - place) % 9
        parts.append(9 if moved and not power else power)
    return digits[9] == (10 - sum(parts) % 10) % 10


def tckn_fits(number: str) -> bool:
    digits = [int(digit) for digit in number]
    odd, even = sum(digits[0:9:2]), sum(digits[1:8:2])
    return digits[0] != 0 and digits[9] == (7 * odd - even) % 10 and digits[10] == sum(digits[:10]) % 10


@given(st.text("0123456789", min_size=10, max_size=11))
def test_check_digits_are_those_of_the_sheet(number: str) -> None:
    expected = vkn_fits(number) if len(number) == 10 else tckn_fits(number)

    assert checksum_fits(number) == expected


@pytest.mark.parametrize("number", ["3900383669", "3900892152", CUSTOMS, "7750409379", "9205121120", "10000000146"])
def test_numbers_of_the_sheet_are_right(number: str) -> None:
    assert checksum_fits(number)


@pytest.mark.parametrize("number", ["1288331521", CONSUMER, FOREIGNER, "", "123", "١٢٣٤٥٦٧٨٩٠", "920512112a"])
def test_wrong_numbers_and_fillers_do_not_pass(number: str) -> None:
    assert not checksum_fits(number)


def test_the_length_says_which_kind_it_is() -> None:
    assert [kind_of(number) for number in ("9205121120", "10000000146", "92051211", "920512112x")] == [
        "VKN",
        "TCKN",
        None,
        None,
    ]
    assert [is_filler(number) for number in (CONSUMER, FOREIGNER, CUSTOMS)] == [True, True, False]
