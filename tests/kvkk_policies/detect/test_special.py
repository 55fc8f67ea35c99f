"""Special categories (KVKK art. 6): which category a text speaks of, and what only sounds like one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kvkk_policies.detect.special import _categories_of as categories_of  # pyright: ignore[reportPrivateUsage]
from kvkk_policies.detect.special import speaks_of_special_category, special_categories
from kvkk_policies.turkish import fold
from kvkk_policies.vocabulary import SPECIAL_CATEGORIES

_WORDS = ("kanser", "KANSER", "Kanser", "HIV", "hiv", "namaz", "NAMAZ", "Kürt", "KÜRT", "cezaevi", "DNA", "şizofren")
_BEFORE = ("", " ", "\n", ".", "(", "5", "ç", "İ", "ı", "a", "Z", "\u212a", "é", "-", "'", "ß", "\t", "\u00a0", "â")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("kemoterapi gördüğü için ödemeyi erteledi", "SAGLIK"),
        ("KANSER TEDAVİSİ SÜRÜYOR", "SAGLIK"),
        ("fıstık alerjisi var, kurabiyeye koymayın", "SAGLIK"),
        ("7 gün raporlu, yerine bakan yok", "SAGLIK"),
        ("gorme engelli yolcu refakat istiyor", "SAGLIK"),
        ("namaz kıldığı saatlerde aramayın", "INANC"),
        ("başörtülü personel istemiş", "KIYAFET"),
        ("Kürt asıllı olduğunu söyledi", "IRK"),
        ("sendikaya üye olmuş", "UYELIK"),
        ("CHP'li olduğunu yazmış", "SIYASI"),
        ("cezaevinde 3 yıl yatmış", "CEZA"),
        ("hapis cezası ertelendi", "CEZA"),
        ("eşcinsel olduğunu söyledi", "CINSEL"),
        ("parmak izini kaydettik", "BIYOMETRIK"),
        ("DNA testi sonucu bekleniyor", "GENETIK"),
    ],
)
def test_the_category_of_a_text_is_told(text: str, category: str) -> None:
    assert special_categories([text]) == [frozenset({category})]


@pytest.mark.parametrize(
    "text",
    [
        "satış raporu 3 gün gecikti",
        "engelli rampası yapıldı",
        "kanserojen madde içermez",
        "trafik felç oldu",
        "3 parti mal geldi, doğum günü partisi iptal",
        "cezaevi kantini siparişi",
        "parmak izi okuyucu cihaz 2 adet",
        "hapis hakkı kullanıldı",
        "başörtüsü siparişi 20 adet",
        "kurt köpeği eğitimi",
        "ocağın alevi sönüyor",
        "tarım ilacı kullanıldı",
        "gebe inek satışı",
        "özürlü mal iadesi",
        "arıza teşhisi kondu",
        "roman yazarı imza günü",
        "grev nedeniyle kargo gecikti",
    ],
)
def test_a_business_sentence_is_not_dropped(text: str) -> None:
    assert special_categories([text]) == [frozenset()]


@pytest.mark.parametrize("text", ["Kürt asıllı olduğunu söyledi", "kemoterapi gördü", "ŞİZOFRENİ TANISI KONDU"])
def test_it_is_told_however_the_letters_are_written(text: str) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    spellings = [unicodedata.normalize("NFD", text), "\u200b".join(text), text.replace("o", "o\u00ad"), wide]

    assert special_categories(spellings) == special_categories([text]) * len(spellings)
    assert all(special_categories(spellings))


def test_a_text_can_speak_of_two_categories() -> None:
    assert special_categories(["sabıkası var, hamile"]) == [frozenset({"CEZA", "SAGLIK"})]


@given(st.lists(st.text(max_size=30), max_size=4))
def test_both_answers_agree_and_know_only_the_laws_categories(texts: list[str]) -> None:
    found = special_categories(texts)

    assert speaks_of_special_category(texts) == [bool(categories) for categories in found]
    assert frozenset().union(*found) <= SPECIAL_CATEGORIES


@given(st.lists(st.tuples(st.sampled_from(_BEFORE), st.sampled_from(_WORDS)), min_size=1, max_size=3))
def test_the_first_look_stops_no_text_in_which_a_category_is_named(pieces: list[tuple[str, str]]) -> None:
    text = "".join(before + word for before, word in pieces)

    assert special_categories([text]) == [categories_of(fold(text))]
