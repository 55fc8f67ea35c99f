"""What happened at an invented shop, day by day. A day is made when asked for; nothing is stored.

Amounts are whole kuruş. A payment knows its own later life (review, cancel, refunds), so any day can be told from the
days before it, in any order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from random import Random
from typing import TYPE_CHECKING

from connectors.istanbul import ISTANBUL, day_of, start_of
from connectors.sandbox.chance import rng
from connectors.sandbox.company import Person, note
from connectors.sandbox.iyzico.subscribers import Charge, Subscriber, subscribers_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.sandbox.world import World

LONGEST_REFUND_DAYS = 5
Who = Callable[[], Person]
_EPOCH = date(2018, 1, 1)
_PER_DAY = 100_000
_FIRST_CHARGE = 90_000
"""Places in a day from here on belong to subscriptions' charges."""
_FIRST_NOW = 50_000
"""Places in a day from here on belong to payments made at the word of a test."""
_REVIEW = timedelta(hours=30)
_TRANSFER_HOUR = time(10, 0)
_CARDS = (
    ("552879", "MASTER_CARD", "Paraf", "Halk Bankası"),
    ("552608", "MASTER_CARD", "Axess", "Akbank"),
    ("454360", "VISA", "Maximum", "İş Bankası"),
    ("979203", "TROY", "Bankkart", "Ziraat Bankası"),
)


@dataclass(frozen=True, slots=True)
class Refund:
    """Money given back for one item."""

    refund_id: int
    item: int
    amount: int
    at: datetime
    conversation_id: str


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment. `amounts` are its items' prices; `told_at` is when reports first show it."""

    payment_id: int
    day: date
    at: datetime
    told_at: datetime
    amounts: tuple[int, ...]
    buyer: int
    conversation_id: str
    basket_id: str
    installment: int
    three_ds: bool
    card: tuple[str, str, str, str]
    reviewed: bool
    cancelled_at: datetime | None
    refunds: tuple[Refund, ...]
    cancel_reference: str | None = None
    """What the merchant called the cancel; invented ones have a name of their own."""

    @property
    def cancelled_as(self) -> str:
        """The reference of the cancel."""
        return f"IPTAL-{self.payment_id}" if self.cancel_reference is None else self.cancel_reference

    def item_id(self, item: int) -> int:
        """The line item's transaction id."""
        return self.payment_id * 10 + item + 1

    @property
    def total(self) -> int:
        """Sum of the items, in kuruş."""
        return sum(self.amounts)

    def status(self, now: datetime) -> int:
        """0 while under review, 2 when approved."""
        return 0 if self.reviewed and now < self.at + _REVIEW else 2

    @property
    def payout_day(self) -> date:
        """The working day after the payment."""
        return self.day + timedelta(days=3 if self.day.weekday() == 4 else 2 if self.day.weekday() == 5 else 1)

    @property
    def transferred_at(self) -> datetime:
        """The moment of the payout: what is given back before is taken from it, what comes later leaves it whole."""
        return transfer_of(self.payout_day)

    def refunded(self, item: int, before: datetime) -> int:
        """Kuruş given back of an item before a moment."""
        return sum(refund.amount for refund in self.refunds if refund.item == item and refund.at < before)


def transfer_of(day: date) -> datetime:
    """When the payouts of a day are made."""
    return datetime.combine(day, _TRANSFER_HOUR, ISTANBUL)


def charge_payment_id(subscriber: Subscriber, charge: Charge) -> int:
    """Id of the payment that a subscription's charge makes."""
    return payment_id(day_of(charge.paid_at), _FIRST_CHARGE + subscriber.index)


def charge_conversation(number: int) -> str:
    """The reference under which iyzico charges a subscription."""
    return f"abonelik-{number}"


def order_reference(subscriber: Subscriber, charge: Charge) -> str:
    """Reference code of the period that a charge pays for."""
    return f"{subscriber.reference}-{charge.order}"


def ledger(world: World, *, remembered: int = 4096) -> Callable[[str, date], tuple[Payment, ...]]:
    """A company's payments of an Istanbul day, told or not; the last `remembered` days stay in memory."""
    subscribers = subscribers_of(world)

    @lru_cache(maxsize=remembered)
    def payments(company_id: str, day: date) -> tuple[Payment, ...]:
        if day < world.first_day:
            return ()
        charged = [] if world.pace.steady else _charged_day(subscribers(company_id), day)
        return (*_invent_day(world, company_id, day), *charged)

    return payments


def day_of_payment(payment_id: int) -> date | None:
    """The day that a payment's id tells; None for an id that is none of ours."""
    days = payment_id // _PER_DAY
    return _EPOCH + timedelta(days=days) if 0 < days < 20_000 else None


def payment_id(day: date, index: int) -> int:
    """Id of the payment at a place in a day."""
    return (day - _EPOCH).days * _PER_DAY + index


