"""What an action needs to be told (`params`), what it accepts, and what it leaves in the landing table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from connectors.contract import ColumnType
from kvkk_policies.vocabulary import ActionName

SHORT_AT_MOST = 6
"""Digits of a number that can be nobody's but the tenant's own: an extension, a queue."""
_SHORT_NUMBER = re.compile(r"\^(?:\[0-9\]|\\d)\{(?:[0-9],)?(?P<most>[0-9])\}\$")
"""The only form of `keep_matching`, since a freer pattern would let whole numbers through by a slip."""

Params = Mapping[str, Any]

TEXT_LIKE: frozenset[ColumnType] = frozenset({"text", "int"})

GENERALISED_TYPE: dict[str, ColumnType] = {
    "place": "decimal",
    "time": "timestamp",
    "year": "int",
    "band": "text",
    "ip": "text",
    "district": "text",
    "prefix": "text",
}
GENERALISES: dict[str, frozenset[ColumnType]] = {
    "place": frozenset({"decimal"}),
    "time": frozenset({"timestamp"}),
    "year": frozenset({"date", "text"}),
    "band": frozenset({"int", "decimal"}),
    "ip": frozenset({"text"}),
    "district": frozenset({"text"}),
    "prefix": frozenset({"text"}),
}
PREFIX_AT_MOST = 6
"""Leading characters of a card number that may be kept."""
PLACE_DECIMALS_AT_MOST = 3
"""About a hundred metres: a street, not a door."""
SHOWN_AT_MOST = {"first": 6, "last": 4}


def accepted_types(action: ActionName, params: Params) -> frozenset[ColumnType] | None:
    """Column types that an action can be applied to; None means any."""
    if action in ("keep", "drop"):
        return None
    if action == "scan":
        return frozenset({"text", "json"})
    if action == "generalise":
        return GENERALISES.get(str(params.get("to")), frozenset())
    return TEXT_LIKE


def landed_type(action: ActionName, params: Params, column: ColumnType) -> ColumnType | None:
    """The type that a column has after an action; None if nothing of it lands."""
    if action == "drop":
        return None
    if action == "keep":
        return column
    if action == "generalise":
        return GENERALISED_TYPE[str(params["to"])]
    return "text"


def wrong_params(action: ActionName, params: Params) -> str | None:
    """The name of the first parameter that the action does not understand or misses, or None."""
    return _CHECKS.get(action, _none)(params)


def _unknown(params: Params, *known: str) -> str | None:
    return next((name for name in params if name not in known), None)


def _none(params: Params) -> str | None:
    return _unknown(params)


def _keyed(params: Params) -> str | None:
    pattern = params.get("keep_matching")
    if pattern is not None:
        short = _SHORT_NUMBER.fullmatch(pattern) if isinstance(pattern, str) else None
        if short is None or int(short["most"]) > SHORT_AT_MOST:
            return "keep_matching"
    return _unknown(params, "keep_matching")


def _partial(params: Params) -> str | None:
    if params.get("show") == "province":
        return _unknown(params, "show")
    if not params:
        return "show"
    for name, most in SHOWN_AT_MOST.items():
        if not _whole(params.get(name, 0), 0, most):
            return name
    return _unknown(params, "first", "last")


def _generalise(params: Params) -> str | None:
    to = params.get("to")
    if to not in GENERALISES:
        return "to"
    needed = _GENERALISE_PARAMS.get(to)
    if needed is None:
        return _unknown(params, "to")
    name, valid = needed
    return _unknown(params, "to", name) if valid(params.get(name)) else name


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _ascending(edges: object) -> bool:
    if not isinstance(edges, list) or not edges:
        return False
    try:
        numbers = [Decimal(str(edge)) for edge in edges]  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    except InvalidOperation:
        return False
    return all(low < high for low, high in pairwise(numbers))


def _scan(params: Params) -> str | None:
    if not isinstance(params.get("vault", False), bool):
        return "vault"
    return _unknown(params, "vault")


_CHECKS: dict[str, Callable[[Params], str | None]] = {
    "pseudonymise": _keyed,
    "vault": _keyed,
    "partial": _partial,
    "generalise": _generalise,
    "scan": _scan,
}
_GENERALISE_PARAMS: dict[str, tuple[str, Callable[[object], bool]]] = {
    "place": ("decimals", lambda value: value is None or _whole(value, 0, PLACE_DECIMALS_AT_MOST)),
    "time": ("unit", lambda value: value in ("hour", "day", "month")),
    "band": ("edges", _ascending),
    "prefix": ("length", lambda value: _whole(value, 1, PREFIX_AT_MOST)),
}
"""The one parameter, beside `to`, of a method that has one, and what it accepts."""
