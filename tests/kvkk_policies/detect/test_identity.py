"""Identity and tax numbers in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "Kimlik numaramı yazıyorum: [[TR_TCKN|55807302178]], dönüş bekliyorum",
        "TC:[[TR_TCKN|67368193058]] Tel:[[TR_PHONE|05321234567]]",
        "T.C. Kimlik No'su [[TR_TCKN|46426212962]]'dir",
        "t.c. no [[TR_TCKN|82200332280]]",
        "TCKNO=[[TR_TCKN|55383236454]]",
        "tckn-[[TR_TCKN|15622415422]]",
        "YKN [[TR_TCKN|99145421252]] olan yabancı öğrenci",
        "VKN/TCKN : [[TR_TCKN|19514547512]]",
        "VKN/TCKN : [[TR_VKN|8275217488]]",
        "vatandaşlık numarası [[TR_TCKN|37720405648]] olan kişi",
        "nüfusa kayıtlı [[TR_TCKN|18656907024]] tc kimlik nolu şahıs",
        "[[TR_TCKN|39313758582]]'in adresi güncellendi",
        "[[TR_TCKN|57195406186]]nolu kimlik",
        "TC kimliğim [[TR_TCKN|458 952 548 00]] olarak kayıtlı",
        "TC [[TR_TCKN|45895 254800]] diye okudu",
        "TC: [[TR_TCKN|4 5 8 9 5 2 5 4 8 0 0]]",
        "TC: [[TR_TCKN|458-952-54-800]] kaydı",
        "Müşterinin TCsi [[TR_TCKN|45895254800]]",
        "TC [[TR_TCKN_SUSPECT|45895254801]] kayıtta bulunamadı",
        "kimlik no hatalı: [[TR_TCKN_SUSPECT|12345678901]]",
        "[[TR_TCKN_SUSPECT|45895254801]] nolu TC hatalı dedi sistem",
        "[[TR_TCKN_SUSPECT|4589525480]] tc no eksik hane",
        "ABONE TC NO [[TR_TCKN|45895254800]] ABONE NO 4410293847",
        "tc no ve cep: [[TR_TCKN|45895254800]] / [[TR_PHONE|0533 765 43 21]]",
        "poliçe no 45895254811 ile tc [[TR_TCKN|45895254800]] eşleşmedi",
        "hasta tc [[TR_TCKN|45895254800]] protokol 2026118845",
        "Vergi no: [[TR_VKN|8437037424]]",
        "v.n. [[TR_VKN|7751808602]]",
        "VD/VN: Kadıköy / [[TR_VKN|5427541723]]",
        "Beşiktaş Vergi Dairesi [[TR_VKN|3717030760]]",
        "Vergi Dairesi: Ulus, Vergi Numarası: [[TR_VKN|6416825142]]",
        "Fatura bilgileri: Anadolu Kurumlar V.D. [[TR_VKN|7028779012]]",
        "[[TR_VKN|5778913601]] vergi numaralı firma",
        "[[TR_VKN|9146518603]] VKN'li mükellef",
        "VKN'niz [[TR_VKN|7800268699]] olarak güncellendi",
        "vergi kimlik numaramız [[TR_VKN|841 855 17 61]]",
        "VKN [[TR_VKN_SUSPECT|3232174973]] hatalı",
        "vergi levhasındaki no [[TR_VKN|3232174972]]",
        "Tax ID: [[TR_VKN|3232174972]]",
        "TAX NO [[TR_VKN|3232174972]]",
        "mükellef no [[TR_VKN|3232174972]] e-fatura mükellefi",
        "V.D.: Bornova V.N.: [[TR_VKN|3232174972]]",
        "vd bornova vkn [[TR_VKN|3232174972]] faturayı buna kes",
        "VERGI NO [[TR_VKN|3232174972]]",
        "sgk no [[TR_TCKN|45895254800]]",
        "Eczaneden aradılar, hasta Tc'sini [[TR_TCKN|45895254800]] olarak verdi, reçete kodu 1ABC2DE",
        "E-Nabız girişi için kimlik numarası: [[TR_TCKN|458.952.548.00]]",
        "öğrenci no 2026104587 tc [[TR_TCKN|45895254800]]",
        "Kiracı TCKN'si [[TR_TCKN|45895254800]], kefil TCKN'si [[TR_TCKN|55807302178]].",
        "T.C. [[TR_TCKN|45895254800]] - Ahmet",
        "kimlikno=[[TR_TCKN|45895254800]]&tel=[[TR_PHONE|5321234567]]",
        '{"tckn": "[[TR_TCKN|45895254800]]", "vkn": "[[TR_VKN|8437037424]]", "gsm": "[[TR_PHONE|+905321234567]]"}',
        "tckn;ad;gsm\n[[TR_TCKN|45895254800]];Ali;[[TR_PHONE|5321234567]]",
        "Taşınmaz maliki T.C. Kimlik Numarası [[TR_TCKN|45895254800]] olan",
        "Vatandaşlık No: [[TR_TCKN|45895254800]]",
        "Sigortalı SGK sicil no'su [[TR_TCKN|45895254800]]",
        "[[TR_TCKN|10000000146]] tek başına",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
