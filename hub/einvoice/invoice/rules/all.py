"""Every rule of an invoice, cheapest and most telling first: a wrong pair would make nonsense of all others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.einvoice.arithmetic.totals import Sums, sums
from hub.einvoice.invoice.pairs import PAIRS
from hub.einvoice.invoice.rules import amounts, dates, lines, parties, scenario, taxes
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

ISTANBUL = ZoneInfo("Europe/Istanbul")


def summed(invoice: Invoice, *, today: date | None = None) -> Sums:
    """The sums of an invoice in which nothing is wrong, else InvalidInput. `today` is the day in Istanbul."""
    found = _before_sums(invoice, today)
    if found:
        raise InvalidInput(found)
    made = sums(invoice)
    found = list(amounts.problems(invoice, made))
    if found:
        raise InvalidInput(found)
    return made


def problems(invoice: Invoice, *, today: date | None = None) -> list[Problem]:
    """What is wrong with an invoice whose fields can be read. `today` is the day in Istanbul, now if not given."""
    # Sums of amounts that are wrong themselves would only repeat it.
    return _before_sums(invoice, today) or list(amounts.problems(invoice, sums(invoice)))


def _before_sums(invoice: Invoice, today: date | None) -> list[Problem]:
    found = list(_pair(invoice))
    if not found:
        day = today or datetime.now(ISTANBUL).date()
        found = [
            *dates.problems(invoice, day),
            *parties.problems(invoice),
            *lines.problems(invoice),
            *taxes.problems(invoice),
            *scenario.problems(invoice),
        ]
    return found


def _pair(invoice: Invoice) -> Iterator[Problem]:
    types = PAIRS[invoice.profile]
    if invoice.type not in types:
        yield Problem("type", "einvoice_pair_unsupported", {"profile": invoice.profile, "types": ", ".join(types)})
