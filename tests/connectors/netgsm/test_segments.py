from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.netgsm.alphabets import BASIC, EXTENSION, TURKISH_SHIFT, transliterated
from connectors.netgsm.segments import ENCODINGS, Encoding, chosen, measured

ALPHABET = "aığşçöüİ€{}[]\n @Δâ’…😀б"


@pytest.mark.parametrize(
    ("encoding", "letter", "count", "parts"),
    [
        ("GSM", "a", 155, 1),
        ("GSM", "a", 156, 2),
        ("GSM", "a", 301, 2),
        ("GSM", "a", 302, 3),
        ("GSM", "a", 912, 6),
        ("TR", "a", 150, 1),
        ("TR", "a", 151, 2),
        ("TR", "a", 291, 2),
        ("TR", "a", 292, 3),
        ("TR", "a", 883, 6),
        ("TR", "ş", 75, 1),
        ("TR", "ş", 76, 2),
        ("UNICODE", "б", 65, 1),
        ("UNICODE", "б", 66, 2),
        ("UNICODE", "б", 127, 2),
        ("UNICODE", "б", 128, 3),
        ("UNICODE", "😀", 33, 2),
    ],
)
def test_a_part_holds_what_the_suffix_and_the_headers_leave(
    encoding: Encoding, letter: str, count: int, parts: int
) -> None:
    assert measured(letter * count, encoding).parts == parts


@pytest.mark.parametrize(("encoding", "limit"), [("GSM", 912), ("TR", 883), ("UNICODE", 391)])
def test_the_longest_text_is_netgsms(encoding: Encoding, limit: int) -> None:
    assert not measured("a" * limit, encoding).too_long
    assert measured("a" * (limit + 1), encoding).too_long


def test_an_escaped_letter_is_not_cut_in_two() -> None:
    # 147 letters and an escaped one: it moves to the second part whole, and 147 more beside the suffix do not fit.
    assert measured("a" * 147 + "ş" + "a" * 142, "TR").parts == 3
    assert measured("a" * 146 + "ş" + "a" * 143, "TR").parts == 2


def test_escaped_letters_that_waste_a_place_in_each_part_make_one_part_too_many() -> None:
    found = measured("a" + "{" * 455, "GSM")
    assert (found.characters, found.limit, found.parts, found.too_long) == (911, 912, 7, True)


@pytest.mark.parametrize(
    ("text", "encoding", "characters"),
    [
        ("Merhaba", "GSM", 7),
        ("Fiyat: 10€", "GSM", 11),
        ("Çöpü gör", "GSM", 8),
        ("Sayın müşterimiz", "TR", 18),
        ("İĞŞığşç", "TR", 14),
        ("Kâğıt", "UNICODE", 5),
        ("Tamam 😀", "UNICODE", 8),
    ],
)
def test_the_cheapest_alphabet_that_carries_a_text_unchanged_is_chosen(
    text: str, encoding: Encoding, characters: int
) -> None:
    found = chosen(text)
    assert (found.encoding, found.characters, found.changed, found.lost) == (encoding, characters, False, 0)


def test_without_an_alphabet_of_its_own_a_text_is_written_in_plain_letters() -> None:
    found = measured("Şükrü’nün kâğıdı… “İyi”", "GSM")
    assert (found.text, found.changed, found.lost) == ('Sükrü\'nün kagidi... "Iyi"', True, 0)
    assert not measured("Merhaba", "GSM").changed


def test_what_has_no_plain_form_is_counted_as_lost_and_cannot_be_sent() -> None:
    assert measured("б😀", "GSM").lost == 2
    assert not measured("б", "TR").sendable
    assert measured("б", "UNICODE").sendable


def test_letters_in_two_pieces_are_put_together() -> None:
    assert measured("s\u0327u\u0308", "TR").text == "şü"
    assert chosen("s\u0327").characters == 2


def test_the_text_is_in_no_repr() -> None:
    assert "gizli" not in repr(measured("gizli", "GSM"))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=400))
def test_the_chosen_alphabet_has_every_letter_and_no_cheaper_one_does(text: str) -> None:
    found = chosen(text)
    cheaper = ENCODINGS[: ENCODINGS.index(found.encoding)]
    assert all(measured(text, each).changed or measured(text, each).lost for each in cheaper)
    allowed = {"GSM": BASIC | EXTENSION, "TR": BASIC | TURKISH_SHIFT}
    if found.encoding in allowed:
        assert set(found.text) <= allowed[found.encoding]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=ALPHABET, max_size=400), st.sampled_from(ENCODINGS))
def test_parts_are_as_few_as_their_size_allows_or_one_more(text: str, encoding: Encoding) -> None:
    found = measured(text, encoding)
    whole, joined = found.characters + 5, {"GSM": 153, "TR": 148, "UNICODE": 66}[encoding]
    fewest = 1 if found.characters <= found.single else -(-whole // joined)
    assert fewest <= found.parts <= -(-whole // (joined - 1))


@given(st.text(alphabet=ALPHABET, max_size=60))
def test_plain_letters_stay_plain(text: str) -> None:
    assert transliterated(transliterated(text)) == transliterated(text)
