"""An amount in Turkish words, as it stands on invoices: YALNIZ : BİN İKİ YÜZ TL ELLİ KRŞ."""

from __future__ import annotations

from decimal import Decimal

_ONES = ("", "BİR", "İKİ", "ÜÇ", "DÖRT", "BEŞ", "ALTI", "YEDİ", "SEKİZ", "DOKUZ")
_TENS = ("", "ON", "YİRMİ", "OTUZ", "KIRK", "ELLİ", "ALTMIŞ", "YETMİŞ", "SEKSEN", "DOKSAN")
_GROUPS = ("", "BİN", "MİLYON", "MİLYAR", "TRİLYON", "KATRİLYON")
LARGEST = 10 ** (3 * len(_GROUPS)) - 1

_MONEY = {
    "TRY": ("TL", "KRŞ"),
    "USD": ("ABD DOLARI", "SENT"),
    "EUR": ("EURO", "SENT"),
    "GBP": ("İNGİLİZ STERLİNİ", "PENİ"),
    "CHF": ("İSVİÇRE FRANGI", "SANTİM"),
}


def in_words(amount: Decimal, currency: str) -> str:
    """An amount of two decimals, not negative, in words. ValueError beyond `LARGEST`.

    A currency without Turkish words of its own is named by its code, and its hundredths are written as 45/100.
    """
    whole, hundredths = divmod(int(amount * 100), 100)
    if currency in _MONEY:
        unit, part = _MONEY[currency]
        rest = f" {number(hundredths)} {part}" if hundredths else ""
    else:
        unit, rest = currency, f" {hundredths}/100" if hundredths else ""
    return f"YALNIZ : {number(whole)} {unit}{rest}"


def number(value: int) -> str:
    """A whole number in words, SIFIR for zero. ValueError when it is negative or beyond `LARGEST`."""
    if not 0 <= value <= LARGEST:
        raise ValueError("out of range")
    if not value:
        return "SIFIR"
    words: list[str] = []
    for place in reversed(range(len(_GROUPS))):
        group = value // 1000**place % 1000
        if group:
            # One thousand is BİN and not BİR BİN; one million is BİR MİLYON.
            words += [] if (group, place) == (1, 1) else _hundreds(group)
            words.append(_GROUPS[place])
    return " ".join(word for word in words if word)


def _hundreds(value: int) -> list[str]:
    hundreds, rest = divmod(value, 100)
    tens, ones = divmod(rest, 10)
    return [_ONES[hundreds] if hundreds > 1 else "", "YÜZ" if hundreds else "", _TENS[tens], _ONES[ones]]
