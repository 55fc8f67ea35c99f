"""Where a rotation stands between two commits: tests end a process there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

Stage = Literal["written", "begun", "switched", "wrapped", "retired", "floor", "resealed", "settled", "destroyed"]

StageHook = Callable[[Stage], None]


def no_hook(_stage: Stage) -> None:
    """Outside tests nobody waits at a stage."""
