"""E-mail and KEP addresses in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "[[EMAIL|ad.soyad@ornek.com.tr]]'ye gönder",
        "mail: [[EMAIL|AD_SOYAD@ORNEK.COM.TR]]",
        "[[EMAIL|firma@hs01.kep.tr]] kep adresi",
        "[[EMAIL|ali+test@firma.co]]",
        "<[[EMAIL|ali@firma.com]]>",
        "e-posta:[[EMAIL|ali@firma.com.tr]].Yarın ararım",
        "[[EMAIL|şükrü@firma.com]]",
        "[[EMAIL|a@b.io]];[[EMAIL|c@d.net]]",
        "[[EMAIL|ali@firma.com]]'DAN GELDİ",
        "[[EMAIL|ali@firma.com]]dan geldi",
        "[[EMAIL|ali.veli@mail.firma-adi.com.tr]]",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
