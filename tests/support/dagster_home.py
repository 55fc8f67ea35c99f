"""Dagster's instance on the test installation's Postgres, without leaving its variables in the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hub.orchestration.dagster_home import open_instance

if TYPE_CHECKING:
    from dagster import DagsterInstance

    from hub.settings import Settings


@contextmanager
def dagster_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance that `hub up` would serve."""
    before = dict(os.environ)
    try:
        with open_instance(settings) as instance:
            yield instance
    finally:
        os.environ.clear()
        os.environ.update(before)
