"""Properties of detection: nothing slips past the cheap pass, offsets hold, masking is final."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from stdnum.tr import tckimlik

from kvkk_policies.detect import ColumnScanner, detect, detect_many, mask_many
from kvkk_policies.pseudonym import Pseudonymiser

PSEUDONYMISER = Pseudonymiser(bytes(range(32)))
SNIPPETS = st.sampled_from(
    """TC 10000000146|vkn 4540536920|0532 000 11 22|+90 (532) 000 11 22|5320001122|34 ABC 123|34abc123|plakalı|araç
a.b@ornek.com.tr|Sayın Ahmet Yılmaz|ayşe hanım|Mehmet Demir'in|müşteri|ali veli adına|15.03.1985 doğumlu|d.t. 15/3/85
Çınar Mah. Gül Sok. No:3 Kadıköy/İstanbul|TR330006100519786457841326|iban|5528 7900 0000 0008|kart|sipariş no
12.345,67|İ|ı|😀|Kargo|YILMAZ Ahmet|A. Yılmaz|12 koli|85.34.78.112|imei 490154203237518|\u00a0|-|/|(|)|.|'|:|no:3
kat 2|Deniz|Bey|0|7|pasaport U12345678|ehliyet no 123456|sürücü belgesi|kimlik seri no A12B34567|cüzdan A12 345678
mersis 0454053692000015|SGK sicil 24120010112345670341234000|UAVT 2187044193|adres kodu|şasi WVWZZZ1JZXW000001|VIN
MAC 00:1A:2B:3C:4D:5E|001A2B3C4D5E|2a02:e0:1234:5678:9abc:def0:1:2|konum 41.0082, 28.9784|enlem 41.0082|cihaz
356229749675455|d.tarihi 15.03.1985|15 Mart 1985|doğdu|D. 15.03.1985|DE89 3704 0044 0532 0130 00|vergi no|nolu
sıfır beş yüz otuz iki|yüz kırk|on yedi|044 71 18|5528_7900_0000_0008|born on 12 March 1984|driving licence number
0532*000*11*22|Öztürk, Mehmet|Sabiha Gökçen'e|last_name: Demir|"ad": "Ozan"|soyadım|ruhsat|ve Deniz Akkurt|Levent
0 (0532) 000 11 22|+49 151 23456789|34abc123 kasko|\u0307|e\u0301
\u200b|\u202a|\u202c|\u00ad|\ufe0f|１２３|０５３２ ０００ １１ ２２|umutun velisi|Defne'nin annesi|HAVALE""".replace(
        "\n", "|"
    ).split("|")
)
TEXTS = st.one_of(
    st.lists(st.one_of(SNIPPETS, st.text(max_size=6)), max_size=8).map(" ".join),
    st.lists(SNIPPETS, max_size=6).map("".join),
    st.text(max_size=60),
)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
@example("Ahmet/Mehmet Kaya")
@example("müşteri:Ali")
@example("04081981 dlu")
@example("iki yüz on altı 123 45 67")
@example("gorusulen_kisi;tel\nXhemal Qwertoz;1")
@example("Teslim Alan | Şube\nXhemal Qwertoz | Merkez")
def test_the_column_scan_finds_what_presidios_engine_finds(text: str) -> None:
    assert detect_many([text]) == [detect(text)]


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_spans_lie_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for span in detect_many([text])[0]:
        assert end <= span.start < span.end <= len(text)
        assert 0 < span.score <= 1
        end = span.end


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_masking_twice_changes_nothing_more(text: str) -> None:
    once = mask_many([text], PSEUDONYMISER)

    assert mask_many(once, PSEUDONYMISER) == once


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_texts_of_a_column_do_not_influence_each_other(texts: list[str]) -> None:
    assert ColumnScanner().scan(texts) == [ColumnScanner().scan([text])[0] for text in texts]


def values(text: str) -> list[tuple[str, str]]:
    return [(text[span.start : span.end], span.label) for span in detect_many([text])[0]]


def identity_numbers() -> st.SearchStrategy[str]:
    return st.integers(100_000_000, 999_999_999).map(lambda stem: f"{stem}{tckimlik.calc_check_digits(str(stem))}")


PADDING = st.text(alphabet="İıIiğüşöçĞÜŞÖÇ 😀é", max_size=10).map(lambda text: f"{text} ")
SUFFIXES = st.sampled_from(["", "'nın", "’dan", "'ya", " numaralı", "."])


