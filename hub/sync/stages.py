"""The stages a page passes, named so that a proof can end the process at any of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Stage = Literal["fetched", "gated", "vaulted", "staged", "committing", "committed"]
"""After pages came, after they were masked, after their originals are safe, before its file commits, and after."""

StageHook = Callable[[Stage, str], None]
"""Called with the stage and the tenant's id."""


def no_hook(stage: Stage, tenant_id: str) -> None:
    """What a real run uses."""
    del stage, tenant_id