def _invent_day(world: World, company_id: str, day: date) -> list[Payment]:
    chance = rng(world.seed, company_id, "payments", day)
    rows = world.pace.rows_per_day
    if not world.pace.steady:
        # Shops rest on some days: those come back without page counters.
        rows = 0 if chance.random() < 0.06 else max(1, round(rows * chance.uniform(0.5, 1.5)))
    payments: list[Payment] = []
    while rows > 0:
        items = 1 if world.pace.steady or rows == 1 or chance.random() < 0.75 else 2
        payments.append(_invent_payment(world, company_id, day, len(payments), items, chance))
        rows -= items
    return payments


def _charged_day(subscribers: Iterable[Subscriber], day: date) -> list[Payment]:
    start, end = start_of(day), start_of(day + timedelta(days=1))
    return [
        _charged(subscriber, charge) for subscriber in subscribers for charge in subscriber.paid_between(start, end)
    ]


def _charged(subscriber: Subscriber, charge: Charge) -> Payment:
    number = charge_payment_id(subscriber, charge)
    return Payment(
        payment_id=number,
        day=day_of(charge.paid_at),
        at=charge.paid_at,
        told_at=charge.paid_at,
        amounts=(subscriber.price,),
        buyer=subscriber.index,
        conversation_id=charge_conversation(number),
        basket_id=order_reference(subscriber, charge),
        installment=1,
        three_ds=False,
        card=_CARDS[subscriber.index % len(_CARDS)],
        reviewed=False,
        cancelled_at=None,
        refunds=(),
    )


def payment_now(world: World, company_id: str, at: datetime, index: int) -> Payment:
    """A payment of one line that is made and told this moment, and to which nothing happens by itself."""
    chance, day = rng(world.seed, company_id, "paid now", index), day_of(at)
    number = payment_id(day, _FIRST_NOW + index)
    return Payment(
        payment_id=number,
        day=day,
        at=at,
        told_at=at,
        amounts=(chance.randint(2_000, 300_000),),
        buyer=chance.randrange(world.company(company_id).CUSTOMERS),
        conversation_id=f"SIP-{number}",
        basket_id=f"SEPET-{number}",
        installment=1,
        three_ds=True,
        card=chance.choice(_CARDS),
        reviewed=False,
        cancelled_at=None,
        refunds=(),
    )


def _invent_payment(world: World, company_id: str, day: date, index: int, items: int, chance: Random) -> Payment:
    number = payment_id(day, index)
    at = _moment(day, chance)
    company = world.company(company_id)
    buyer = chance.randrange(company.CUSTOMERS)
    # People are invented only where a text names them: benchmarks ask for thousands of shops.
    person = partial(company.customer, buyer)
    amounts = tuple(chance.randint(2_000, 300_000) for _ in range(items))
    fate = chance.random()
    steady = world.pace.steady
    refunds: tuple[Refund, ...] = ()
    if fate < 0.10 and not steady:
        refunds = _invent_refunds(number, at, amounts, person, chance)
    late = not steady and chance.random() < 0.04
    return Payment(
        payment_id=number,
        day=day,
        at=at,
        told_at=at + timedelta(hours=chance.randint(2, 30)) if late else at,
        amounts=amounts,
        buyer=buyer,
        conversation_id=_reference("SIP", number, person, chance),
        basket_id=_basket(number, person, chance),
        installment=chance.choice((1, 1, 1, 1, 2, 3, 6)),
        three_ds=chance.random() < 0.7,
        card=chance.choice(_CARDS),
        reviewed=0.14 < fate < 0.24 and not steady,
        cancelled_at=at + timedelta(minutes=20) if 0.10 <= fate < 0.13 and not steady else None,
        refunds=refunds,
    )


def _invent_refunds(
    number: int, at: datetime, amounts: tuple[int, ...], person: Who, chance: Random
) -> tuple[Refund, ...]:
    item = chance.randrange(len(amounts))
    parts = 1 if chance.random() < 0.8 else 2
    whole = parts == 1 and chance.random() < 0.5
    refunds: list[Refund] = []
    for part in range(parts):
        when = at + timedelta(hours=chance.randint(1, 24 * LONGEST_REFUND_DAYS - 24) + part * 24)
        amount = amounts[item] if whole else amounts[item] // (2 + parts)
        why = f"IADE-{number}-{part}" if chance.random() < 0.6 else note(person(), chance)
        refunds.append(Refund(number * 10 + part, item, amount, when, why))
    return tuple(refunds)


def _moment(day: date, chance: Random) -> datetime:
    opening = datetime.combine(day, time(8, 0), ISTANBUL)
    return (opening + timedelta(seconds=chance.randint(0, 15 * 3600))).astimezone(UTC)


def _reference(prefix: str, number: int, person: Who, chance: Random) -> str:
    """An order number as shops make them: some put the buyer into it."""
    kind = chance.random()
    if kind < 0.05:
        return f"{prefix}-{number}-{person().tckn}"
    if kind < 0.10:
        return f"{person().plain_phone}-{number % 1000}"
    return f"{prefix}-{number}"


def _basket(number: int, person: Who, chance: Random) -> str:
    kind = chance.random()
    if kind < 0.03:
        return f"TC:{person().tckn}"
    if kind < 0.06:
        return f"Sepet {person().name} {person().spaced_phone}"
    return str(10_000_000 + number % 9_000_000)