@settings(deadline=None)  # the first example reads the lists of names
@given(PADDING, identity_numbers(), SUFFIXES)
def test_any_identity_number_is_found_at_its_place(before: str, number: str, after: str) -> None:
    text = f"{before}{number}{after}"

    assert (number, "TR_TCKN") in values(text)


@settings(deadline=None)  # the first example reads the lists of names
@given(PADDING, st.integers(500_0000000, 559_9999999), st.sampled_from(["0{}", "+90{}", "90{}"]), SUFFIXES)
def test_any_mobile_number_is_found_at_its_place(before: str, number: int, spelling: str, after: str) -> None:
    phone = spelling.format(number)
    text = f"{before}{phone}{after}"

    assert (phone, "TR_PHONE") in values(text)


@settings(deadline=None)  # the first example reads the lists of names
@given(PADDING, identity_numbers(), st.integers(500_0000000, 559_9999999), SUFFIXES)
def test_a_masked_text_holds_no_digit_run_of_the_original(before: str, number: str, phone: int, after: str) -> None:
    masked = mask_many([f"{before}{number}{after} 0{phone}{after}"], PSEUDONYMISER)[0]

    for run in re.findall("[0-9]{5,}", f"{number} 0{phone}"):
        assert run not in masked


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_offsets_hold_in_decomposed_text(form: str) -> None:
    text = unicodedata.normalize(form, "İğüş Çağrı müşterisi Şükrü Yılmaz 😀 0532 000 11 22'den aradı")

    spans = [(span.label, unicodedata.normalize("NFC", text[span.start : span.end])) for span in detect_many([text])[0]]
    assert spans == [("PERSON", "Şükrü Yılmaz"), ("TR_PHONE", "0532 000 11 22")]


def test_a_number_dressed_as_a_mask_is_still_found() -> None:
    assert mask_many(["<TR_PHONE:05320001122> ve <PERSON>"]) == ["<TR_PHONE:<TR_PHONE>> ve <PERSON>"]


def test_other_digits_than_ours_are_no_escape() -> None:
    # Arabic-Indic digits are not searched as numbers, but they must not break the offsets of what follows.
    text = "٠٥٣٢ 0532 000 11 22"

    assert [text[span.start : span.end] for span in detect_many([text])[0]] == ["0532 000 11 22"]


INVISIBLE = st.sampled_from("\u00ad\u200b\u200d\u200e\u202a\u202c\u2066\ufe0f\ufeff")


@settings(deadline=None, max_examples=40)
@given(PADDING, identity_numbers(), INVISIBLE, st.integers(1, 10), st.sampled_from(["", "\u202a", "😀\u200d"]))
def test_what_nobody_sees_inside_a_number_hides_it_from_nobody(
    before: str, number: str, unseen: str, at: int, mark: str
) -> None:
    text = f"{before}{mark}{number[:at]}{unseen}{number[at:]}{unseen} geldi"

    assert (f"{number[:at]}{unseen}{number[at:]}", "TR_TCKN") in values(text)
    masked, plain = mask_many([text, f"{before}{mark}{number} geldi"], PSEUDONYMISER)
    assert masked.replace(unseen, "") == plain.replace(unseen, "")


def test_full_width_digits_are_digits() -> None:
    assert values("ara ０５３２ ０００ １１ ２２ İ") == [("０５３２ ０００ １１ ２２", "TR_PHONE")]
    assert len(set(mask_many(["０５３２ ０００ １１ ２２", "0532 000 11 22"], PSEUDONYMISER))) == 1


@pytest.mark.parametrize(
    ("text", "special"),
    [
        ("müşteri hamile olduğu için", True),
        ("KANSER TEDAVİSİ", True),
        ("sabıka kaydı istendi", True),
        ("sendika üyesi", True),
        ("Şeker hastası", True),
        ("hasta bina sendromu", False),
        ("motor tutukluk yapıyor", False),
        ("günlük rapor gönderildi", False),
        ("randevu veremedik", False),
        ("engelli rampası yapıldı", False),
        ("", False),
    ],
)
def test_special_categories_are_told_by_their_words(text: str, special: bool) -> None:
    assert ColumnScanner().special([text]) == [special]
