"""Bank accounts and payment cards in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "[[TR_IBAN|TR37 0006 4014 9450 8813 0599 77]] hesabına",
        "iban no [[TR_IBAN|tr26 0004 6095 0428 6465 2430 07]]",
        "IBAN:[[TR_IBAN|TR190006204646975885902970]]",
        "[[TR_IBAN|TR25-0006-4075-0380-7132-2836-16]]",
        "[[TR_IBAN|TR 05 0006 4034 0339 1856 9431 58]]",
        "IBAN [[TR_IBAN|050006403403391856943158]] (başında TR yok)",
        "hesap no TR: [[TR_IBAN|05 0006 4034 0339 1856 9431 58]]",
        "ibanı [[TR_IBAN_SUSPECT|TR05 0006 4034 0339 1856 9431 59]] hatalı",
        "[[TR_IBAN|TR05.0006.4034.0339.1856.9431.58]]'e havale",
        "IBAN: [[TR_IBAN_SUSPECT|TR05 0006 4034 0339 1856 9431 5]]",
        "Almanya hesabı [[TR_IBAN|DE89 3704 0044 0532 0130 00]]",
        "GB hesabı [[TR_IBAN|GB29NWBK60161331926819]]",
        "kart [[CREDIT_CARD|4419 4164 6125 6153]] skt 12/28 cvv 123",
        "[[CREDIT_CARD|2223-5700-1314-1311]] ile ödeme",
        "troy kartım [[CREDIT_CARD|9792999973744192]]",
        "[[CREDIT_CARD|3792 464799 52378]] amex",
        "kart numaram [[CREDIT_CARD|6558 4416 6807 7471]]'dir",
        "kredi kartı: [[CREDIT_CARD|54813611 93896837]]",
        "kart no: [[CREDIT_CARD|548 136 119 389 6837]]",
        "kart no [[CREDIT_CARD_SUSPECT|5481361193896838]] reddedildi",
        "banka kartım çalındı [[CREDIT_CARD|4419416461256153]] iptal edin",
        "hesap numaram [[TR_IBAN|TR050006403403391856943158]] Ziraat değil",
        "iban : [[TR_IBAN|TR05 0006 4034 0339 1856 9431 58]] isim Ali",
        "Iban no; [[TR_IBAN|tr05 0006 4034 0339 1856 9431 58]] garanti",
        "EFT için [[TR_IBAN|TR0500064034 0339185694 3158]]",
        "[[CREDIT_CARD|4419416461256153]] 12/28 000",
        "kredi kartım [[CREDIT_CARD|4419 4164 6125 6153]] limiti",
        "PAN=[[CREDIT_CARD|4419416461256153]]",
        "IBAN'a ([[TR_IBAN|TR370006401494508813059977]]) yatırın",
        "ödeme [[CREDIT_CARD|5481 3611 9389 6837]] ile alındı",
        "kart [[CREDIT_CARD|5528/7900/0000/0008]]",
        "kart [[CREDIT_CARD|5528_7900_0000_0008]]",
        "sipariş iptal, [[CREDIT_CARD|5528 7900 0000 0008]] kartına iade",
        "[[CREDIT_CARD|5528 — 7900 — 0000 — 0008]] ile",
        "kart [[CREDIT_CARD|5528790000000008]]/1228",
        "IBAN [[TR_IBAN|TR33_0006_1005_1978_6457_8413_26]]",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
