"""Units of quantity: the UN/ECE code that the rules want, and what people write in its place."""

from __future__ import annotations

from hub.einvoice.codes.lists import listed

WRITTEN = {
    "ADET": "C62",
    "TANE": "C62",
    "KİLOGRAM": "KGM",
    "GR": "GRM",
    "GRAM": "GRM",
    "TON": "TNE",
    "LT": "LTR",
    "LİTRE": "LTR",
    "M": "MTR",
    "METRE": "MTR",
    "M2": "MTK",
    "METREKARE": "MTK",
    "M3": "MTQ",
    "METREKÜP": "MTQ",
    "SAAT": "HUR",
    "GÜN": "DAY",
    "YIL": "ANN",
    "TAKIM": "SET",
    "PAKET": "PA",
    "KUTU": "BX",
    "KOLİ": "CT",
    "ÇİFT": "PR",
}
"""Turkish words in upper case. AY (month), AD (piece) and KG are missing: the list has them as
codes of other units (KG is a keg), so nobody can tell that a word was meant."""


def is_unit(code: str) -> bool:
    """Whether the rules know the code."""
    return code in listed("UnitCodeList")


def meant(text: str) -> str | None:
    """The code that somebody meant who wrote a Turkish word or abbreviation, for the fix of an error."""
    return WRITTEN.get(text.strip().replace("i", "İ").replace("ı", "I").upper())
