"""Postal addresses: what adds up to one and where it ends, and which sentences only name a street."""

from __future__ import annotations

import pytest

from kvkk_policies.detect import detect_many


def addresses(text: str) -> list[str]:
    return [text[span.start : span.end] for span in detect_many([text])[0] if span.label == "TR_ADDRESS"]


@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("Adresim ", "Yunus Emre Cad. 12/3 Bağcılar", ""),
        ("", "Gazi Mah.Hürriyet Cd.No:45 Sultangazi", " kapıda ödeme"),
        ("Kurye ", "Fenerbahçe Mahallesi, Bağdat Caddesi, No: 101, Daire 5, 34726 Kadıköy/İstanbul", " adresine gitti"),
        ("Ev adresi: ", "1453. Sokak No 7 Kat 2 Buca İzmir", ""),
        ("evim ", "kurtuluş mah 64005 sk no 12 seyhan adana", ""),
        ("", "CUMHURİYET MAH. 205. SK. NO:14 D:3 MELİKGAZİ KAYSERİ", ""),
        ("", "SIRINEVLER MAH MERALCE SOK NO 15 DAIRE 4 BAHCELIEVLER ISTANBUL", " TESLIM"),
        ("", "Kızılcahamam Karayolu 14. km Çubuk/Ankara", " tesisine sevk"),
        ("Tarla ", "Gökçeören Köyü Dere Mevkii No:12 Kula/Manisa", "'dadır"),
        ("", "Perpa Ticaret Merkezi B Blok Kat 5 No:412 Şişli", "'den alınacak"),
        ("Portföy: ", "Bağdat Caddesi No:318/5 Suadiye Kadıköy İstanbul", ", deniz manzaralı"),
        ("Sevk ", "İkitelli OSB Metal İş Sanayi Sitesi 12. Blok No:34 Başakşehir/İSTANBUL", ""),
        ("Siparişim ", "Ataşehir, Barbaros Mah. Çiğdem Sk. My Ofis Plaza No:1 Kat:14", " adresine"),
        ("Ahmet Yılmaz ", "Çınar Mah. Gül Sok. No:3 Kadıköy", ""),
    ],
)
def test_an_address_is_found_from_end_to_end(before: str, address: str, after: str) -> None:
    assert addresses(before + address + after) == [address]


def test_two_addresses_stay_two() -> None:
    first, second = "Kore Şehitleri Cad. No:16/1 34394 Şişli İstanbul", "Ümit Mah. 2539. Sok. No:4 Çayyolu/Ankara"

    assert addresses(f"Nakliye: {first} -> {second}") == [first, second]


@pytest.mark.parametrize(
    "text",
    [
        "Bağdat Caddesi'nde yürüyüş yapıldı",
        "Kadıköy Moda Caddesi kiraları yüzde 30 arttı",
        "Yıldız Mahallesi Gül Sokak'ta asfalt çalışması var",
        "İzmir yolu 45. km'de kaza oldu",
        "Adres bilgisi eksik, sokak ve kapı no yazılmamış",
        "3. kat 12 numaralı oda temizlendi",
        "Mahalle kahvesinde 24 saat açık",
        "Ankara bulvarı 12 saat su kesintisi yaşayacak",
        "Organize Sanayi Bölgesi elektrik kesintisi 14:00-16:00",
        "Zafer Plaza 2. kat mağazası açıldı",
        "Bulvar AVM 3. kat mağazası taşındı",
        "No 5 daire boş, kat 3 temizlendi",
    ],
)
def test_a_sentence_about_a_street_is_no_address(text: str) -> None:
    assert addresses(text) == []
