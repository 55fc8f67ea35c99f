from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.einvoice.words import LARGEST, in_words, number

ONES = ["SIFIR", "BİR", "İKİ", "ÜÇ", "DÖRT", "BEŞ", "ALTI", "YEDİ", "SEKİZ", "DOKUZ"]
TENS = ["ON", "YİRMİ", "OTUZ", "KIRK", "ELLİ", "ALTMIŞ", "YETMİŞ", "SEKSEN", "DOKSAN"]
SMALL = {word: value for value, word in enumerate(ONES)} | {word: 10 * (at + 1) for at, word in enumerate(TENS)}
LARGE = {"BİN": 10**3, "MİLYON": 10**6, "MİLYAR": 10**9, "TRİLYON": 10**12, "KATRİLYON": 10**15}


def read_back(words: str) -> int:
    """A Turkish number from its words, the way one listens to it."""
    whole = group = 0
    for word in words.split(" "):
        if word == "YÜZ":
            group = (group or 1) * 100
        elif word in LARGE:
            whole += (group or 1) * LARGE[word]
            group = 0
        else:
            group += SMALL[word]
    return whole + group


@given(st.integers(0, LARGEST))
def test_words_read_back_as_their_number(value: int) -> None:
    words = number(value)

    assert read_back(words) == value
    assert "  " not in words


@given(st.integers(0, 10**15 - 1), st.integers(0, 99))
def test_an_amount_reads_back_as_lira_and_kurus(lira: int, kurus: int) -> None:
    words = in_words(Decimal(lira * 100 + kurus) / 100, "TRY").removeprefix("YALNIZ : ")
    whole, _, part = words.partition(" TL")

    assert read_back(whole) == lira
    assert (read_back(part.strip().removesuffix(" KRŞ")) if part else 0) == kurus


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1, "BİR"),
        (100, "YÜZ"),
        (1000, "BİN"),
        (1001, "BİN BİR"),
        (2000, "İKİ BİN"),
        (101_000, "YÜZ BİR BİN"),
        (1_000_000, "BİR MİLYON"),
        (1_001_000, "BİR MİLYON BİN"),
        (1_234, "BİN İKİ YÜZ OTUZ DÖRT"),
    ],
)
def test_numbers_are_said_as_in_turkish(value: int, words: str) -> None:
    assert number(value) == words


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1250.50", "TRY", "YALNIZ : BİN İKİ YÜZ ELLİ TL ELLİ KRŞ"),
        ("0.00", "TRY", "YALNIZ : SIFIR TL"),
        ("20.05", "USD", "YALNIZ : YİRMİ ABD DOLARI BEŞ SENT"),
        ("3.10", "EUR", "YALNIZ : ÜÇ EURO ON SENT"),
        ("7.45", "JPY", "YALNIZ : YEDİ JPY 45/100"),
    ],
)
def test_currencies_are_named(amount: str, currency: str, words: str) -> None:
    assert in_words(Decimal(amount), currency) == words


@pytest.mark.parametrize("value", [-1, LARGEST + 1])
def test_what_has_no_words_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        number(value)
