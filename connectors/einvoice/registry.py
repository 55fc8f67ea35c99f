"""Every integrator the hub knows, by the name of its folder. Adding one is a line."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from connectors.einvoice.kinds import OpenIntegrator

INTEGRATORS: tuple[str, ...] = ("nilvera", "uyumsoft")
"""In the order in which they are shown."""


def integrator_named(name: str) -> OpenIntegrator:
    """How to open that integrator, for what is read outside of the outbox. KeyError names the ones that exist."""
    if name not in INTEGRATORS:
        raise KeyError(f"no integrator {name!r}; known: {', '.join(INTEGRATORS)}")
    return cast("OpenIntegrator", import_module(f"connectors.{name}.session").open_integrator)
