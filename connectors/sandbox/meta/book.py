"""What the stand-in remembers of a world: who wrote when, who refuses what, templates, files, blocked people."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from connectors.sandbox.chance import rng
from connectors.sandbox.meta import keys, templates

if TYPE_CHECKING:
    from connectors.sandbox.world import World

WINDOW = timedelta(hours=24)


@dataclass(frozen=True)
class Someone:
    """A person on WhatsApp, as one business sees them."""

    digits: str
    """905551112233."""
    user_id: str
    name: str


@dataclass(frozen=True)
class Destiny:
    """What the next messages to a person meet: an error code, at once or as a failed status later."""

    code: int
    later: bool = False


@dataclass
class Account:
    """One company's account."""

    templates: list[dict[str, Any]]
    people: dict[str, Someone] = field(default_factory=dict[str, Someone])
    """By digits: everybody who was written to or wrote, and the company's customers."""
    wrote: dict[str, datetime] = field(default_factory=dict[str, datetime])
    """Last incoming message by digits."""
    destinies: dict[str, list[Destiny]] = field(default_factory=lambda: defaultdict(list))
    stopped: set[str] = field(default_factory=set[str])
    """Who wants no marketing."""
    blocked: set[str] = field(default_factory=set[str])
    media: dict[str, tuple[str, bytes]] = field(default_factory=dict[str, "tuple[str, bytes]"])
    """Type and content by id."""
    number: int = 0
    """Of things made so far: wamids and media ids count it."""


class Book:
    """A world's accounts. Safe to write while the server runs in another thread."""

    def __init__(self, world: World) -> None:
        self._seed = world.seed
        self._company = world.company
        self._accounts: dict[str, Account] = {}
        self._lock = RLock()

    @contextmanager
    def account(self, company_id: str) -> Generator[Account]:
        """A company's account, for as long as nobody else has it."""
        with self._lock:
            account = self._accounts.get(company_id)
            if account is None:
                account = self._accounts[company_id] = Account(templates.first_ones(self._seed, company_id))
                company = self._company(company_id)
                for index in range(company.CUSTOMERS):
                    customer = company.customer(index)
                    self._meet(account, company_id, customer.phone.removeprefix("+"), customer.name)
            yield account

    def someone(self, company_id: str, recipient: str) -> Someone | None:
        """The person behind a number (any spelling) or a user id. Any number is somebody's; a user id must be known."""
        with self.account(company_id) as account:
            if recipient[:2].isalpha():
                return next((each for each in account.people.values() if each.user_id == recipient), None)
            digits = "".join(filter(str.isdigit, recipient))
            return account.people.get(digits) or self._meet(account, company_id, digits, "Ayşe Yılmaz")

    def wamid(self, company_id: str, digits: str) -> str:
        """A new message id. As the real ones, it is base64 that holds the person's number."""
        with self.account(company_id) as account:
            account.number += 1
            made = f"{rng(self._seed, company_id, 'wamid', account.number).getrandbits(72):018X}".encode()
        parts = b"\x1c\x18" + bytes([len(digits)]) + digits.encode() + b"\x15\x02\x00\x11\x18"
        return "wamid." + base64.b64encode(parts + bytes([len(made)]) + made + b"\x00").decode()

    def _meet(self, account: Account, company_id: str, digits: str, name: str) -> Someone:
        person = Someone(digits, keys.user_id(self._seed, company_id, digits), name)
        return account.people.setdefault(digits, person)


_BOOKS: WeakKeyDictionary[World, Book] = WeakKeyDictionary()
_LOCK = RLock()


def book_of(world: World) -> Book:
    """The world's one book."""
    with _LOCK:
        book = _BOOKS.get(world)
        if book is None:
            book = _BOOKS[world] = Book(world)
        return book
