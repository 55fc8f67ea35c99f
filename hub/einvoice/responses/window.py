"""The eight days in which a commercial invoice may be answered, and what silence means.

The buyer accepts or rejects within eight days of receiving it; who says nothing has accepted (TTK 21/2), and only the
first answer counts (GİB, İptal/İhtar/İtiraz Kılavuzu v1.2). The day of receipt is not counted. Days are Istanbul's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from hub.einvoice.responses.model import Verdict

DAYS = timedelta(days=8)
ANSWERABLE = ("TICARIFATURA", "IHRACAT")
"""Profiles that know an answer. To an export it is customs' answer, which has no such end."""
_BUYERS = ("TICARIFATURA",)

State = Literal["unanswerable", "open", "answered", "implied"]


@dataclass(frozen=True)
class Standing:
    """Where an invoice stands with its buyer."""

    state: State
    verdict: Verdict | None = None
    """The answer that counts; `accepted` when it is implied."""
    last_day: date | None = None
    """On which an answer is still in time."""


def standing_with_buyer(
    profile: str, *, received: date, today: date, answers: Iterable[tuple[date, Verdict]] = ()
) -> Standing:
    """Where an invoice of that profile stands; `answers` by the day they were given, in any order.

    ValueError for an answer before the receipt or `today` before it: somebody mixed up two invoices.
    """
    if profile not in ANSWERABLE:
        return Standing("unanswerable")
    given = sorted(answers, key=lambda answer: answer[0])
    if today < received or any(day < received for day, _verdict in given):
        raise ValueError("an answer does not come before the invoice")
    if profile not in _BUYERS:
        return Standing("answered", given[0][1]) if given else Standing("open")
    last_day = received + DAYS
    for day, verdict in given:
        if day <= last_day:
            return Standing("answered", verdict, last_day)
    if today > last_day:
        return Standing("implied", "accepted", last_day)
    return Standing("open", None, last_day)


def may_answer(profile: str, *, received: date, today: date, answers: Iterable[tuple[date, Verdict]] = ()) -> bool:
    """Whether an answer by the buyer would still count today."""
    found = standing_with_buyer(profile, received=received, today=today, answers=answers)
    return profile in _BUYERS and found.state == "open"
