"""Keeps dbt out of processes that only describe its models: importing it takes longer than all of Dagster.

dagster-dbt imports dbt for the names of node types and states, and has its own for an environment without dbt
(dagster_dbt/compat.py). dbt itself runs in a process of its own (hub/models/dbt_process.py), so every code server and
every run would pay for nothing, about 0.7 of 1.8 seconds.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

_LOOKED_FOR = "dbt.version"
"""What dagster-dbt imports to learn whether there is a dbt."""


@contextmanager
def without_dbt() -> Generator[None]:
    """Imports in the block find no dbt, unless it has been imported already."""
    modules: dict[str, Any] = sys.modules
    if _LOOKED_FOR in modules:
        yield
        return
    modules[_LOOKED_FOR] = None  # the import system's own way to say that there is no such module
    try:
        yield
    finally:
        del modules[_LOOKED_FOR]
