"""The action `partial`: a few characters stay readable, the rest becomes stars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kvkk_policies.canonical import canonical

LEAST_HIDDEN = 4
"""A value that would hide fewer characters than this is hidden whole."""
HIDDEN = "****"


def shortener(params: Mapping[str, Any], kind: str | None) -> Callable[[str], str]:
    """The function that hides a value: `show: province` for plates, else `first` and `last` characters.

    Values with a kind are shortened in their canonical form, so that separators do not count as characters.
    """

    def readable(value: str) -> str | None:
        return canonical(kind, value) if kind else value.strip()

    if params.get("show") == "province":
        return lambda value: _province(readable(value))
    first, last = int(params.get("first", 0)), int(params.get("last", 0))
    return lambda value: _ends(readable(value), first, last)


def _province(plate: str | None) -> str:
    return f"{plate[:2]}{HIDDEN}" if plate and plate[:2].isdecimal() else HIDDEN


def _ends(value: str | None, first: int, last: int) -> str:
    if value is None or len(value) - first - last < LEAST_HIDDEN:
        return HIDDEN
    return f"{value[:first]}{'*' * (len(value) - first - last)}{value[len(value) - last :]}"
