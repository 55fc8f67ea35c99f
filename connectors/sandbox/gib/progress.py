"""Where an accepted invoice stands by now: everything follows from the hour of its acceptance and the world's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from connectors.istanbul import ISTANBUL
from connectors.sandbox.gib.invoices import ANSWERABLE, Accepted

QUEUED_AFTER, PROCESSING_AFTER, PROCESSED_AFTER, LAST_WORD_AFTER = (
    timedelta(minutes=minutes) for minutes in (1, 2, 4, 10)
)
ANSWERED_AFTER = timedelta(days=1)
ANSWER_WINDOW = timedelta(days=8)
ARCHIVED_AFTER = timedelta(minutes=1)
REPORTS_AT = time(3, 0)
"""Every night's report tells GİB of the e-Arşiv invoices of the day before."""
_EARLY = (1110, 1190)
"""Codes from the one to before the other are GİB's own checks: said at once, and nothing after them."""

Answer = Literal["none", "waiting", "accepted", "rejected", "returned", "implied"]
_ANSWERS: dict[str, Answer] = {"KABUL": "accepted", "RED": "rejected", "IADE": "returned"}


@dataclass(frozen=True)
class Progress:
    """Where an e-Fatura invoice stands."""

    gib_code: int | None
    answer: Answer

    @property
    def word(self) -> Literal["waiting", "succeed", "error"]:
        """As an integrator sums it up."""
        if self.gib_code == 1300:
            return "succeed"
        pending = self.gib_code is None or self.gib_code in (1000, 1100, 1200, 1210, 1220)
        return "waiting" if pending else "error"


def of_einvoice(accepted: Accepted, now: datetime, *, duplicate: bool) -> Progress:
    """Code and answer by now. `duplicate`: GİB had this number before, through whomever."""
    code = _code(now - accepted.at, 1163 if duplicate else accepted.invoice.fate)
    return Progress(code, _answer(accepted, now, code))


def of_earchive(accepted: Accepted, now: datetime) -> Literal["waiting", "succeed"]:
    """Whether the integrator has signed and stored it."""
    return "succeed" if now - accepted.at >= ARCHIVED_AFTER else "waiting"


def reported(accepted: Accepted, now: datetime) -> bool:
    """Whether a nightly report has told GİB of it."""
    day_after = accepted.at.astimezone(ISTANBUL).date() + timedelta(days=1)
    return now >= datetime.combine(day_after, REPORTS_AT, ISTANBUL)


def _code(age: timedelta, fate: int) -> int | None:
    if age < QUEUED_AFTER:
        return None
    if age < PROCESSING_AFTER:
        return 1000
    if age < PROCESSED_AFTER:
        return 1100
    if _EARLY[0] <= fate < _EARLY[1]:
        return fate
    return 1200 if age < LAST_WORD_AFTER else fate


def _answer(accepted: Accepted, now: datetime, code: int | None) -> Answer:
    if accepted.invoice.profile not in ANSWERABLE or code != 1300:
        return "none"
    delivered = accepted.at + LAST_WORD_AFTER
    if accepted.invoice.reply and now >= delivered + ANSWERED_AFTER:
        return _ANSWERS[accepted.invoice.reply]
    return "implied" if now >= delivered + ANSWER_WINDOW else "waiting"
