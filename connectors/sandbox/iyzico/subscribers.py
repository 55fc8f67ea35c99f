"""The shop's regulars: who subscribed when, and when their cards were charged. Told by two endpoints and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from connectors.sandbox.chance import rng

if TYPE_CHECKING:
    from connectors.sandbox.world import World

PERIOD = timedelta(days=30)
RETRY_AFTER = timedelta(days=1)
PLANS = (("Aylık Bakım", "Bakım Paketi", 24_900), ("Gümüş", "Yol Yardımı", 9_900), ("Aylık Su", "Damacana", 18_050))


@dataclass(frozen=True, slots=True)
class Charge:
    """A card that was charged, or refused for want of money and charged a day later."""

    order: int
    start: datetime
    refused_first: bool

    @property
    def paid_at(self) -> datetime:
        """When the money came."""
        return self.start + RETRY_AFTER if self.refused_first else self.start


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One subscription of one customer (the company's customer of the same index). `price` in kuruş."""

    index: int
    reference: str
    customer_reference: str
    joined: datetime
    ends: datetime | None
    plan: str
    product: str
    price: int
    refusals: int
    """Bits: whether the card was empty at first in each period."""

    def ended(self, now: datetime) -> bool:
        """Whether it is over."""
        return self.ends is not None and self.ends <= now

    def charges(self, until: datetime) -> list[Charge]:
        """Every period begun by then."""
        last = min(until, self.ends) if self.ends is not None else until
        count = max(0, (last - self.joined) // PERIOD + 1) if last >= self.joined else 0
        return [self._charge(order) for order in range(count)]

    def paid_between(self, start: datetime, end: datetime) -> list[Charge]:
        """Charges whose money came in `[start, end)`."""
        first = max(0, (start - RETRY_AFTER - self.joined) // PERIOD)
        charges = [self._charge(order) for order in range(first, first + 3)]
        return [
            charge
            for charge in charges
            if start <= charge.paid_at < end and (self.ends is None or charge.start <= self.ends)
        ]

    def _charge(self, order: int) -> Charge:
        return Charge(order, self.joined + order * PERIOD, bool(self.refusals >> (order % 32) & 1))


def subscribers_of(world: World) -> Callable[[str], tuple[Subscriber, ...]]:
    """A company's subscribers, those of the future too; the last companies asked for stay in memory."""

    @lru_cache(maxsize=1024)
    def subscribers(company_id: str) -> tuple[Subscriber, ...]:
        return tuple(_invent(world, company_id, index) for index in range(world.pace.subscribers))

    return subscribers


def reference(world: World, company_id: str, kind: str, name: object) -> str:
    """A reference code as iyzico makes them."""
    return str(UUID(int=rng(world.seed, company_id, kind, name).getrandbits(128), version=4))


def _invent(world: World, company_id: str, index: int) -> Subscriber:
    chance = rng(world.seed, company_id, "subscription", index)
    # Most are old customers; every tenth joins in the days after the sandbox's start.
    hours = -chance.randint(1, 72) if index % 10 == 9 else chance.randint(1, 24 * 300)
    joined = world.clock.start.replace(microsecond=0) - timedelta(hours=hours)
    plan, product, price = chance.choice(PLANS)
    return Subscriber(
        index=index,
        reference=reference(world, company_id, "subscription", index),
        customer_reference=reference(world, company_id, "customer", index),
        joined=joined,
        ends=joined + PERIOD * chance.randint(2, 12) if chance.random() < 0.25 else None,
        plan=plan,
        product=product,
        price=price,
        refusals=chance.getrandbits(32) & chance.getrandbits(32) & chance.getrandbits(32),
    )
