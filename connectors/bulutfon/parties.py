"""Who stands at an end of a call. Bulutfon writes callers, menus, groups and extensions into the same two fields.

A phone belongs to a person outside; a short number is a menu, group or extension of the tenant's own and must never be
taken for one. Numbers come as integers, as text in any spelling, as null, or as a word in place of a hidden number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from connectors.bulutfon.settings import PHONE_DIGITS, SHORT_DIGITS, WITHHELD_WORDS
from connectors.failure import ProviderFailure

PartyKind = Literal["phone", "short", "withheld", "other"]
PARTY_KINDS: tuple[PartyKind, ...] = ("phone", "short", "withheld", "other")
_SEPARATORS = str.maketrans("", "", " .-()/\u00a0\t")


@dataclass(frozen=True)
class Party:
    """`digits` are there for a phone and a short number only: what is neither is not passed on."""

    kind: PartyKind
    digits: str | None = None

    @property
    def phone(self) -> str | None:
        """The number, where it is a phone's."""
        return self.digits if self.kind == "phone" else None

    @property
    def short(self) -> str | None:
        """The number, where it is a menu's, group's, extension's or service's."""
        return self.digits if self.kind == "short" else None


WITHHELD = Party("withheld")
OTHER = Party("other")


def read_party(value: Any, *, field: str) -> Party:
    """Whose number a value is. Raises `ProviderFailure` wrong_type naming the field."""
    if value is None:
        return WITHHELD
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ProviderFailure("transient", "wrong_type", field=field)
    text = str(value).translate(_SEPARATORS)
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdecimal():
        return WITHHELD if not digits or text.casefold() in WITHHELD_WORDS else OTHER
    if len(digits) > SHORT_DIGITS:
        digits = digits.removeprefix("00")
    if not digits.strip("0"):
        return WITHHELD
    if len(digits) <= SHORT_DIGITS:
        return Party("short", digits)
    return Party("phone", digits) if len(digits) <= PHONE_DIGITS else OTHER


def number_text(value: Any) -> str | None:
    """As a column's converter: the digits of a phone or short number, None for anything else. TypeError if neither."""
    if value is not None and (isinstance(value, bool) or not isinstance(value, int | str)):
        raise TypeError
    return read_party(value, field="").digits
