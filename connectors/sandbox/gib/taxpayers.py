"""GİB's list of registered users, invented: every number has a standing that follows from the seed and itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from connectors.sandbox import numbers
from connectors.sandbox.chance import number as drawn
from connectors.sandbox.chance import rng
from connectors.sandbox.words import COMPANY_FORMS, SURNAMES, TRADES

Standing = Literal["one", "several", "dead", "none"]
"""One living mailbox, several of them, only a dead one, or not on the list."""

CUSTOMS = "1460415308"
CUSTOMS_ALIASES = ("urn:mail:ihracatpk@gtb.gov.tr", "urn:mail:yolcuberaberpk@gtb.gov.tr")
SOCIAL_SECURITY = "7750409379"
_SINCE = datetime(2019, 1, 1, tzinfo=UTC)
_UNTIL = datetime(2025, 6, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Mailbox:
    """An alias on the list."""

    name: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class User:
    """A registered user."""

    number: str
    title: str
    mailboxes: tuple[Mailbox, ...]

    @property
    def living(self) -> tuple[str, ...]:
        """Names of mailboxes that take documents."""
        return tuple(mailbox.name for mailbox in self.mailboxes if mailbox.until is None)


def standing(seed: int, number: str) -> Standing:
    """How a number stands on the list. Persons (TCKN) are mostly not on it."""
    if number == CUSTOMS:
        return "several"
    if number == SOCIAL_SECURITY:
        return "one"
    place = drawn(seed, "taxpayer", number) % 100
    if len(number) == 11:
        return "one" if place < 5 else "none"
    return "one" if place < 45 else "several" if place < 60 else "dead" if place < 70 else "none"


def user(seed: int, number: str) -> User | None:
    """The user of a number; None when it is not on the list."""
    kind = standing(seed, number)
    if kind == "none":
        return None
    if number == CUSTOMS:
        return User(number, "GÜMRÜK BAKANLIĞI", tuple(Mailbox(name, _SINCE) for name in CUSTOMS_ALIASES))
    chance = rng(seed, "taxpayer", number, "title")
    title = f"{chance.choice(SURNAMES)} {chance.choice(TRADES)[0]} {chance.choice(COMPANY_FORMS)}"
    host = f"firma{number[-5:]}.com.tr"
    names = {"one": ("defaultpk",), "several": ("defaultpk", "muhasebepk", "subepk"), "dead": ("eskipk",)}[kind]
    until = _UNTIL if kind == "dead" else None
    return User(number, title, tuple(Mailbox(f"urn:mail:{name}@{host}", _SINCE, until) for name in names))


def someone(seed: int, kind: Standing, index: int = 0) -> str:
    """A tax number (VKN) of that standing; each index is another one."""
    found = (number for number in _numbers(seed) if standing(seed, number) == kind)
    for _ in range(index):
        next(found)
    return next(found)


def sample(seed: int, size: int) -> list[User]:
    """Some users, dead ones too, as a list of the whole country would have millions of."""
    users: list[User] = []
    for number in _numbers(seed):
        found = user(seed, number)
        if found is not None:
            users.append(found)
        if len(users) == size:
            break
    return users


def _numbers(seed: int) -> Iterator[str]:
    return (numbers.vkn(rng(seed, "somebody", index)) for index in count())
