"""What was done at the hub's word: money given back, payments voided, links made. Kept as long as the world.

The books (ledger.py) are invented anew whenever a day is asked for; what stands here is laid over them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from connectors.istanbul import day_of
from connectors.sandbox.iyzico.ledger import Payment, Refund, payment_now
from connectors.sandbox.ledger import Deed

if TYPE_CHECKING:
    from connectors.sandbox.world import World

Payments = Callable[[str, date], tuple[Payment, ...]]
_FIRST_REFUND = 500


@dataclass(frozen=True)
class Trouble:
    """How the next act of a company is answered: with a failure's code, although it was done or because it was not."""

    company: str
    code: str
    done: bool


@dataclass
class Link:
    """A payment link."""

    token: str
    name: str
    description: str
    price: str
    currency: str
    conversation_id: str | None
    kind: str
    made_at: datetime
    status: str = "ACTIVE"


@dataclass
class _Touched:
    since: datetime
    refunds: list[Refund] = field(default_factory=list[Refund])
    cancelled_at: datetime | None = None
    cancel_reference: str | None = None


class Acts:
    """Everything done in one world, by company."""

    def __init__(self) -> None:
        self._payments: dict[str, dict[int, _Touched]] = defaultdict(dict)
        self._days: dict[str, set[date]] = defaultdict(set)
        self._paid: dict[tuple[str, date], list[Payment]] = defaultdict(list)
        self.links: dict[str, list[Link]] = defaultdict(list)
        self.troubles: list[Trouble] = []
        self.links_lack_references = False
        """Whether the list of links leaves conversationId out, as nothing promises that it does not."""

    def laid_over(self, payments: Payments) -> Payments:
        """The books with what was done in them. What they had in store for a payment that was touched happens not."""

        def with_acts(company: str, day: date) -> tuple[Payment, ...]:
            found = (*payments(company, day), *self._paid.get((company, day), ()))
            if day not in self._days[company]:
                return found
            return tuple(self._laid_over(company, payment) for payment in found)

        return with_acts

    def days(self, company: str) -> set[date]:
        """Days of the payments that were touched."""
        return set(self._days[company])

    def pay(self, world: World, company: str) -> Payment:
        """Somebody pays now: a payment of one line that nothing has happened to."""
        now = world.clock.now()
        paid = self._paid[company, day_of(now)]
        paid.append(payment_now(world, company, now, len(paid)))
        return paid[-1]

    def refund(self, world: World, company: str, payment: Payment, parts: dict[int, int], reference: str) -> int:
        """Give back kuruş by item; the number of the first part."""
        touched = self._touch(world, company, payment)
        now = world.clock.now()
        numbers: list[int] = []
        for item, amount in parts.items():
            number = payment.payment_id * 1000 + _FIRST_REFUND + len(touched.refunds)
            touched.refunds.append(Refund(number, item, amount, now, reference))
            numbers.append(number)
        world.ledger.enter(Deed("iyzico", company, "refund", reference, str(numbers[0]), now))
        return numbers[0]

    def cancel(self, world: World, company: str, payment: Payment, reference: str) -> None:
        """Void a payment."""
        touched = self._touch(world, company, payment)
        touched.cancelled_at, touched.cancel_reference = world.clock.now(), reference
        world.ledger.enter(Deed("iyzico", company, "cancel", reference, str(payment.payment_id), world.clock.now()))

    def make_link(self, world: World, company: str, link: Link) -> None:
        """Put a link up."""
        self.links[company].append(link)
        reference = link.conversation_id or ""
        world.ledger.enter(Deed("iyzico", company, "payment_link", reference, link.token, link.made_at))

    def disable_link(self, world: World, company: str, link: Link) -> None:
        """Take a link out of use. That it is out of use already is nothing done."""
        if link.status != "PASSIVE":
            link.status = "PASSIVE"
            deed = Deed("iyzico", company, "payment_link_disable", link.token, link.token, world.clock.now())
            world.ledger.enter(deed)

    def trouble(self, company: str) -> Trouble | None:
        """What is in store for this company's next act, used up."""
        found = next((each for each in self.troubles if each.company == company), None)
        if found is not None:
            self.troubles.remove(found)
        return found

    def _touch(self, world: World, company: str, payment: Payment) -> _Touched:
        self._days[company].add(payment.day)
        return self._payments[company].setdefault(payment.payment_id, _Touched(world.clock.now()))

    def _laid_over(self, company: str, payment: Payment) -> Payment:
        touched = self._payments[company].get(payment.payment_id)
        if touched is None:
            return payment
        kept = [refund for refund in payment.refunds if refund.at <= touched.since]
        return replace(
            payment,
            refunds=(*kept, *touched.refunds),
            cancelled_at=touched.cancelled_at,
            cancel_reference=touched.cancel_reference,
        )


_OF_WORLDS: WeakKeyDictionary[World, Acts] = WeakKeyDictionary()


def acts_of(world: World) -> Acts:
    """The acts of a world: the same for every part of the stand-in."""
    return _OF_WORLDS.setdefault(world, Acts())
