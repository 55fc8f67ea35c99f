"""The scorer's formulas, on texts small enough to count by hand."""

from __future__ import annotations

import pytest

from benchmarks.detection.report import percent, percent_up, table
from benchmarks.detection.score import misses, score
from benchmarks.detection.texts import LabelledText
from kvkk_policies.detect.span import Span

TEXT = "Ali Can 0532 000 11 22"
NAME, PHONE = Span(0, 7, "PERSON"), Span(8, 22, "TR_PHONE")


def labelled(text: str, *spans: Span) -> LabelledText:
    return LabelledText("trade-001", "trade", "normal", text, spans)


def test_recall_counts_marked_spans_and_precision_counts_found_ones() -> None:
    texts = [labelled(TEXT, NAME, PHONE), labelled(TEXT, NAME, PHONE), labelled("Deniz sakin")]
    found = [[NAME, PHONE], [PHONE], [Span(0, 5, "PERSON"), Span(6, 11, "PERSON")]]
    person = score(texts, found).labels["PERSON"]
    assert (person.marked, person.found) == (2, 3)
    assert person.recall == pytest.approx(1 / 2)
    assert person.precision == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("found", "answers"),
    [
        (Span(0, 7, "PERSON"), True),
        (Span(0, 4, "PERSON"), True),
        (Span(0, 3, "PERSON"), False),
        (Span(0, 14, "PERSON"), True),
        (Span(0, 15, "PERSON"), False),
        (Span(0, 7, "TR_ADDRESS"), False),
    ],
)
def test_a_found_span_answers_with_its_label_and_half_of_both_spans(found: Span, answers: bool) -> None:
    wrong = misses([NAME], [found])
    assert wrong.lost == (() if answers else (NAME,))
    assert wrong.invented == (() if answers else (found,))


def test_a_value_found_in_two_halves_is_found_once_and_both_halves_are_right() -> None:
    halves = [Span(0, 4, "PERSON"), Span(4, 8, "PERSON")]
    person = score([labelled("abcdefgh", Span(0, 8, "PERSON"))], [halves]).labels["PERSON"]
    assert (person.found_right, person.recall, person.precision) == (1, 1.0, 1.0)


def test_a_value_hidden_under_another_label_is_masked_but_not_found() -> None:
    phone = score([labelled(TEXT, PHONE)], [[Span(8, 22, "TR_TCKN")]]).labels["TR_PHONE"]
    assert (phone.recall, phone.masked_share) == (0.0, 1.0)


@pytest.mark.parametrize(("end", "masked"), [(4, 1.0), (3, 0.0)])
def test_masked_asks_for_four_characters_in_five(end: int, masked: float) -> None:
    result = score([labelled("abcde", Span(0, 5, "PERSON"))], [[Span(0, end, "PERSON")]])
    assert result.labels["PERSON"].masked_share == masked


def test_leaked_characters_are_the_uncovered_letters_and_digits_of_marked_spans() -> None:
    result = score([labelled(TEXT, NAME, PHONE)], [[Span(4, 13, "PERSON")]])
    assert (result.personal_characters, result.leaked_characters) == (6 + 11, 3 + 7)
    assert result.leaked_share == pytest.approx(10 / 17)


def test_a_clean_text_is_untouched_only_when_nothing_is_found_in_it() -> None:
    texts = [labelled("Deniz sakin"), labelled("yol kapalı"), labelled(TEXT, NAME)]
    result = score(texts, [[Span(0, 5, "PERSON")], [], []])
    assert (result.clean, result.untouched, result.untouched_share) == (2, 1, 0.5)


def test_nothing_to_divide_by_is_no_figure() -> None:
    result = score([], [])
    assert (result.leaked_share, result.untouched_share, percent(None)) == (None, None, "–")


def test_good_shares_are_rounded_down_and_leaks_up() -> None:
    assert (percent(0.9999), percent(1.0), percent(0.28)) == ("99.9 %", "100.0 %", "28.0 %")
    assert (percent_up(0.0001), percent_up(0.0), percent_up(0.28)) == ("0.1 %", "0.0 %", "28.0 %")


def test_the_table_puts_the_aims_beside_the_figures() -> None:
    lines = table(score([labelled(TEXT, NAME, PHONE)], [[NAME]])).splitlines()
    cells = {
        line.split("|")[1].strip(): [each.strip() for each in line.split("|")[2:-1]] for line in lines if "|" in line
    }
    assert cells["PERSON"] == ["1", "100.0 %", "85.0 %", "100.0 %", "100.0 %", "90.0 %"]
    assert cells["TR_PHONE"] == ["1", "0.0 %", "98.0 %", "0.0 %", "–", "98.0 %"]
    assert "Of 17 letters and digits of personal data 11 leaked (64.8 %)." in lines
