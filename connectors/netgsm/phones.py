"""Telephone numbers as Netgsm writes them: ten digits without the leading 0 in requests, `905…` in answers."""

from __future__ import annotations

import re

_SEPARATORS = str.maketrans("", "", " .-()/\u00a0\t")
_NUMBER = re.compile(r"(?:\+90|0090|90|0)?([1-9][0-9]{9})")
_MOBILE = re.compile(r"5[0-9]{9}")


def national(value: object) -> str | None:
    """Ten digits of a Turkish number in any of its spellings; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isascii():
        return None
    found = _NUMBER.fullmatch(value.translate(_SEPARATORS))
    return found[1] if found else None


def national_mobile(value: object) -> str | None:
    """As `national`, for mobile numbers only: nothing else can be sent an SMS."""
    digits = national(value)
    return digits if digits is not None and _MOBILE.fullmatch(digits) else None


def e164(value: object) -> str | None:
    """`+905321234567`, the hub's canonical form."""
    digits = national(value)
    return None if digits is None else f"+90{digits}"
