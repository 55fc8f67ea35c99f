from __future__ import annotations

import pytest

from hub.discovery.headers import PHRASES, header_of
from hub.discovery.meanings import MEANINGS
from kvkk_policies.turkish import fold


@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("TC Kimlik No", "tckn"),
        ("T.C. KİMLİK NUMARASI", "tckn"),
        ("tc_no", "tckn"),
        ("tcKimlikNo", "tckn"),
        ("VKN/TCKN", "tax_number"),
        ("Vergi No", "vkn"),
        ("VERGİ DAİRESİ", "code"),
        ("Cep Tel.", "phone"),
        ("telefon_no", "phone"),
        ("telefon2", "phone"),
        ("buyerGsmNumber", "phone"),
        ("E-Posta", "email"),
        ("customer_email", "email"),
        ("e-mail adresi", "email"),
        ("IP Adresi", "ip"),
        ("Fatura Adresi", "address"),
        ("Adı", "name"),
        ("SOYADI", "name"),
        ("adi_soyadi", "name"),
        ("contactName", "name"),
        ("Ürün Adı", "thing_name"),
        ("file_name", "thing_name"),
        ("Ünvan", "company"),
        ("İl", "region"),
        ("İLÇE", "region"),
        ("Plaka", "plate"),
        ("Doğum Tarihi", "birth_date"),
        ("dogum_tarihi", "birth_date"),
        ("Sipariş Tarihi", "date"),
        ("telefon_aciklama", "free_text"),
        ("Not", "free_text"),
        ("Kan Grubu", "health"),
        ("sendika_uyeligi", "membership"),
        ("Enlem", "latitude"),
        ("lng", "longitude"),
        ("Kart No", "card"),
        ("müşteri_no", "id"),
        ("order_id", "id"),
        ("TUTAR", "amount"),
        ("adet", "code"),
        ("musteri.iletisim.telefon", "phone"),
        ("phones[].number", "phone"),
        ("ile", None),
        ("adım", None),
        ("xyz", None),
        ("", None),
    ],
)
def test_a_heading_is_understood_in_any_spelling(heading: str, meaning: str | None) -> None:
    assert header_of(heading).meaning == meaning


@pytest.mark.parametrize(
    ("heading", "owner"),
    [("musteri_telefon", "customer"), ("Sürücü Adı", "employee"), ("alici.ad", "recipient"), ("telefon", None)],
)
def test_a_heading_says_whose_the_column_is(heading: str, owner: str | None) -> None:
    assert header_of(heading).owner == owner


@pytest.mark.parametrize(
    ("heading", "cursor"),
    [("updated_at", True), ("Son Güncelleme Tarihi", True), ("changed_at", True), ("created_at", False)],
)
def test_the_time_of_the_last_change_is_a_cursor(heading: str, cursor: bool) -> None:
    assert header_of(heading).is_cursor is cursor


def test_every_meaning_has_a_policy_and_every_phrase_is_folded_and_stands_once() -> None:
    phrases = [phrase.strip() for each in PHRASES.values() for phrase in each.split(",")]

    assert PHRASES.keys() <= MEANINGS.keys()
    assert [phrase for phrase in phrases if phrase != fold(phrase) or not phrase] == []
    assert sorted({phrase for phrase in phrases if phrases.count(phrase) > 1}) == []
