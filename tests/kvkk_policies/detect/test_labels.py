"""What each finder must and must not find. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from kvkk_policies.detect import detect_many, mask


def found(text: str) -> list[tuple[str, str]]:
    return [(span.label, text[span.start : span.end]) for span in detect_many([text])[0]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # identity numbers
        ("TC kimlik no 10000000146 olan müşteri", [("TR_TCKN", "10000000146")]),
        ("T.C.: 10000000146", [("TR_TCKN", "10000000146")]),
        ("TCKN: 100 000 001 46'dır", [("TR_TCKN", "100 000 001 46")]),
        ("10000000146'ya ait kayıt", [("TR_TCKN", "10000000146")]),
        ("kimliği 10000000147 yazmış", [("TR_TCKN_SUSPECT", "10000000147")]),
        ("10000000147 tc'si hatalı mı", [("TR_TCKN_SUSPECT", "10000000147")]),
        ("TC:10000000146", [("TR_TCKN", "10000000146")]),
        ("SIP-10000000146", [("TR_TCKN", "10000000146")]),
        ("10000000146_20261122", [("TR_TCKN", "10000000146")]),
        ("10000000146-20261122", [("TR_TCKN", "10000000146")]),
        ("10000000146", [("TR_TCKN", "10000000146")]),
        # tax numbers
        ("VKN 4540536920 Kadıköy V.D.", [("TR_VKN", "4540536920")]),
        ("vergi numarası: 1111111111", [("TR_VKN_SUSPECT", "1111111111")]),
        ("vergi no 10000000146", [("TR_TCKN", "10000000146")]),
        # bank accounts
        ("TR33 0006 1005 1978 6457 8413 26'ya gönderin", [("TR_IBAN", "TR33 0006 1005 1978 6457 8413 26")]),
        ("ibanım tr330006100519786457841326", [("TR_IBAN", "tr330006100519786457841326")]),
        (
            "TR33\u00a00006\u00a01005\u00a01978\u00a06457\u00a08413\u00a026",
            [("TR_IBAN", "TR33\u00a00006\u00a01005\u00a01978\u00a06457\u00a08413\u00a026")],
        ),
        ("TR330006100519786457841327", [("TR_IBAN_SUSPECT", "TR330006100519786457841327")]),
        ("iban 330006100519786457841326", [("TR_IBAN", "330006100519786457841326")]),
        # cards
        ("kart 5528 7900 0000 0008 son kullanma 12/30", [("CREDIT_CARD", "5528 7900 0000 0008")]),
        ("9792030000000000 ile ödedi", [("CREDIT_CARD", "9792030000000000")]),
        ("374427000000003 amex", [("CREDIT_CARD", "374427000000003")]),
        ("kredi kartı 9792030000000001", [("CREDIT_CARD_SUSPECT", "9792030000000001")]),
        # telephone numbers
        ("0532 000 11 22'den aradı", [("TR_PHONE", "0532 000 11 22")]),
        ("+905320001122", [("TR_PHONE", "+905320001122")]),
        ("tel:05320001122", [("TR_PHONE", "05320001122")]),
        ("0 (532) 000 11 22", [("TR_PHONE", "0 (532) 000 11 22")]),
        ("(0532) 000-11-22", [("TR_PHONE", "(0532) 000-11-22")]),
        ("0090 532 000 1122", [("TR_PHONE", "0090 532 000 1122")]),
        ("0532.000.11.22", [("TR_PHONE", "0532.000.11.22")]),
        ("5320001122 müşterinin cebi", [("TR_PHONE", "5320001122")]),
        ("ofis 0212 345 67 89", [("TR_PHONE", "0212 345 67 89")]),
        ("telefonu 2123456789", [("TR_PHONE", "2123456789")]),
        ("05320001122den aradı", [("TR_PHONE", "05320001122")]),
        ("+49 30 901820 Almanya", [("TR_PHONE", "+49 30 901820")]),
        ("0 5 3 2 0 0 0 1 1 2 2", [("TR_PHONE", "0 5 3 2 0 0 0 1 1 2 2")]),
        # plates
        ("34 ABC 123 plakalı araç", [("TR_PLATE", "34 ABC 123")]),
        ("06 A 1234 plaka", [("TR_PLATE", "06 A 1234")]),
        ("aracı 35jk123", [("TR_PLATE", "35jk123")]),
        ("34ABC123'ün sürücüsü", [("TR_PLATE", "34ABC123")]),
        ("34-ABC-123 yolda", [("TR_PLATE", "34-ABC-123")]),
        # e-mail
        ("ad.soyad@ornek.com.tr'den mail geldi", [("EMAIL", "ad.soyad@ornek.com.tr")]),
        ("kep: firma@hs01.kep.tr.", [("EMAIL", "firma@hs01.kep.tr")]),
        ("ali@firma.comdan", [("EMAIL", "ali@firma.com")]),
        ("ALİ@ORNEK.COM", [("EMAIL", "ALİ@ORNEK.COM")]),
        # persons
        ("Sayın Ahmet Yılmaz, siparişiniz yola çıktı", [("PERSON", "Ahmet Yılmaz")]),
        ("Sn. Ahmet Yılmaz", [("PERSON", "Ahmet Yılmaz")]),
        ("Mehmet Demir'in faturası", [("PERSON", "Mehmet Demir")]),
        ("ayşe hanım aradı", [("PERSON", "ayşe")]),
        ("müşteri ismail kaya şikayetçi", [("PERSON", "ismail kaya")]),
        ("AHMET YILMAZ TESLİM ALDI", [("PERSON", "AHMET YILMAZ")]),
        ("YILMAZ Ahmet teslim aldı", [("PERSON", "YILMAZ Ahmet")]),
        ("ISMAIL KAYA", [("PERSON", "ISMAIL KAYA")]),
        ("Fatma Nur Çelik ile görüşüldü", [("PERSON", "Fatma Nur Çelik")]),
        ("Teslim alan: Barış Demir, imzaladı", [("PERSON", "Barış Demir")]),
        ("Umut Kara doğum günü", [("PERSON", "Umut Kara")]),
        ("İade Halil Türk hesabına yapılsın", [("PERSON", "Halil Türk")]),
        # addresses and birth dates
        (
            "Çınar Mah. Gül Sok. No:3 D:5 Kadıköy/İstanbul adresine",
            [("TR_ADDRESS", "Çınar Mah. Gül Sok. No:3 D:5 Kadıköy/İstanbul")],
        ),
        ("adres: çınar mah gül sok no 3 kadıköy istanbul", [("TR_ADDRESS", "çınar mah gül sok no 3 kadıköy istanbul")]),
        ("15.03.1985 doğumlu müşteri", [("BIRTH_DATE", "15.03.1985")]),
        ("doğum tarihi 5 Mart 1990", [("BIRTH_DATE", "5 Mart 1990")]),
        ("D.T. 1985-03-15", [("BIRTH_DATE", "1985-03-15")]),
        # devices
        ("imei 490154203237518", [("IMEI", "490154203237518")]),
        ("85.34.78.112 adresinden giriş", [("IP_ADDRESS", "85.34.78.112")]),
    ],
)
def test_personal_data_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Sipariş no 12345678901 hazırlandı",
        "sipariş 5321234567 nolu",
        "takip no 5528790000000008",
        "ABC2026000000123 nolu e-fatura",
        "550e8400-e29b-41d4-a716-446655440000",
        "barkod 8690000000001",
        "Tutar 12.345,67 TL 15.03.2025 14:30 tarihinde ödendi",
        "Fatura tarihi 15.03.1985",
        "sürüm 1.2.3.4",
        "yazılım versiyonu 85.34.78.112",
        "192.168.1.10",
        "07 B 12 rafında, 12 MAR 24, 50 KG 200",
        "34 XQ 123",
        "82 AB 123",
        "444 0 123 numaralı çağrı merkezi",
        "TC kimlik numarası 11 hanelidir",
        "telefon alanı boş",
        "Atatürk Caddesi trafiğe kapalı",
        "Deniz Kargo gelmedi",
        "Deniz yoluyla sevkiyat yapıldı",
        "Ali Demir Nakliyat Ltd. Şti. faturası",
        "Koç Holding ile sözleşme",
        "Güneş Enerji Sistemleri teklif istedi",
        "Barış ortamı sağlandı",
        "Kargo yarın sabah teslim edilecek",
        "16733998",
        "SIP-10021",
        "20261122140531ABC",
    ],
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_mask_without_key_shows_the_label_alone() -> None:
    assert mask("Ara: 0532 000 11 22") == "Ara: <TR_PHONE>"
