"""Every kind of action the hub can do, by name. Adding one is a line."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from connectors.actions import ActionKind

_MODULES: tuple[str, ...] = (
    # A line each: a module that lists its kinds in `KINDS`.
    "connectors.findeks.actions",
    "connectors.iyzico.actions",
    "connectors.netgsm.actions",
    "connectors.netasistan.actions",
    "connectors.whatsapp.actions",
    "connectors.nilvera.actions",
    "connectors.uyumsoft.actions",
)


@cache
def kinds() -> dict[str, ActionKind]:
    """The kinds by name, read on first use: a process that does nothing to the world imports none of them."""
    found = [kind for name in _MODULES for kind in import_module(name).KINDS]
    return {kind.name: kind for kind in found}


def kind_named(name: str) -> ActionKind:
    """The kind of that name; KeyError if there is none."""
    return kinds()[name]
