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


def card_scheme_valid(digits: str) -> bool:
    """Whether leading digits and length belong to a card scheme: those used in Turkey, TROY 9792 and 65 among them,
    and of foreign guests Diners (30, 36, 38, 39), JCB (3528 to 3589) and Maestro (50, 56 to 58).
    """
    length = len(digits)
    first_two, first_four = int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        return length in (13, 16, 19)
    if 51 <= first_two <= 55 or 2221 <= first_four <= 2720:
        return length == 16
    if first_two in (34, 37):
        return length == 15
    if first_two in (30, 36, 38, 39):
        return length in (14, 16)
    if 3528 <= first_four <= 3589 or first_two in (50, 56, 57, 58):
        return length == 16
    if first_four == 9792:
        return length == 16
    if digits[0] == "6":
        return 16 <= length <= 19
    return False


def card_valid(digits: str) -> bool:
    """Whether 13 to 19 digits are a card number: scheme, length and Luhn."""
    return 13 <= len(digits) <= 19 and card_scheme_valid(digits) and luhn_valid(digits)
