"""A message on its way: what becomes of it is decided by its number, and when by the world's clock.

Numbers that begin with 555 0000 are nobody's, and say by their last three digits what happens to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from connectors.sandbox.chance import number

Kind = Literal["sms", "otp"]

MAGIC = "5550000"
FINAL_STATUSES = frozenset({2, 3, 4, 11, 12, 14, 15, 16, 17, 22, 103})
"""A magic number that ends with one of these comes to that status."""
REFUSED = {"020": "20", "070": "70", "080": "80", "085": "85", "120": "100"}
"""The whole call is refused with that code; 120 is a system error before anything was done."""
BROKEN_BEHIND = "121"
"""System error (code 100) after the message was queued."""
ENDLESS = "200"
"""Waits for ever."""
ANSWERS_RET = "300"
"""Is delivered, and answers RET a minute later."""
_ERRORS = {2: 102, 3: 105, 11: 106, 12: 119, 15: 106}
ANSWER_AFTER = timedelta(minutes=1)
DUPLICATE, DELIVERED, WAITING, CANCELLED = 13, 1, 0, 4


@dataclass
class Message:
    """One text to one number."""

    company: str
    job: str
    number: str
    """Ten digits."""
    text: str = field(repr=False)
    reference: str | None
    kind: Kind
    parts: int
    accepted_at: datetime
    starts_at: datetime
    duplicate: bool = False
    cancelled: bool = False
    pushed: bool = False
    answered: bool = False

    @property
    def final_at(self) -> datetime:
        """When its state is final: half a minute to a minute and a half after it may start."""
        return self.starts_at + timedelta(seconds=30 + number(self.job, self.number, self.text) % 60)

    @property
    def magic(self) -> str | None:
        """The three digits that say what happens; None for an ordinary number."""
        return self.number[len(MAGIC) :] if self.number.startswith(MAGIC) else None

    def status(self, now: datetime) -> int:
        """As the report says it."""
        if self.cancelled:
            return CANCELLED
        if now < self.final_at or self.magic == ENDLESS:
            return WAITING
        if self.duplicate:
            return DUPLICATE
        magic = int(self.magic or "0")
        return magic if magic in FINAL_STATUSES else DELIVERED

    def is_final(self, now: datetime) -> bool:
        """Whether nothing more happens to it."""
        return self.status(now) != WAITING

    def error(self, now: datetime) -> int:
        """What the handset or the network said."""
        return _ERRORS.get(self.status(now), 0)


_DOUBLE = frozenset("\f^{}\\[~]|€")
_DOUBLE_IN_TURKISH = _DOUBLE | frozenset("ĞİŞçğış")
_SUFFIX = 5


def units_and_parts(text: str, encoding: str) -> tuple[int, int, int]:
    """Counted characters, parts, and the most that is taken, as the length service counts them."""
    if encoding == "UNICODE":
        units, single, joined, most = len(text.encode("utf-16-le")) // 2, 70, 66, 391
    elif encoding == "TR":
        units, single, joined, most = sum(2 if c in _DOUBLE_IN_TURKISH else 1 for c in text), 155, 148, 883
    else:
        units, single, joined, most = sum(2 if c in _DOUBLE else 1 for c in text), 160, 153, 912
    whole = units + _SUFFIX
    return units, 1 if whole <= single else -(-whole // joined), most
