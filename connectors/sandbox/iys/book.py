"""İYS's book: one state an address and brand, the movements in order, and submissions that are worked off later."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from connectors.istanbul import ISTANBUL
from connectors.sandbox.ledger import Deed

if TYPE_CHECKING:
    from connectors.sandbox.world import World

FORMAT = "%Y-%m-%d %H:%M:%S"

FIRST_REFUSAL, OLDER, UNCHANGED, MALFORMED = "H175", "H178", "H179", "H156"
"""The first is İYS's own; the other codes are this stand-in's, for refusals of which only the rule is known."""

_FIELDS = ("recipient", "type", "recipientType", "status", "source", "consentDate")

Key = tuple[str, str, str, str]
"""Company, recipient, type, recipient type."""


@dataclass(frozen=True)
class Movement:
    """One change of one address."""

    number: int
    origin: str
    company: str
    record: Mapping[str, str]


class Book:
    """All brands' permissions. Safe to change while the server runs in another thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._states: dict[Key, dict[str, str]] = {}
        self._movements: list[Movement] = []
        self._submissions: dict[tuple[str, str], Sequence[Mapping[str, Any]]] = {}
        self._results: dict[tuple[str, str], list[str | None]] = {}
        self._numbers = itertools.count(1)
        self._lock = Lock()
        self.slow = False
        """Whether submissions wait until `work_off`."""

    def state(self, company: str, asked: Mapping[str, Any]) -> Mapping[str, str] | None:
        """The record of an address, as İYS tells it; None where there is none."""
        return self._states.get(_key(company, asked))

    def add(self, company: str, given: Mapping[str, Any], *, origin: str = "HS") -> str | None:
        """Take a permission in; the code of the refusal, None for success."""
        code = self._problem(company, given)
        if code is not None:
            return code
        with self._lock:
            number = next(self._numbers)
            now = self._world.clock.now()
            record = {name: str(given.get(name, "BIREYSEL")) for name in _FIELDS}
            record |= {"creationDate": now.astimezone(ISTANBUL).strftime(FORMAT), "transactionId": f"{number:064x}"}
            self._states[_key(company, given)] = record
            self._movements.append(Movement(number, origin, company, record))
        reference = f"{record['recipient']} {record['type']} {record['status']} {record['consentDate']}"
        self._world.ledger.enter(Deed("iys", company, f"permission:{origin}", reference, record["transactionId"], now))
        return None

    def citizen(
        self,
        company: str,
        *,
        recipient: str,
        status: str,
        type_: str = "MESAJ",
        recipient_type: str = "BIREYSEL",
        source: str = "IYS_WEB",
    ) -> None:
        """Somebody changes their permission at İYS itself, now."""
        moment = self._world.clock.now().astimezone(ISTANBUL).strftime(FORMAT)
        given = {"recipient": recipient, "type": type_, "recipientType": recipient_type, "status": status}
        self.add(company, {**given, "source": source, "consentDate": moment}, origin="IYS")

    def submit(self, company: str, given: Sequence[Mapping[str, Any]]) -> str:
        """Take a submission in, to be worked off at once unless the book is slow."""
        with self._lock:
            request_id = f"{next(self._numbers):032x}"
            self._submissions[company, request_id] = given
        if not self.slow:
            self.work_off()
        return request_id

    def work_off(self) -> None:
        """Work off every submission that waits."""
        with self._lock:
            waiting, self._submissions = self._submissions, {}
        for name, given in waiting.items():
            self._results[name] = [self.add(name[0], each) for each in given]

    def results(self, company: str, request_id: str) -> list[dict[str, Any]] | None:
        """As İYS tells them; None for an unknown request."""
        waiting = self._submissions.get((company, request_id))
        if waiting is not None:
            return [{"index": index, "status": "enqueue"} for index in range(len(waiting))]
        codes = self._results.get((company, request_id))
        if codes is None:
            return None
        return [
            {"index": index, "status": "success"}
            if code is None
            else {"index": index, "status": "failure", "error": {"code": code, "message": "Kayıt alınamadı."}}
            for index, code in enumerate(codes)
        ]

    def changes(self, company: str, origin: str, after: int, limit: int) -> list[Movement]:
        """Movements of one origin behind a number, oldest first."""
        fitting = (each for each in self._movements if (each.company, each.origin) == (company, origin))
        return list(itertools.islice((each for each in fitting if each.number > after), limit))

    def _problem(self, company: str, given: Mapping[str, Any]) -> str | None:
        moment = _moment(given.get("consentDate"))
        if moment is None or moment > self._world.clock.now() or not _well_formed(given):
            return MALFORMED
        known = self._states.get(_key(company, given))
        if known is None:
            return FIRST_REFUSAL if given["status"] == "RET" else None
        since = _moment(known["consentDate"])
        if since is not None and moment < since:
            return OLDER
        return UNCHANGED if known["status"] == given["status"] else None


_BOOKS: WeakKeyDictionary[World, Book] = WeakKeyDictionary()
_LOCK = Lock()


def book_of(world: World) -> Book:
    """The one book of a world."""
    with _LOCK:
        return _BOOKS.setdefault(world, Book(world))


def _key(company: str, fields: Mapping[str, Any]) -> Key:
    named = (str(fields.get("recipient")), str(fields.get("type")), str(fields.get("recipientType", "BIREYSEL")))
    return (company, *named)


def _well_formed(given: Mapping[str, Any]) -> bool:
    recipient, type_ = given.get("recipient"), given.get("type")
    if not isinstance(recipient, str) or type_ not in ("MESAJ", "ARAMA", "EPOSTA"):
        return False
    right = "@" in recipient if type_ == "EPOSTA" else recipient.startswith("+905") and len(recipient) == 13
    known = given.get("recipientType", "BIREYSEL") in ("BIREYSEL", "TACIR") and given.get("status") in ("ONAY", "RET")
    return right and known and str(given.get("source", "")).startswith(("HS_", "IYS_"))


def _moment(text: object) -> datetime | None:
    try:
        return datetime.strptime(str(text), FORMAT).replace(tzinfo=ISTANBUL)
    except ValueError:
        return None
