"""Webhooks that the stand-ins owe: queued as the provider would word and sign them, sent when the test says so.

Real providers send at least once, late and out of order. So does this: `deliver` may repeat and shuffle.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class Hook:
    """One event, ready to be posted: body and headers are exactly the provider's."""

    provider: str
    company: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Hooks:
    """Where each company's events go, and what waits."""

    def __init__(self) -> None:
        self._addresses: dict[tuple[str, str], str] = {}
        self._waiting: list[Hook] = []
        self._sources: list[Callable[[], None]] = []
        self._lock = Lock()

    def look_first(self, source: Callable[[], None]) -> None:
        """Call this before anything is looked at: it owes what has come about since the last time."""
        with self._lock:
            self._sources.append(source)

    def subscribe(self, provider: str, company: str, url: str) -> None:
        """Send this company's events there."""
        with self._lock:
            self._addresses[provider, company] = url

    def owe(self, hook: Hook) -> None:
        """An event happened."""
        with self._lock:
            self._waiting.append(hook)

    def waiting(self, *, provider: str = "", company: str = "") -> list[Hook]:
        """Events not sent yet."""
        self._look()
        with self._lock:
            return [h for h in self._waiting if provider in ("", h.provider) and company in ("", h.company)]

    async def deliver(self, client: httpx.AsyncClient, *, times: int = 1, shuffle_seed: int | None = None) -> list[int]:
        """Post what waits and has an address; the statuses answered. Whatever was not answered 2xx waits on."""
        self._look()
        with self._lock:
            sent = [h for h in self._waiting if (h.provider, h.company) in self._addresses]
            addresses = dict(self._addresses)
        posts = sent * times
        if shuffle_seed is not None:
            random.Random(shuffle_seed).shuffle(posts)
        statuses: list[int] = []
        taken: set[int] = set()
        for hook in posts:
            answer = await client.post(
                addresses[hook.provider, hook.company], content=hook.body, headers=dict(hook.headers)
            )
            statuses.append(answer.status_code)
            if answer.is_success:
                taken.add(id(hook))
        with self._lock:
            self._waiting = [h for h in self._waiting if id(h) not in taken]
        return statuses

    def _look(self) -> None:
        with self._lock:
            sources = list(self._sources)
        for source in sources:
            source()
