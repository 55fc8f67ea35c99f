"""Daily report files."""

from __future__ import annotations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.sandbox.world import World


def settlement_file(world: World, company_id: str, name: str) -> str | None:
    """Placeholder for the first slice."""
    return None
