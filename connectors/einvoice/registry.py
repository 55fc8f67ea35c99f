"""Every integrator of electronic invoices, by the name of its folder. Adding one is a word here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.einvoice.kinds import OpenIntegrator

INTEGRATORS = ("nilvera",)


@cache
def integrators() -> dict[str, OpenIntegrator]:
    """How each is opened, imported on first use."""
    return {name: import_module(f"connectors.{name}.session").open_integrator for name in INTEGRATORS}
