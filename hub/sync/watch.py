"""How a run in this process tells the person who started it how far it is and what came of it.

A scheduled run has nobody to tell. Dagster copies its resources, so the way to the person is not one of them.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.sync.batch import BatchResult, Progress


@dataclass
class Watch:
    """Where progress goes, and the results of the batches so far."""

    on_progress: Progress | None = None
    results: list[BatchResult] = field(default_factory=list["BatchResult"])


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching(on_progress: Progress | None) -> Generator[Watch]:
    """Watch the batches that run within the block."""
    watch = Watch(on_progress)
    token = _WATCH.set(watch)
    try:
        yield watch
    finally:
        _WATCH.reset(token)


def current_watch() -> Watch:
    """The watch of this run; one that nobody reads if there is none."""
    return _WATCH.get() or Watch()
