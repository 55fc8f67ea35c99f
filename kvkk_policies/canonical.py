"""Canonical forms: every spelling of one identifier becomes one text, so that it gets one pseudonym.

A change here changes pseudonyms, and with them every join to rows loaded before; raise `CANONICAL_VERSION` and write a
migration that re-keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from ipaddress import ip_address

from kvkk_policies.phone import canonical_phone
from kvkk_policies.turkish import fold, squeeze

CANONICAL_VERSION = 1

TAX_NUMBER = "tax_number"
"""A policy kind for columns that hold a company's VKN or a sole trader's TCKN: the value decides which kind it is."""

_SEPARATORS = str.maketrans("", "", " .-/\u00a0\u2007\u2009\u202f\t")
_PLATE_UPPER = str.maketrans({"i": "I", "ı": "I", "İ": "I"})
_PLATE = re.compile(r"(0[1-9]|[1-7][0-9]|8[01])([A-Z]{1,3})([0-9]{2,5})")
_EMAIL = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]{2,}")
_PLAIN_EMAIL = re.compile(r"[a-z0-9][a-z0-9._+-]*@[a-z0-9.-]+\.[a-z]{2,}")
_EMAIL_LOWER = str.maketrans({"İ": "i", "I": "i", "ı": "i"})
_DEGREES = re.compile(r"-?[0-9]{1,3}[.,][0-9]+")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")


def _digits(value: str, length: int) -> str | None:
    if len(value) == length and value.isdecimal() and value.isascii():
        return value
    digits = value.translate(_SEPARATORS)
    return digits if len(digits) == length and digits.isascii() and digits.isdecimal() else None


def _tckn(value: str) -> str | None:
    return _digits(value, 11)


def _vkn(value: str) -> str | None:
    # A number that travelled as an integer has lost its leading zero.
    return _digits(value, 10) or _digits("0" + value, 10)


def _tax_number(value: str) -> str | None:
    return _tckn(value) or _vkn(value)


def _email(value: str) -> str | None:
    if _PLAIN_EMAIL.fullmatch(value):
        return value
    address = value.strip(" \t<>\"'.,;").translate(_EMAIL_LOWER).lower().removeprefix("mailto:")
    return address if _EMAIL.fullmatch(address) else None


def _plate(value: str) -> str | None:
    number = value.split(" -", 1)[0].translate(_PLATE_UPPER).upper().translate(_SEPARATORS)
    return number if _PLATE.fullmatch(number) else None


def _iban(value: str) -> str | None:
    iban = value.translate(_PLATE_UPPER).upper().translate(_SEPARATORS)
    return iban if 15 <= len(iban) <= 34 and iban.isascii() and iban.isalnum() and iban[:2].isalpha() else None


def _card(value: str) -> str | None:
    digits = value.translate(_SEPARATORS)
    return digits if 12 <= len(digits) <= 19 and digits.isascii() and digits.isdecimal() else None


def _name(value: str) -> str | None:
    return fold(squeeze(value)) or None


def _birth_date(value: str) -> str | None:
    text = value.strip()
    day_first = _DAY_FIRST.fullmatch(text)
    try:
        if day_first:
            return date(int(day_first[3]), int(day_first[2]), int(day_first[1])).isoformat()
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None


def _ip(value: str) -> str | None:
    try:
        return str(ip_address(value.strip()))
    except ValueError:
        return None


def _device(value: str) -> str | None:
    serial = value.translate(_SEPARATORS).replace(":", "").upper()
    return serial if serial.isascii() and serial.isalnum() else None


def _document(value: str) -> str | None:
    """A number printed on a card, a paper or a vehicle: capitals and digits without separators."""
    number = value.translate(_PLATE_UPPER).upper().translate(_SEPARATORS)
    return number if number.isascii() and number.isalnum() else None


def _register(value: str) -> str | None:
    digits = value.translate(_SEPARATORS)
    return digits if digits.isascii() and digits.isdecimal() else None


def _position(value: str) -> str | None:
    """Degrees with a full stop, as written, a comma between latitude and longitude."""
    numbers = _DEGREES.findall(value)
    return ",".join(number.replace(",", ".") for number in numbers) if numbers and "°" not in value else None


def _reference(value: str) -> str | None:
    return squeeze(value) or None


_FORMS: dict[str, Callable[[str], str | None]] = {
    "tckn": _tckn,
    "vkn": _vkn,
    TAX_NUMBER: _tax_number,
    "phone": canonical_phone,
    "email": _email,
    "plate": _plate,
    "iban": _iban,
    "card": _card,
    "name": _name,
    "address": _name,
    "text": _name,
    "birth_date": _birth_date,
    "ip": _ip,
    "device": _device,
    "vin": _document,
    "passport": _document,
    "licence": _document,
    "id_serial": _document,
    "mersis": _register,
    "sgk": _register,
    "uavt": _register,
    "geo": _position,
}


def canonical(kind: str, value: str) -> str | None:
    """The canonical form of a value of that kind, or None if the value does not look like one.

    A kind that is not listed (a provider's own reference) only loses odd white space.
    """
    return _FORMS.get(kind, _reference)(value)


def canonical_or_raw(kind: str, values: Sequence[str]) -> list[str]:
    """Canonical forms; a value that has none becomes `?` and its folded text, so that it is still never shown in clear.

    `?` begins no canonical form, so a malformed phone never meets a well-formed one.
    """
    form = _FORMS.get(kind, _reference)
    return [form(value) or f"?{fold(squeeze(value))}" for value in values]


def kind_of(kind: str, canonical_text: str) -> str:
    """The kind whose pseudonym a canonical text gets: `tax_number` is a person's `tckn` or else a `vkn`."""
    if kind == TAX_NUMBER:
        return "tckn" if len(canonical_text) == 11 and canonical_text.isdecimal() else "vkn"
    return kind
