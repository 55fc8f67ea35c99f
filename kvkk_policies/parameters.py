"""What an action needs to be told (`params`), what it accepts, and what it leaves in the landing table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from connectors.contract import ColumnType
from kvkk_policies.vocabulary import ActionName

Params = Mapping[str, Any]

TEXT_LIKE: frozenset[ColumnType] = frozenset({"text", "int"})

GENERALISED_TYPE: dict[str, ColumnType] = {
    "place": "decimal",
    "time": "timestamp",
    "year": "int",
    "band": "text",
    "ip": "text",
    "district": "text",
}
GENERALISES: dict[str, frozenset[ColumnType]] = {
    "place": frozenset({"decimal"}),
    "time": frozenset({"timestamp"}),
    "year": frozenset({"date", "text"}),
    "band": frozenset({"int", "decimal"}),
    "ip": frozenset({"text"}),
    "district": frozenset({"text"}),
}
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
        # Anchored at both ends and finite: a pattern that forgets either would let whole numbers through in clear.
        if not (isinstance(pattern, str) and re.fullmatch(r"\^[^*+]+\$", pattern)):
            return "keep_matching"
        try:
            re.compile(pattern)
        except re.error:
            return "keep_matching"
    return _unknown(params, "keep_matching")


def _partial(params: Params) -> str | None:
    if params.get("show") == "province":
        return _unknown(params, "show")
    if not params:
        return "show"
    for name, most in SHOWN_AT_MOST.items():
        shown = params.get(name, 0)
        if not isinstance(shown, int) or isinstance(shown, bool) or not 0 <= shown <= most:
            return name
    return _unknown(params, "first", "last")


def _generalise(params: Params) -> str | None:
    to = params.get("to")
    if to not in GENERALISES:
        return "to"
    if to == "place":
        decimals = params.get("decimals", PLACE_DECIMALS_AT_MOST)
        if not isinstance(decimals, int) or not 0 <= decimals <= PLACE_DECIMALS_AT_MOST:
            return "decimals"
        return _unknown(params, "to", "decimals")
    if to == "time":
        return "unit" if params.get("unit") not in ("hour", "day", "month") else _unknown(params, "to", "unit")
    if to == "band":
        return "edges" if not _ascending(params.get("edges")) else _unknown(params, "to", "edges")
    return _unknown(params, "to")


def _ascending(edges: object) -> bool:
    if not isinstance(edges, list) or not edges:
        return False
    try:
        numbers = [Decimal(str(edge)) for edge in edges]  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    except InvalidOperation:
        return False
    return all(low < high for low, high in zip(numbers, numbers[1:], strict=False))


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
