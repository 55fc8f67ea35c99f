"""Birth dates in the spellings that people use. Values are synthetic or published test values."""

from __future__ import annotations

import pytest

from tests.support.marked_texts import assert_found


@pytest.mark.parametrize(
    "marked",
    [
        "D.Tarihi [[BIRTH_DATE|15.03.1985]]",
        "D. Tarihi: [[BIRTH_DATE|15/03/1985]]",
        "Doğ. Tar.: [[BIRTH_DATE|15-03-1985]]",
        "DOĞUM TARİHİ [[BIRTH_DATE|15 MART 1985]]",
        "dogum tarihi [[BIRTH_DATE|15.3.85]]",
        "[[BIRTH_DATE|15.03.1985]] doğumluyum",
        "[[BIRTH_DATE|15 Mart 1985]] tarihinde Ankara'da doğmuş",
        "[[BIRTH_DATE|15 Mart 1985]] doğumlu",
        "d.t. [[BIRTH_DATE|15.03.85]]",
        "DT:[[BIRTH_DATE|15.03.1985]]",
        "Doğum yeri ve tarihi: Sivas, [[BIRTH_DATE|01.01.1960]]",
        "doğum: [[BIRTH_DATE|1985-03-15]]",
        "doğum tarihim [[BIRTH_DATE|5 mart 1990]]'dır",
        "Doğum Tarihi (gün/ay/yıl): [[BIRTH_DATE|05/11/1978]]",
        "bebek [[BIRTH_DATE|12.05.2024]]'te doğdu",
        "d.tar:[[BIRTH_DATE|02021980]]",
        "doğ.trh [[BIRTH_DATE|2.2.1980]]",
        "Doğum tarihi: [[BIRTH_DATE|15.03.1985]], işe giriş: 01.02.2010",
        "Kızımın doğum günü [[BIRTH_DATE|12.05.2015]]",
        "[[BIRTH_DATE|12.05.1990]] d.lu",
        "[[BIRTH_DATE|12-May-1990]] doğumlu",
        "DOGUM TARIHI:[[BIRTH_DATE|12051990]]",
        "Doğum: [[BIRTH_DATE|12 Ağustos 1990]]",
        "doğum tar. [[BIRTH_DATE|12 AGUSTOS 1990]]",
        "D.T.[[BIRTH_DATE|12.05.1990]]",
        "Ali, d. [[BIRTH_DATE|12.05.1990]]",
        "yaş 35 (d.t [[BIRTH_DATE|12/5/1990]])",
        "hasta [[BIRTH_DATE|12.05.1990]] doğ.",
        "doğum [[BIRTH_DATE|12.05.1990]], sipariş 15.06.2026",
        "born on [[BIRTH_DATE|12 March 1984]]",
        "date of birth: [[BIRTH_DATE|3 Dec 1990]]",
    ],
)
def test_every_spelling_is_found_with_its_span(marked: str) -> None:
    assert_found(marked)
