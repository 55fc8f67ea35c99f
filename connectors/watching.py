"""One place where somebody may watch requests to providers: method, host and status, and nothing else of them.

The hub's tracing puts itself here when it is on (hub/observe/tracing.py); connectors know nothing of it, and without a
watcher a request costs one call of a function.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

Told = Callable[[int], None]
"""Called with the status, once there is an answer."""
Watcher = Callable[[str, str], AbstractContextManager[Told]]
"""Given method and host; its context is as long as the request."""


def _nobody(_status: int) -> None:
    pass


def _unwatched(_method: str, _host: str) -> AbstractContextManager[Told]:
    return nullcontext(_nobody)


_watcher: list[Watcher] = [_unwatched]


def watch(watcher: Watcher | None) -> None:
    """Let `watcher` see every request of this process from now on; None lets nobody."""
    _watcher[0] = watcher or _unwatched


def watched(method: str, host: str) -> AbstractContextManager[Told]:
    """The context of one request."""
    return _watcher[0](method, host)
