"""Tables pasted into a note: the heading over a cell says whether it holds a person."""

from __future__ import annotations

import pytest

from kvkk_policies.detect import detect_many
from kvkk_policies.detect.tables import cells


def persons(text: str) -> list[str]:
    return [text[span.start : span.end] for span in detect_many([text])[0] if span.label == "PERSON"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("barkod;alici;il\n770;Xhemal Qwertoz;Bursa\n771;Özlem Uygun;Yalova", ["Xhemal Qwertoz", "Özlem Uygun"]),
        ("hasta_id,ad,soyad,gsm\n8841,Cihan,Qwertoz,545", ["Cihan", "Qwertoz"]),
        ("no|sahip|mahalle\r\n12|Hikmet Ayvaz|Esentepe\r\n", ["Hikmet Ayvaz"]),
        ('"Ad Soyad";"Tel"\n"Qwertoz Zxcvb";"-"', ["Qwertoz Zxcvb"]),
        ("liste:\nAD SOYAD\tŞUBE\nQWERTOZ ZXCVB\tMERKEZ", ["QWERTOZ ZXCVB"]),
        ("İ😀;gorusulen_kisi\n1;Xhemal Qwertoz", ["Xhemal Qwertoz"]),
    ],
)
def test_a_cell_below_a_persons_heading_is_a_name(text: str, expected: list[str]) -> None:
    assert persons(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "stok;kod;ad\n7;10;Braket\n3;21;Conta Takımı",
        "barkod;ad\n1;Bardak Seti",
        "musteri;il\nQwertoz Lojistik;Bursa\nMigros;İzmir\nPerakende;Van",
        "musteri;il\nXhemal Qwertoz;Bursa;3",
        "musteri, il\nqwertoz zxcvb, bursa",
        "urun adi;il\nXhemal Qwertoz;Bursa",
    ],
)
def test_a_cell_with_goods_or_firms_is_none(text: str) -> None:
    assert persons(text) == []


def test_a_cell_lies_where_its_text_does() -> None:
    text = 'x\na; b \n 1 ;"2"\n;\nend'

    assert [(text[cell.start : cell.end], cell.heading) for cell in cells(text)] == [
        ("1", "a"),
        ("2", "b"),
        ("", "a"),
        ("", "b"),
    ]
