"""Rounding to the kuruş, and dividing an amount so that its parts still add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

KURUS = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)
# A price of 23 digits times a quantity of 20 must not be rounded before it is rounded to the kuruş.
_EXACT = Context(prec=60)


def half_up(amount: Decimal) -> Decimal:
    """To two decimals, halves away from zero, as invoices are rounded."""
    return amount.quantize(KURUS, rounding=ROUND_HALF_UP, context=_EXACT)


def product(first: Decimal, second: Decimal) -> Decimal:
    """Both multiplied, rounded once."""
    return half_up(_EXACT.multiply(first, second))


def share(amount: Decimal, percent: Decimal) -> Decimal:
    """So many percent of an amount, rounded once."""
    return half_up(_EXACT.divide(_EXACT.multiply(amount, percent), HUNDRED))


def total(amounts: Sequence[Decimal]) -> Decimal:
    """The sum, with two decimals also when there is nothing to add."""
    return sum(amounts, ZERO)


def divided(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount in parts like the weights, which add up to it; no part is larger than its weight if the whole is not.

    What rounding down leaves goes, a kuruş each, to the parts that lost most. All weights zero: the first takes it.
    """
    whole = total(weights)
    if not whole:
        return [amount, *[ZERO] * (len(weights) - 1)]
    exact = [_EXACT.divide(_EXACT.multiply(amount, weight), whole) for weight in weights]
    parts = [part.quantize(KURUS, rounding=ROUND_DOWN, context=_EXACT) for part in exact]
    missing = int((amount - total(parts)) / KURUS)
    most_lost = sorted(range(len(parts)), key=lambda index: parts[index] - exact[index])
    for index in most_lost[:missing]:
        parts[index] += KURUS
    return parts


def settled(rounded: Sequence[Decimal], target: Decimal) -> list[Decimal]:
    """Amounts that were rounded one by one, changed by kuruş until they add up to what their sum rounds to.

    One kuruş on the largest is the usual case. More are spread, one on each, largest first: a single line would
    otherwise no longer be its base times its rate within the tolerance of 0.01 that receivers check with.
    """
    parts = list(rounded)
    missing = int((target - total(parts)) / KURUS)
    step = KURUS if missing > 0 else -KURUS
    largest = sorted((index for index in range(len(parts)) if parts[index] + step >= 0), key=lambda i: -parts[i])
    for index in largest[: abs(missing)]:
        parts[index] += step
    return parts
