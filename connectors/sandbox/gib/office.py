"""One world's tax office: which invoices every integrator handed over, so that a number is registered only once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from connectors.sandbox.gib import progress, taxpayers
from connectors.sandbox.gib.incoming import Incoming, incoming_of, sent_now
from connectors.sandbox.gib.invoices import Accepted, Invoice, Kind
from connectors.sandbox.ledger import Deed

if TYPE_CHECKING:
    from connectors.sandbox.world import World

Refusal = str
"""Why a document is not taken: `supplier`, `kind`, `registered`, `not_registered`, `alias`, `several`."""


@dataclass
class Office:
    """What happened to invoices in a world."""

    world: World
    accepted: dict[tuple[str, str, str], Accepted] = field(default_factory=dict[tuple[str, str, str], Accepted])
    """By provider, company and ETTN."""
    cancelled: dict[tuple[str, str, str], datetime] = field(default_factory=dict[tuple[str, str, str], datetime])
    answers: dict[tuple[str, str], tuple[str, datetime]] = field(
        default_factory=dict[tuple[str, str], tuple[str, datetime]]
    )
    """Answers given to incoming invoices, by company and ETTN."""
    _numbers: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """The ETTN under which GİB knows a supplier's number first."""
    received: dict[str, list[Incoming]] = field(default_factory=dict[str, list[Incoming]])
    """What others sent at the word of a test, by company."""
    _kept: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """Numbers by provider and company."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def now(self) -> datetime:
        """The sandbox's time."""
        return self.world.clock.now()

    def find(self, provider: str, company: str, ettn: str) -> Accepted | None:
        """What an integrator has under an ETTN."""
        return self.accepted.get((provider, company, ettn.lower()))

    def number_taken(self, provider: str, company: str, invoice: Invoice) -> bool:
        """Whether the integrator has a document under that number."""
        return (provider, company, invoice.number) in self._kept

    def refusal(self, company: str, invoice: Invoice, kind: Kind, alias: str) -> Refusal | None:
        """What stands against taking a document; None when nothing does."""
        if invoice.supplier != self.world.company(company).vkn:
            return "supplier"
        if invoice.kind != kind:
            return "kind"
        receiver = taxpayers.user(self.world.seed, invoice.customer)
        living = () if receiver is None else receiver.living
        if kind == "earchive":
            return "registered" if living else None
        if not living:
            return "not_registered"
        if alias and alias not in living:
            return "alias"
        return "several" if not alias and len(living) > 1 else None

    def take(self, provider: str, company: str, invoice: Invoice, alias: str) -> Accepted:
        """Take a document: what the ledger then counts."""
        found = Accepted(invoice, provider, company, alias, self.now)
        with self._lock:
            self.accepted[provider, company, invoice.ettn] = found
            self._kept.add((provider, company, invoice.number))
            self._numbers.setdefault((invoice.supplier, invoice.number), invoice.ettn)
        self.world.ledger.enter(Deed(provider, company, invoice.kind, invoice.ettn, invoice.number, found.at))
        return found

    def progress(self, accepted: Accepted) -> progress.Progress:
        """Where an e-Fatura invoice stands."""
        invoice = accepted.invoice
        first = self._numbers.get((invoice.supplier, invoice.number), invoice.ettn)
        return progress.of_einvoice(accepted, self.now, duplicate=first != invoice.ettn)

    def cancel(self, provider: str, company: str, ettn: str) -> bool:
        """Cancel an e-Arşiv invoice; False when that was done before."""
        return self._mark(provider, company, ettn, "cancel", wanted=True)

    def revert(self, provider: str, company: str, ettn: str) -> bool:
        """Take a cancellation back; False when there is none."""
        return self._mark(provider, company, ettn, "revert_cancel", wanted=False)

    def is_cancelled(self, provider: str, company: str, ettn: str) -> bool:
        """Whether it is cancelled now."""
        return (provider, company, ettn.lower()) in self.cancelled

    def answer(self, provider: str, company: str, invoice: Incoming, said: str) -> bool:
        """Answer an incoming invoice; False when it was answered before, or when the eight days are over."""
        with self._lock:
            if self.answer_to(company, invoice) != "waiting":
                return False
            self.answers[company, invoice.ettn] = (said, self.now)
        self.world.ledger.enter(Deed(provider, company, "answer", invoice.ettn, invoice.number, self.now))
        return True

    def answer_to(self, company: str, invoice: Incoming) -> progress.Answer:
        """What an incoming invoice was answered with."""
        given = self.answers.get((company, invoice.ettn))
        if given is not None:
            return "accepted" if given[0] == "accepted" else "rejected"
        if not invoice.answerable:
            return "none"
        return "implied" if self.now >= invoice.received + progress.ANSWER_WINDOW else "waiting"

    def incoming(self, company: str) -> list[Incoming]:
        """What others sent to a company, oldest first."""
        return [*incoming_of(self.world, company), *self.received.get(company, ())]

    def receive(self, company: str) -> Incoming:
        """Somebody sends the company a commercial invoice now."""
        with self._lock:
            received = self.received.setdefault(company, [])
            invoice = sent_now(self.world, company, len(received))
            received.append(invoice)
        return invoice

    def _mark(self, provider: str, company: str, ettn: str, what: str, *, wanted: bool) -> bool:
        key = (provider, company, ettn.lower())
        with self._lock:
            if (key in self.cancelled) is wanted:
                return False
            if wanted:
                self.cancelled[key] = self.now
            else:
                del self.cancelled[key]
        number = self.accepted[key].invoice.number
        self.world.ledger.enter(Deed(provider, company, what, key[2], number, self.now))
        return True


_OFFICES: WeakKeyDictionary[World, Office] = WeakKeyDictionary()
_OPENING = Lock()


def office_of(world: World) -> Office:
    """The one office of a world, whichever stand-in asks first."""
    with _OPENING:
        found = _OFFICES.get(world)
        if found is None:
            found = _OFFICES[world] = Office(world)
        return found
