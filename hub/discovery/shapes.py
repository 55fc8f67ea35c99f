"""What a whole value is by its form: a typed column has no words around its numbers that a detector could go by.

Some forms are met by chance: a tenth of all ten-digit numbers has a VKN's check digit. How much a share of such values
proves is `hub.discovery.judgement`'s to say.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import ip_address

from kvkk_policies.canonical import canonical
from kvkk_policies.checksums import card_valid, iban_valid, luhn_valid, tckn_valid, vkn_valid
from kvkk_policies.phone import is_national

CHANCE = {"TR_VKN": 0.1, "CREDIT_CARD": 0.1, "IMEI": 0.1, "TR_TCKN": 0.01}
"""The share of numbers of that length which pass by chance."""

_SEPARATORS = str.maketrans("", "", " .-()/\u00a0\u202f")
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(
    r"[+-]?(?:[0-9]+[.,][0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]+)?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?)"
)
_DAY_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4}|[0-9]{2})(?P<time>[ T].*)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?P<time>[T ][0-9]{2}:.*)?")
_MIDNIGHT = re.compile(r"[ T]00:00(?::00(?:\.0+)?)?(?:Z|[+-][0-9:]+)?")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MAC = re.compile(r"[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}")
_BOOL = frozenset({"true", "false", "evet", "hayır", "hayir", "yes", "no", "0", "1", "e", "h", "t", "f", "y", "n"})
_NAME = re.compile(r"[^\W\d_]+\.?(?:[ '’-][^\W\d_]+\.?){0,4}")
_CODE = re.compile(r"[\w./:-]{1,40}")


def forms_of(text: str) -> frozenset[str]:
    """Forms of one value: `int`, `decimal`, `bool`, `date`, `time`, `uuid`, `words`, `name`, `code`, `born`."""
    found: set[str] = set()
    if _INT.fullmatch(text):
        found.add("int")
        if len(text) > 1 and text[0] == "0":
            found.add("leading_zero")
    elif _DECIMAL.fullmatch(text):
        found.add("decimal")
    if text.lower() in _BOOL:
        found.add("bool")
    found |= _date(text)
    if _UUID.fullmatch(text):
        found.add("uuid")
    if _NAME.fullmatch(text):
        found.add("name")
    if _CODE.fullmatch(text):
        found.add("code")
    if text.count(" ") >= 3 and not found:
        found.add("words")
    return frozenset(found)


def labels_of(text: str) -> frozenset[str]:
    """Detector labels that a whole value has by its form and check digits."""
    if "@" in text:
        return frozenset({"EMAIL"}) if canonical("email", text) else frozenset()
    digits = text.translate(_SEPARATORS)
    found: set[str] = set()
    if digits.isascii() and digits.removeprefix("+").isdecimal():
        found |= _of_digits(digits)
    elif text[:2].upper() == "TR" and iban_valid(digits.upper()):
        found.add("TR_IBAN")
    elif canonical("plate", text) and len(text) <= 12:
        found.add("TR_PLATE")
    if _is_address_of_device(text):
        found = {"IP_ADDRESS"}
    elif _MAC.fullmatch(text):
        found.add("MAC_ADDRESS")
    return frozenset(found)


def _of_digits(digits: str) -> set[str]:
    found: set[str] = set()
    national = digits.removeprefix("+90").removeprefix("0090")
    national = national.removeprefix("90") if len(national) == 12 else national
    national = national.removeprefix("0") if len(national) == 11 else national
    if is_national(national):
        found.add("TR_PHONE")
    if tckn_valid(digits):
        found.add("TR_TCKN")
    if vkn_valid(digits):
        found.add("TR_VKN")
    if card_valid(digits):
        found.add("CREDIT_CARD")
    if len(digits) == 15 and luhn_valid(digits):
        found.add("IMEI")
    return found


def _date(text: str) -> set[str]:
    day_first, iso = _DAY_FIRST.fullmatch(text), _ISO.fullmatch(text)
    try:
        if iso:
            day = date(int(iso[1]), int(iso[2]), int(iso[3]))
        elif day_first:
            year = int(day_first[3])
            day = date(year + 1900 if year < 100 else year, int(day_first[2]), int(day_first[1]))
        else:
            return set()
    except ValueError:
        return set()
    clock = (iso or day_first or {})["time"]
    if clock and not _MIDNIGHT.fullmatch(clock):
        return {"date", "time"}
    return {"date", "born"} if day.year < 2010 else {"date"}


def _is_address_of_device(text: str) -> bool:
    if text.count(".") != 3 and text.count(":") < 2:
        return False
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
