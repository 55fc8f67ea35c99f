"""The labelled texts themselves: readable marks, identifiers whose check digits are right, two separate sets."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest
from stdnum import iban, luhn
from stdnum.tr import tckimlik, vkn

from benchmarks.detection import texts
from benchmarks.detection.texts import BadMark, LabelledText, parse, read

_CHECKS = {"TR_TCKN": tckimlik.is_valid, "TR_VKN": vkn.is_valid, "TR_IBAN": iban.is_valid, "CREDIT_CARD": luhn.is_valid}


@cache
def of_set(name: str) -> tuple[LabelledText, ...]:
    return tuple(read(name))


def values(name: str, label: str) -> list[str]:
    return [each.text[span.start : span.end] for each in of_set(name) for span in each.spans if span.label == label]


def test_marks_become_spans_in_code_points_and_leave_the_suffix_outside() -> None:
    text, spans = parse("😀 İçin [[TR_PHONE|0532 000 11 22]]'den [[PERSON|Işıl Öz]] aradı\\nson")
    assert text == "😀 İçin 0532 000 11 22'den Işıl Öz aradı\nson"
    assert [(text[span.start : span.end], span.label) for span in spans] == [
        ("0532 000 11 22", "TR_PHONE"),
        ("Işıl Öz", "PERSON"),
    ]


def test_spans_of_a_decomposed_text_count_its_own_code_points() -> None:
    text, spans = parse("Şoför [[PERSON|Gökçe Şen]] geldi", decomposed=True)
    assert not unicodedata.is_normalized("NFC", text)
    assert text[spans[0].start : spans[0].end] == unicodedata.normalize("NFD", "Gökçe Şen")


@pytest.mark.parametrize("line", ["[[PERSON|Ali Öz", "[[person|Ali Öz]]", "[[PERSONS|Ali Öz]]", "Ali]] Öz"])
def test_a_line_with_a_broken_mark_is_refused_with_its_place(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "depot.txt").write_text(f"# style: lower\nclean\n{line}\n")
    monkeypatch.setattr(texts, "FOLDER", tmp_path)
    with pytest.raises(BadMark, match=r"depot\.txt:3"):
        read("dev")


@pytest.mark.parametrize("name", texts.SETS)
def test_a_set_is_large_enough_and_four_texts_in_ten_are_clean(name: str) -> None:
    read_texts = of_set(name)
    assert len(read_texts) >= 500
    assert len({each.text for each in read_texts}) == len(read_texts)
    assert sum(not each.spans for each in read_texts) >= 0.4 * len(read_texts)


@pytest.mark.parametrize("names", [*combinations(texts.SETS, 2)])
def test_two_sets_share_no_text_no_trade_and_no_person(names: tuple[str, str]) -> None:
    one, other = (of_set(name) for name in names)
    assert {each.text for each in one} & {each.text for each in other} == set()
    assert {each.trade for each in one} & {each.trade for each in other} == set()
    people = [{value.casefold() for value in values(name, "PERSON") if " " in value} for name in names]
    assert people[0] & people[1] == set()


@pytest.mark.parametrize("name", texts.SETS)
@pytest.mark.parametrize("label", _CHECKS)
def test_identifiers_have_right_check_digits_and_suspects_wrong_ones(name: str, label: str) -> None:
    def is_valid(value: str) -> bool:
        return _CHECKS[label]("".join(each for each in value if each.isalnum()).upper())

    assert [value for value in values(name, label) if not is_valid(value)] == []
    assert [value for value in values(name, f"{label}_SUSPECT") if is_valid(value)] == []


@pytest.mark.parametrize("name", texts.SETS)
def test_every_label_occurs(name: str) -> None:
    assert {span.label for each in of_set(name) for span in each.spans} == texts.LABELS
