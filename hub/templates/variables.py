"""The variables of a template: each is declared with a type, and a request's JSON is held against it.

So what is missing or of another type is an error of the request, long before the message goes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, cast, get_args

from hub.validation import Problem
from kvkk_policies.phone import canonical_phone

VariableType = Literal["text", "number", "money", "date", "datetime", "phone", "bool", "list"]
TYPES: tuple[VariableType, ...] = get_args(VariableType)
OPTIONAL = "?"
"""Behind a type: the variable may be absent, and is empty then."""

LONGEST_TEXT = 500
"""Characters of one value."""
LONGEST_LIST = 50
MOST_VARIABLES = 50

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = frozenset(
    {"loop", "self", "super", "caller", "varargs", "kwargs", "true", "false", "none", "not", "and", "or"}
)
_CURRENCY = re.compile(r"[A-Z]{3}")
_LARGEST = Decimal(10) ** 15


@dataclass(frozen=True)
class Money:
    """An amount with its currency (ISO 4217)."""

    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Phone:
    """A number in E.164, which hides itself."""

    number: str = field(repr=False)


Value = str | Decimal | Money | date | datetime | Phone | bool | list[str]


def declaration_problems(declared: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with a template's declarations, a map from names to types."""
    problems: list[Problem] = []
    if len(declared) > MOST_VARIABLES:
        problems.append(Problem("variables", "field_too_large", {"limit": MOST_VARIABLES}))
    for name, type_ in declared.items():
        if not _NAME.fullmatch(name) or name in RESERVED:
            problems.append(Problem("variables", "template_name_wrong"))
        elif not isinstance(type_, str) or type_.removesuffix(OPTIONAL) not in TYPES:
            known = ", ".join(TYPES)
            problems.append(Problem(f"variables.{name}", "template_type_unknown", {"known": known}))
    return problems


def converted(declared: Mapping[str, str], given: Mapping[str, Any]) -> tuple[dict[str, Value], list[Problem]]:
    """The values of a request by their types, and what is wrong with it: missing, unknown, of another type."""
    # A name that nobody declared may be anything: it is counted and not repeated.
    unknown = len(given.keys() - declared.keys())
    problems = [Problem("variables", "template_variable_unknown", {"count": unknown})] if unknown else []
    values: dict[str, Value] = {}
    for name, type_ in declared.items():
        optional, kind = type_.endswith(OPTIONAL), type_.removesuffix(OPTIONAL)
        raw = given.get(name)
        if raw is None:
            if not optional:
                problems.append(Problem(f"variables.{name}", "field_missing"))
            values[name] = ""
            continue
        value = _CONVERT[kind](raw)
        if value is None:
            right = {"type": kind, "example": _EXAMPLES[kind]}
            problems.append(Problem(f"variables.{name}", "template_value_wrong", right))
        else:
            values[name] = value
    return values, problems


def sample(type_: str) -> Value:
    """A value of a type, to try a template with."""
    return _SAMPLES[type_.removesuffix(OPTIONAL)]


def _text(raw: Any) -> str | None:
    return raw if isinstance(raw, str) and len(raw) <= LONGEST_TEXT and _printable(raw) else None


def _printable(text: str) -> bool:
    return all(character.isprintable() or character == "\n" for character in text)


def _number(raw: Any) -> Decimal | None:
    """A number, or one written with a point. A float is read by its shortest digits."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _LARGEST else None


def _money(raw: Any) -> Money | None:
    """A number of lira, or `{"amount": "12.50", "currency": "EUR"}`."""
    parts = cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {"amount": raw}
    currency, amount = parts.get("currency", "TRY"), _number(parts.get("amount"))
    if amount is None or not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return None
    return Money(amount, currency) if parts.keys() <= {"amount", "currency"} else None


def _date(raw: Any) -> date | None:
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == len("2026-01-01") else None
    except ValueError:
        return None


def _datetime(raw: Any) -> datetime | None:
    """ISO 8601 with a zone: a time without one could be anybody's."""
    try:
        moment = datetime.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _phone(raw: Any) -> Phone | None:
    number = canonical_phone(raw) if isinstance(raw, str) and len(raw) <= LONGEST_TEXT else None
    return Phone(number) if number else None


def _bool(raw: Any) -> bool | None:
    return raw if isinstance(raw, bool) else None


def _list(raw: Any) -> list[str] | None:
    if not isinstance(raw, list):
        return None
    items = [_text(each) for each in cast("list[Any]", raw)]
    texts = [each for each in items if each is not None]
    return texts if len(texts) == len(items) <= LONGEST_LIST else None


_CONVERT: dict[str, Callable[[Any], Value | None]] = {
    "text": _text,
    "number": _number,
    "money": _money,
    "date": _date,
    "datetime": _datetime,
    "phone": _phone,
    "bool": _bool,
    "list": _list,
}
_EXAMPLES = {
    "text": '"Ayşe"',
    "number": "12.5",
    "money": '{"amount": "12.50", "currency": "EUR"}',
    "date": '"2026-12-31"',
    "datetime": '"2026-12-31T21:30:00+03:00"',
    "phone": '"+905321234567"',
    "bool": "true",
    "list": '["elma", "armut"]',
}
"""A value of each type in JSON, for people."""
_SAMPLES: dict[str, Value] = {
    "text": "Deneme",
    "number": Decimal(1),
    "money": Money(Decimal(1), "TRY"),
    "date": date(2026, 1, 5),
    "datetime": datetime.fromisoformat("2026-01-05T09:30:00+03:00"),
    "phone": Phone("+905000000000"),
    "bool": True,
    "list": ["bir", "iki"],
}
