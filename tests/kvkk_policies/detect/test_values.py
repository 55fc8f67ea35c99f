"""Any valid value of any structured entity is found whole beside its keyword, however it is spelt."""

from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from kvkk_policies.detect import detect_many, mask_many
from kvkk_policies.pseudonym import Pseudonymiser
from tests.support.personal_values import Carried, cards, carried, identity_numbers

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))


def values(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in detect_many([text])[0]]


@settings(max_examples=250, deadline=None)
@given(carried())
def test_any_value_is_found_with_its_span(it: Carried) -> None:
    assert (it.label, it.value) in values(f"{it.before}{it.value}{it.after}")


@settings(max_examples=100, deadline=None)
@given(carried())
def test_decomposed_letters_around_it_change_nothing(it: Carried) -> None:
    text = "".join(unicodedata.normalize("NFD", part) for part in (it.before, it.value, it.after))

    assert (it.label, it.value) in [(label, unicodedata.normalize("NFC", value)) for label, value in values(text)]


@settings(max_examples=150, deadline=None)
@given(carried(), carried())
def test_masking_leaves_no_digit_run_and_is_final(one: Carried, other: Carried) -> None:
    text = f"{one.before}{one.value}{one.after} - {other.before}{other.value}{other.after}"

    masked = mask_many([text], PSEUDONYMISER)
    for run in re.findall("[0-9]{4,}", one.value + " " + other.value):
        assert run not in masked[0]
    assert mask_many(masked, PSEUDONYMISER) == masked


def mistyped(digits: str, place: int) -> str:
    """The number with one digit wrong, which every check digit notices."""
    return f"{digits[:place]}{(int(digits[place]) + 1) % 10}{digits[place + 1 :]}"


@settings(max_examples=60, deadline=None)
@given(identity_numbers(), st.integers(1, 8), st.sampled_from(["TC kimlik no {}", "TCKN: {} yanlış", "{} nolu TC"]))
def test_a_mistyped_identity_number_is_a_suspect_beside_its_keyword(digits: str, place: int, sentence: str) -> None:
    wrong = mistyped(digits, place)

    assert values(sentence.format(wrong)) == [("TR_TCKN_SUSPECT", wrong)]
    assert values(f"sipariş no {wrong}") == []


@settings(max_examples=60, deadline=None)
@given(cards(), st.integers(6, 13), st.sampled_from(["kart no {}", "kredi kartı: {}", "{} kartım"]))
def test_a_mistyped_card_is_a_suspect_beside_its_keyword(digits: str, place: int, sentence: str) -> None:
    wrong = mistyped(digits, place)

    assert values(sentence.format(wrong)) == [("CREDIT_CARD_SUSPECT", wrong)]
