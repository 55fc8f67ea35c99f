"""How values are written in a message: comma decimals, Istanbul's days and hours, İ and ı where Turkish has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, TypeVar, cast

from connectors.istanbul import ISTANBUL
from hub.templates.variables import Money, Phone
from kvkk_policies.turkish import lower as turkish_lower

Language = Literal["tr", "en"]
Filter = Callable[..., str]
T = TypeVar("T")

_CENTS = Decimal("0.01")
_MOST_DECIMALS = 6
_NATIONAL_DIGITS = 10
_YES_NO: dict[Language, tuple[str, str]] = {"tr": ("evet", "hayır"), "en": ("yes", "no")}
_TURKISH_SIGNS = {"TRY": "TL"}


class Unfit(Exception):
    """A filter was given a value of another type. Carries no value."""


def upper(text: str) -> str:
    """Turkish capitals: i becomes İ, ı becomes I."""
    return text.replace("i", "İ").replace("ı", "I").upper()


def title(text: str) -> str:
    """Each word with a Turkish capital."""
    return " ".join(upper(word[:1]) + turkish_lower(word[1:]) for word in text.split(" "))


def filters(language: Language) -> Mapping[str, Filter]:
    """The only filters that a template may use, by name. `Unfit` for a value of another type."""

    def money(value: object, currency: str = "TRY") -> str:
        amount = Money(value, currency) if isinstance(value, Decimal) else _of(value, Money)
        return _money(amount, language)

    def number(value: object, decimals: int = 0) -> str:
        if not 0 <= decimals <= _MOST_DECIMALS:
            raise Unfit
        places = Decimal(1).scaleb(-decimals)
        return grouped(_of(value, Decimal).quantize(places, rounding=ROUND_HALF_UP), language)

    def default(value: object, other: str) -> str:
        return written(value, language) if value not in ("", None) else other

    return {
        "upper": _upper,
        "lower": _lower,
        "title": _title,
        "money": money,
        "number": number,
        "date": _date,
        "time": _time,
        "phone": _phone,
        "join": _join,
        "default": default,
    }


def written(value: object, language: Language) -> str:
    """A value as it is written where no filter says otherwise."""
    for types, write in _WRITTEN:
        if isinstance(value, types):
            return write(value, language)
    return str(value)


def grouped(number: Decimal, language: Language) -> str:
    """Thousands apart, with the language's decimal mark: 1.234,50 and 1,234.50."""
    text = f"{number:,f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "tr" else text


def _money(value: Money, language: Language) -> str:
    amount = grouped(value.amount.quantize(_CENTS, rounding=ROUND_HALF_UP), language)
    turkish = f"{amount} {_TURKISH_SIGNS.get(value.currency, value.currency)}"
    return turkish if language == "tr" else f"{value.currency} {amount}"


def _upper(value: object) -> str:
    return upper(_of(value, str))


def _lower(value: object) -> str:
    return turkish_lower(_of(value, str))


def _title(value: object) -> str:
    return title(_of(value, str))


def _date(value: object) -> str:
    day = value.astimezone(ISTANBUL).date() if isinstance(value, datetime) else _of(value, date)
    return f"{day:%d.%m.%Y}"


def _time(value: object) -> str:
    return f"{_of(value, datetime).astimezone(ISTANBUL):%H:%M}"


def _phone(value: object) -> str:
    """A Turkish number as it is dialled, in groups; any other as it is."""
    number = _of(value, Phone).number
    national = number.removeprefix("+90")
    if national == number or len(national) != _NATIONAL_DIGITS:
        return number
    return f"0{national[:3]} {national[3:6]} {national[6:8]} {national[8:]}"


def _join(value: object, separator: str = ", ") -> str:
    return separator.join(str(each) for each in cast("list[object]", _of(value, list)))


def _of(value: object, type_: type[T]) -> T:
    if not isinstance(value, type_):
        raise Unfit
    return value


_WRITTEN: tuple[tuple[type, Callable[[Any, Language], str]], ...] = (
    (bool, lambda value, language: _YES_NO[language][0 if value else 1]),
    (Money, _money),
    (Decimal, grouped),
    (datetime, lambda value, _language: f"{_date(value)} {_time(value)}"),
    (date, lambda value, _language: _date(value)),
    (Phone, lambda value, _language: _phone(value)),
    (list, lambda value, _language: _join(value)),
)
"""In this order: a bool is a number to Python, and a datetime a date."""
