"""Payments of an invented shop that nothing has happened to yet."""

from __future__ import annotations

from datetime import timedelta

from connectors.istanbul import day_of
from connectors.sandbox.iyzico.desk import Desk
from connectors.sandbox.iyzico.ledger import Payment
from connectors.sandbox.server import Sandbox


def untouched(sandbox: Sandbox, company: str, *, items: int = 1, days_ago: int | None = None) -> Payment:
    """A payment with so many lines, told and whole, of that day or of the last ones."""
    now = sandbox.world.clock.now()
    books = Desk.of(sandbox.world).payments
    for back in range(1, 50) if days_ago is None else [days_ago]:
        for payment in books(company, day_of(now) - timedelta(days=back)):
            whole = not payment.refunds and payment.cancelled_at is None and payment.told_at <= now
            if whole and len(payment.amounts) == items:
                return payment
    raise LookupError("this shop has no such payment")


def of_today(sandbox: Sandbox, prefix: str) -> tuple[str, Payment]:
    """A shop with a payment of today, and the payment."""
    for number in range(50):
        try:
            return f"{prefix}-{number}", untouched(sandbox, f"{prefix}-{number}", days_ago=0)
        except LookupError:
            continue
    raise LookupError("no shop has one")


def lira(kurus: int) -> str:
    """Decimal text, as a payload has it."""
    return f"{kurus // 100}.{kurus % 100:02d}"
