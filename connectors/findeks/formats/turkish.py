"""Amounts, dates and words as Turkish reports write them: 1.234.567,89 TL, 01.06.2026 10:15:30, KREDİ KARTI."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from connectors.fields import to_date, to_decimal, to_moment
from connectors.istanbul import ISTANBUL

_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_CURRENCY = re.compile(r"(?:TL|TRY|₺)$")
_POINTED = re.compile(r"-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?")
_THOUSANDS_OR_FRACTION = re.compile(r"-?\d{1,3}\.\d{3}")
_DAY_FIRST = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})(?:\s+(\d{2}):(\d{2})(?::(\d{2}))?)?")
_FOLD = str.maketrans("İIıÇçĞğÖöŞşÜüâîû", "iiiccggoossuuaiu")
NONE = frozenset({"", "-", "–"})
"""How reports print that there is nothing."""


def turkish_amount(text: str) -> Decimal | None:
    """An amount with dots between thousands and a comma before the fraction; None for a dash. Raises ValueError."""
    plain = _CURRENCY.sub("", _SPACES.sub("", text))
    if plain in NONE:
        return None
    if not _POINTED.fullmatch(plain):
        raise ValueError
    return Decimal(plain.replace(".", "").replace(",", "."))


def amount(value: Any) -> Decimal | None:
    """An exact amount as the gateway writes it (a point before the fraction), or as upstream does (a comma).

    ValueError for `185.000`: a hundred and eighty-five, or as many thousand? A guess would load a wrong amount.
    """
    if isinstance(value, str):
        text = value.strip()
        if "," in text or text in NONE or _CURRENCY.search(text):
            return turkish_amount(text)
        if _THOUSANDS_OR_FRACTION.fullmatch(text):
            raise ValueError
        return to_decimal(text)
    return to_decimal(value)


def moment(value: Any) -> datetime | None:
    """Aware UTC from ISO 8601 or from DD.MM.YYYY HH:mm:ss, in Turkish time where no zone is named."""
    found = _day_first(value)
    if found is not None:
        return found.replace(tzinfo=ISTANBUL).astimezone(UTC)
    return None if isinstance(value, str) and value.strip() in NONE else to_moment(value)


def day(value: Any) -> date | None:
    """A calendar day from ISO 8601 or DD.MM.YYYY."""
    found = _day_first(value)
    if found is not None:
        return found.date()
    return None if isinstance(value, str) and value.strip() in NONE else to_date(value)


def folded(text: str) -> str:
    """For comparing words: `KREDİ KARTI`, `Kredi Kartı` and `kredi karti` are one, whatever the machine's locale."""
    return _SPACES.sub(" ", text.translate(_FOLD).lower()).strip()


def _day_first(value: Any) -> datetime | None:
    match = _DAY_FIRST.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    date_, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, date_, hour, minute, second)  # noqa: DTZ001 - the caller knows the zone
