"""What all stand-ins share: seed, companies, a clock that moves only when told to, faults and a count of requests."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from connectors.istanbul import day_of
from connectors.sandbox.company import company_source
from connectors.sandbox.faults import Faults
from connectors.sandbox.hooks import Hooks
from connectors.sandbox.ledger import Ledger


@dataclass(frozen=True)
class Pace:
    """How much happens at a company."""

    rows_per_day: int = 12
    """Movements of money a day on average; exactly so many payment rows when `steady`."""
    history_days: int = 60
    """Days before the sandbox's start on which something happened."""
    steady: bool = False
    """Every day alike and nothing late, as benchmarks want it."""
    page_size: int = 100
    subscribers: int = 20
    points_per_day: int = 40
    """Points that a vehicle reports on a day; a real unit sends one a minute."""
    calls_per_day: int = 24
    """Telephone calls on average; exactly so many when `steady`."""


class SandboxClock:
    """Stands still until it is advanced, so that what a sync finds is decided by the test and not by its speed."""

    def __init__(self, start: datetime) -> None:
        self.start = start
        self._now = start
        self._lock = Lock()

    def now(self) -> datetime:
        """The sandbox's time, aware UTC: what has not happened by then is not told."""
        return self._now

    def advance(self, step: timedelta) -> datetime:
        """Let time pass; the new time. ValueError for a step back."""
        if step < timedelta(0):
            raise ValueError("the sandbox's time does not run backwards")
        with self._lock:
            self._now += step
            return self._now


class World:
    """One sandbox's state."""

    def __init__(self, *, seed: int = 1, pace: Pace | None = None, start: datetime | None = None) -> None:
        self.seed = seed
        self.pace = pace or Pace()
        self.clock = SandboxClock((start or datetime.now(UTC)).astimezone(UTC))
        self.faults = Faults()
        self.ledger = Ledger()
        self.hooks = Hooks()
        self.company = company_source(seed)
        self.requests: Counter[tuple[str, str, str]] = Counter()
        """Requests answered, by provider, company and path."""
        self.withheld: set[tuple[str, str, str]] = set()
        """Services outside a contract, by provider, company and the provider's name of the service."""
        self.desks: dict[str, Any] = {}
        """What a stand-in remembers of this world, by provider, for those that remember anything."""

    @property
    def first_day(self) -> date:
        """The first Istanbul day with anything on it."""
        return day_of(self.clock.start) - timedelta(days=self.pace.history_days)
