"""The net is asked where something could be, costs no more than its budget, and lets nothing through when it fails."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hub.observe.masking import CHARACTERS_A_SECOND, LONGEST_LOOKED_AT, WITHHELD, Masker, could_hold_something


class Spy:
    """A detector that says what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Sequence[str]:
        self.asked += texts
        return ["masked" for _ in texts]


@pytest.mark.parametrize(
    "text",
    [
        "database_down",
        "a call could not be taken in: database_down",
        "tabcdefghijk",
        "6f1c2d3e-aaaa-4bbb-8ccc-1234567890ab",
        "sync of tabcdefghijk in run 6f1c2d3e-aaaa-4bbb-8ccc-1234567890ab ended at 2026-11-27T04:20:10.123456+00:00",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "1200 rows, 3 failed",
    ],
)
def test_codes_ids_times_and_counts_are_not_looked_at(text: str) -> None:
    spy = Spy()

    assert Masker(detector=spy).text(text) == text
    assert spy.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "x@ornek.com",
        "0532 123 45 67",
        "(0532)123-45-67",
        "10000000146",
        "TR33 0006 1005 1978",
        "34 ABC 123",
        "Ayşe Yılmaz",
    ],
)
def test_what_could_be_somebodys_is_looked_at(text: str) -> None:
    assert could_hold_something(text)
    assert Masker(detector=Spy()).text(text) == "masked"


def test_what_others_say_is_looked_at_whatever_it_looks_like() -> None:
    spy = Spy()

    assert Masker(detector=spy).text("plain words of a library", foreign=True) == "masked"


def test_a_text_is_looked_at_once() -> None:
    spy = Spy()
    masker = Masker(detector=spy)

    assert [masker.text("call 0532 123 45 67") for _ in range(3)] == ["masked"] * 3
    assert len(spy.asked) == 1


def test_beyond_a_seconds_budget_texts_are_withheld_until_the_next() -> None:
    now = [100.0]
    masker = Masker(detector=Spy(), clock=lambda: now[0])
    texts = [f"{at:010d} " + "x" * 1_000 for at in range(30)]

    masked = [masker.text(text) for text in texts]

    fits = CHARACTERS_A_SECOND // len(texts[0])
    assert masked == ["masked"] * fits + [WITHHELD] * (len(texts) - fits)
    now[0] += 1.0
    assert masker.text("0532 123 45 99") == "masked"


def test_a_long_text_is_cut_before_it_is_looked_at() -> None:
    spy = Spy()

    Masker(detector=spy).text("1" * 100_000)

    assert len(spy.asked[0]) <= LONGEST_LOOKED_AT + 2


def test_a_net_that_fails_lets_nothing_through() -> None:
    def broken(_texts: Sequence[str]) -> Sequence[str]:
        raise MemoryError

    assert Masker(detector=broken).text("call 0532 123 45 67") == WITHHELD


def test_values_are_masked_however_deep_and_bytes_never_shown() -> None:
    masker = Masker(detector=Spy())
    deep: object = "0532 123 45 67"
    for _ in range(10):
        deep = [deep]

    assert masker.value({"a": ["0532 123 45 67", 7, None, True], "b": b"0532"}) == {
        "a": ["masked", 7, None, True],
        "b": WITHHELD,
    }
    assert masker.value(905321234567) == "masked"
    assert "0532" not in str(masker.value(deep))


def test_the_projects_own_detector_is_asked_unless_told_otherwise() -> None:
    assert Masker().text("call 0532 123 45 67 or ayse@ornek.com.tr") == "call <TR_PHONE> or <EMAIL>"
