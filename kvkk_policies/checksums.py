"""Check digits of Turkish and international numbers. Functions take strings of ASCII digits (letters too, for IBAN).

`python-stdnum` is their oracle in the tests; they are here because the scanner calls them for every candidate.
"""

from __future__ import annotations


def tckn_valid(digits: str) -> bool:
    """Whether 11 digits are a well-formed identity number (T.C. kimlik no)."""
    if len(digits) != 11 or digits[0] == "0":
        return False
    d = [ord(char) - 48 for char in digits]
    odd = d[0] + d[2] + d[4] + d[6] + d[8]
    even = d[1] + d[3] + d[5] + d[7]
    return (7 * odd - even) % 10 == d[9] and (odd + even + d[9]) % 10 == d[10]


def vkn_valid(digits: str) -> bool:
    """Whether 10 digits are a well-formed tax number (vergi kimlik no)."""
    if len(digits) != 10:
        return False
    total = 0
    for index in range(9):
        shifted = (ord(digits[index]) - 48 + 9 - index) % 10
        if shifted:
            total += shifted * 2 ** (9 - index) % 9 or 9
    return (10 - total % 10) % 10 == ord(digits[9]) - 48


def iban_valid(iban: str) -> bool:
    """Whether a Turkish IBAN without separators, in capitals, has its 26 characters and ISO 7064 remainder 1."""
    return len(iban) == 26 and iban[:2] == "TR" and iban[2:].isascii() and iban[2:].isalnum() and _mod97(iban) == 1


def _mod97(iban: str) -> int:
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97


def luhn_valid(digits: str) -> bool:
    """Whether a card number or IMEI passes the Luhn check."""
    total = 0
    for position, char in enumerate(reversed(digits)):
        digit = ord(char) - 48
        if position % 2:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return total % 10 == 0


_SCHEMES: tuple[tuple[range, frozenset[int]], ...] = (
    (range(4000, 5000), frozenset({13, 16, 19})),  # Visa
    (range(5100, 5600), frozenset({16})),  # Mastercard, and its second series
    (range(2221, 2721), frozenset({16})),
    (range(9792, 9793), frozenset({16})),  # TROY
    (range(6000, 7000), frozenset({16, 17, 18, 19})),  # TROY's 65 among them, UnionPay, Discover, Maestro
    (range(3400, 3500), frozenset({15})),  # American Express
    (range(3700, 3800), frozenset({15})),
    (range(3528, 3590), frozenset({16})),  # of foreign guests: JCB, Diners, Maestro
    (range(3000, 3100), frozenset({14, 16})),
    (range(3600, 3700), frozenset({14, 16})),
    (range(3800, 4000), frozenset({14, 16})),
    (range(5000, 5100), frozenset({16})),
    (range(5600, 5900), frozenset({16})),
)
"""First four digits and lengths of the card schemes, those used in Turkey first."""


def card_scheme_valid(digits: str) -> bool:
    """Whether leading digits and length belong to a card scheme."""
    first = int(digits[:4])
    return any(first in beginnings and len(digits) in lengths for beginnings, lengths in _SCHEMES)


def card_valid(digits: str) -> bool:
    """Whether 13 to 19 digits are a card number: scheme, length and Luhn."""
    return 13 <= len(digits) <= 19 and card_scheme_valid(digits) and luhn_valid(digits)
