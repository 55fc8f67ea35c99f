"""Numbers that only their keyword tells, in the spellings that people use. Values are synthetic."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "pasaport no [[TR_PASSPORT|U12345678]]",
        "Pasaport: [[TR_PASSPORT|S 87654321]]",
        "pasaportunun numarası [[TR_PASSPORT|U-12345678]] imiş",
        "[[TR_PASSPORT|U12345678]] nolu pasaport",
        "[[TR_PASSPORT|u12345678]] numaralı pasaportu kayıp",
        "yabancı pasaport no [[TR_PASSPORT|C01X00T47]]",
        "Passport No: [[TR_PASSPORT|U12345678]]",
        "ehliyet no [[TR_DRIVER_LICENCE|123456]]",
        "ehliyetinin numarası: [[TR_DRIVER_LICENCE|482913]]",
        "sürücü belgesi no: [[TR_DRIVER_LICENCE|65432]]",
        "Sürücü Belge No [[TR_DRIVER_LICENCE|654321]]",
        "ehliyet belge no [[TR_DRIVER_LICENCE|A 123456]]",
        "ehliyet seri no [[TR_DRIVER_LICENCE|A123456]]",
        "[[TR_DRIVER_LICENCE|123456]] nolu ehliyet",
        "seri no [[TR_ID_SERIAL|A12B34567]]",
        "kimlik seri no: [[TR_ID_SERIAL|A12B34567]]",
        "nüfus cüzdanı [[TR_ID_SERIAL|A12 345678]]",
        "Cüzdan seri/no: [[TR_ID_SERIAL|K04-123456]]",
        "kimlik kartı seri numarası [[TR_ID_SERIAL|a34f56789]]",
        "Seri: [[TR_ID_SERIAL|A12 No: 345678]] nüfus cüzdanı",
        "Mersis no: [[TR_MERSIS|0454053692000015]]",
        "MERSİS [[TR_MERSIS|0454-0536-9200-0015]]",
        "[[TR_MERSIS|0454053692000015]] mersis numaralı",
        "SGK işyeri sicil no [[TR_SGK|2 4120 01 01 1234567 034 12 34 000]]",
        "SGK sicil: [[TR_SGK|24120010112345670341234000]]",
        "ssk sicil no [[TR_SGK|1234567890123]]",
        "UAVT [[TR_UAVT|2187044193]]",
        "adres kodu: [[TR_UAVT|2187044193]]",
        "UAVT adres no [[TR_UAVT|218 704 41 93]]",
        "[[TR_UAVT|2187044193]] uavt kodlu",
        "Ulusal adres kodum [[TR_UAVT|2187044193]]",
        "şasi no [[VIN|WVWZZZ1JZXW000001]]",
        "şase: [[VIN|wvwzzz1jzxw000001]]",
        "ŞASİ NUMARASI [[VIN|NMTBB0JE30R123456]]",
        "VIN [[VIN|WVWZZZ1JZXW000001]]",
        "[[VIN|WVWZZZ1JZXW000001]] şasi numaralı araç",
        "IMEI [[IMEI|356229749675455]]",
        "imei no: [[IMEI|35 622974 967545 5]]",
        "imei1 [[IMEI|356229749675455]] imei2 [[IMEI|352037300547771]]",
        "IMEI: [[IMEI|356229749675455]] / [[IMEI|352037300547771]]",
        "imei [[IMEI_SUSPECT|356229749675456]] hatalı",
        "[[IMEI|356229749675455]] imei'li telefon",
        "şasi [[VIN|WVW ZZZ1JZ XW000001]]",
        "Ruhsat E alanı [[VIN|WVWZZZ1JZXW000001]]",
        "ehliyet numaram [[TR_DRIVER_LICENCE|123456]]",
        "driver's licence number is [[TR_DRIVER_LICENCE|123456]]",
        "ehliyet belge nosu [[TR_DRIVER_LICENCE|123 456]]",
        "kimlik seri [[TR_ID_SERIAL|A12 B 34567]]",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
