"""Vehicle plates in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "[[TR_PLATE|34 ABC 123]] plakalı araç",
        "plaka [[TR_PLATE|34abc123]]",
        "PLAKA:[[TR_PLATE|34ABC123]]",
        "[[TR_PLATE|34ABC123]]/[[TR_PLATE|34DEF456]] çekici dorse",
        "[[TR_PLATE|34 ABC 123]]-[[TR_PLATE|34 DEF 456]]",
        "[[TR_PLATE|06 A 1234]] plakalı",
        "[[TR_PLATE|06 A 12345]] ruhsat sahibi",
        "kamyon [[TR_PLATE|35-JK-1234]] depoda",
        "[[TR_PLATE|01 AAA 99]] geldi",
        "[[TR_PLATE|81 ZZ 999]] yıkandı",
        "[[TR_PLATE|34.ABC.123]] hasar kaydı",
        "[[TR_PLATE|34  ABC  123]]",
        "[[TR_PLATE|34 ABC123]]'ün vizesi",
        "[[TR_PLATE|34ABC 123]]'e ceza",
        "[[TR_PLATE|07 YSF 45]] için kasko teklifi",
        "araç: [[TR_PLATE|16 u 4321]]",
        "sürücü [[TR_PLATE|41 kl 789]] ile yolda",
        "[[TR_PLATE|34 TBL 12]] otoparkta",
        "[[TR_PLATE|34 TK 1923]] servise çekildi",
        "[[TR_PLATE|34 ABC 123]] plakalıya parça takıldı",
        "parça için bekleyen araç [[TR_PLATE|20 FGH 77]]",
        "sipariş [[TR_PLATE|34 ABC 123]] ile yola çıktı",
        "kargo [[TR_PLATE|34 ABC 123]]'e yüklendi",
        "Plaka [[TR_PLATE|34ABC123]], ruhsat seri AB 123456",
        "[[TR_PLATE|06 FH 4521]] çarptı",
        "[[TR_PLATE|55 AAB 01]] hasarlı",
        "plakası [[TR_PLATE|16 aaa 111]] olan",
        "Plakalar: [[TR_PLATE|34 AB 1234]], [[TR_PLATE|34 CD 5678]] ve [[TR_PLATE|35 EF 901]]",
        "araç plaka no: [[TR_PLATE|34 AB 1234]]",
        "[[TR_PLATE|34 AB 1234]]'lü araç",
        "PLAKA NO [[TR_PLATE|34AB1234]]",
        "Aracın plakası: [[TR_PLATE|34-AB-1234]].",
        "[[TR_PLATE|34 GG 0012]] geldi yıkandı 250 TL",
        "HGS [[TR_PLATE|34AB1234]] bakiye",
        "[[TR_PLATE|10 ABC 45]] rot balans",
        "ruhsat no [[TR_PLATE|34 AB 1234]]",
        "[[TR_PLATE|34 AB 1234]] 123.456 km'de",
        "2019 model [[TR_PLATE|34 AB 1234]]",
        "[[TR_PLATE|34 AB 1234]] - 2019 Fiat Egea",
        "[[TR_PLATE|34 BTS 56]] plakalı 34 kişilik otobüs",
        "çekici [[TR_PLATE|34 BTS 56]] dorse [[TR_PLATE|34 BTS 57]]",
        "[[TR_PLATE|06 AB 123]] yola çıktı",
        "gelen tır: [[TR_PLATE|27.AB.123]]",
        "[[TR_PLATE|34KL1234]]/[[TR_PLATE|34KL5678]] plakalı",
        "[[TR_PLATE|34 M 1234]] plaka taksi",
        "TR [[TR_PLATE|34 ABC 123]]",
        "[[TR_PLATE|34 abd 187]] neredesin yolcu bekliyor",
        "valiz [[TR_PLATE|35abd187]]'de kalmış",
        "[[TR_PLATE|34 AB 1230]] rulman değişimi yapıldı",
        "[[TR_PLATE|34_ABD_187]] plakalı",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
