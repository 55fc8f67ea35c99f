"""Invented identity numbers that pass their checks."""

from __future__ import annotations

from random import Random

_PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVYZ"
_MOBILE_CODES = ("530", "532", "533", "535", "537", "541", "542", "543", "544", "551", "552", "553", "555")
_BANKS = ("00010", "00012", "00015", "00046", "00062", "00064", "00067", "00111")


def tckn(chance: Random) -> str:
    """An identity number of a person, 11 digits."""
    d = [chance.randint(1, 9), *(chance.randint(0, 9) for _ in range(8))]
    tenth = (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10
    return "".join(map(str, [*d, tenth, (sum(d) + tenth) % 10]))


def vkn(chance: Random) -> str:
    """A tax number of a company, 10 digits."""
    d = [chance.randint(0, 9) for _ in range(9)]
    total = 0
    for index, digit in enumerate(d):
        shifted = (digit + 9 - index) % 10
        total += (shifted * 2 ** (9 - index) % 9 or 9) if shifted else 0
    return "".join(map(str, [*d, -total % 10]))


def iban(chance: Random) -> str:
    """A Turkish account number without separators, 26 characters."""
    account = chance.choice(_BANKS) + "0" + "".join(str(chance.randint(0, 9)) for _ in range(16))
    check = 98 - int(account + "292700") % 97  # "TR00" behind the account, letters as numbers
    return f"TR{check:02d}{account}"


def mobile(chance: Random) -> str:
    """A mobile number in the form +905321234567."""
    return f"+90{chance.choice(_MOBILE_CODES)}{chance.randint(2_000_000, 9_999_999)}"


def plate(chance: Random, province: int) -> str:
    """A vehicle plate with its spaces, for example `34 ABC 123`."""
    letters = "".join(chance.choice(_PLATE_LETTERS) for _ in range(chance.choice((2, 3, 3))))
    digits = chance.randint(100, 999) if len(letters) == 3 else chance.randint(1000, 9999)
    return f"{province:02d} {letters} {digits}"
