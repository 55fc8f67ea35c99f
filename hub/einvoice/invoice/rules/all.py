"""Every rule of an invoice, cheapest and most telling first: a wrong pair would make nonsense of all others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from hub.einvoice.invoice.pairs import PAIRS
from hub.einvoice.invoice.rules import dates, lines, parties, scenario, sums, taxes
from hub.validation import InvalidInput, Problem

if TYPE_CHECKING:
    from hub.einvoice.invoice.invoice import Invoice

ISTANBUL = ZoneInfo("Europe/Istanbul")


def require_valid(invoice: Invoice, *, today: date | None = None) -> None:
    """InvalidInput when anything about the invoice would be refused. `today` is the day in Istanbul."""
    found = problems(invoice, today=today)
    if found:
        raise InvalidInput(found)


def problems(invoice: Invoice, *, today: date | None = None) -> list[Problem]:
    """What is wrong with an invoice whose fields can be read. `today` is the day in Istanbul, now if not given."""
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
    # Sums of amounts that are wrong themselves would only repeat it.
    return found or list(sums.problems(invoice))


def _pair(invoice: Invoice) -> Iterator[Problem]:
    types = PAIRS[invoice.profile]
    if invoice.type not in types:
        yield Problem("type", "einvoice_pair_unsupported", {"profile": invoice.profile, "types": ", ".join(types)})
