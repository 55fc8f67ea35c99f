"""The one contract of every integrator (özel entegratör), so that issuing and delivery know none of them by name.

Reads raise `ProviderFailure`; acts (`send`, `cancel`, `revert_cancel`, `answer`) never do: they answer an `Outcome` of
connectors/actions.py, each after one attempt. The document's UUID (ETTN) is the key of everything, at every integrator.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from connectors.actions import Outcome

Kind = Literal["einvoice", "earchive"]
"""e-Fatura goes through GİB to a registered mailbox; e-Arşiv goes to anybody else and is reported to GİB."""
Box = Literal["einvoice", "earchive", "incoming"]
Format = Literal["xml", "pdf", "html"]
Verdict = Literal["accepted", "rejected"]
"""What a receiver may say to a commercial invoice (KABUL, RED)."""
Answered = Literal["none", "waiting", "accepted", "rejected", "returned", "implied"]
"""`none`: the profile knows no answer; `implied`: eight days passed without one, which accepts (TTK 21/2)."""
State = Literal["pending", "delivered", "failed"]


@dataclass(frozen=True)
class Alias:
    """A mailbox (PK) of a taxpayer."""

    name: str = field(repr=False)
    since: datetime | None = None
    until: datetime | None = None
    """When it was given up; mail to a dead alias comes back."""

    def lives(self, at: datetime) -> bool:
        """Whether it takes documents at that moment."""
        return self.until is None or self.until > at


@dataclass(frozen=True)
class Taxpayer:
    """A registered user of e-Fatura. Somebody without a living alias is to be treated as not registered."""

    number: str = field(repr=False)
    """VKN (10 digits) or TCKN (11 digits)."""
    title: str = field(repr=False)
    aliases: tuple[Alias, ...]

    def mailboxes(self, at: datetime) -> tuple[str, ...]:
        """Living aliases in the list's order; with more than one somebody must choose."""
        return tuple(alias.name for alias in self.aliases if alias.lives(at))


@dataclass(frozen=True)
class Document:
    """An invoice ready to go. Its `repr` shows no content."""

    ettn: str
    kind: Kind
    number: str
    """Sixteen characters: series, year, counter."""
    ubl: bytes = field(repr=False)
    """UBL-TR, signed, byte for byte as it is kept."""
    alias: str | None = field(default=None, repr=False)
    """Mailbox of the receiver; e-Fatura only."""
    delivery: Literal["electronic", "paper"] = "electronic"
    """How an e-Arşiv invoice reaches its buyer."""


@dataclass(frozen=True)
class Status:
    """Where a document stands, in codes only."""

    state: State
    gib_code: int | None = None
    code: str | None = None
    """The integrator's own short code, where it has one."""
    answer: Answered = "none"
    reported: bool | None = None
    """Whether GİB has the e-Arşiv report of it; None where the integrator does not say, and for e-Fatura."""
    cancelled: bool = False


@dataclass(frozen=True)
class Incoming:
    """An invoice that somebody sent to the tenant."""

    ettn: str
    number: str
    profile: str
    type: str
    issued: date
    received: datetime | None
    answer: Answered
    sender: str = field(repr=False)
    """VKN or TCKN."""


@dataclass(frozen=True)
class IncomingPage:
    """A page of incoming invoices, and the number of the next one."""

    invoices: tuple[Incoming, ...]
    next_page: int | None = None


class Integrator(Protocol):
    """One tenant's account at an integrator."""

    async def lookup(self, number: str) -> Taxpayer | None:
        """The taxpayer of a VKN or TCKN; None when not registered: then the document is an e-Arşiv invoice."""
        ...

    async def send(self, document: Document) -> Outcome:
        """Hand it over. A document that is there already is `Taken`, after a status read by its ETTN."""
        ...

    async def status(self, ettn: str, kind: Kind) -> Status | None:
        """Where it stands; None when the integrator knows no such document."""
        ...

    async def fetch(self, ettn: str, format: Format, *, box: Box) -> bytes:
        """The document itself. Raises `ProviderFailure`."""
        ...

    async def cancel(self, ettn: str, *, reason: str, at: datetime) -> Outcome:
        """Cancel an e-Arşiv invoice. Its number is never used again."""
        ...

    async def revert_cancel(self, ettn: str) -> Outcome:
        """Take a cancellation back."""
        ...

    async def answer(self, ettn: str, verdict: Verdict, *, note: str) -> Outcome:
        """Accept or reject an incoming commercial invoice."""
        ...

    async def answered(self, ettn: str) -> Answered | None:
        """What an incoming invoice was answered with; None when there is no such invoice."""
        ...

    async def incoming(self, start: datetime, end: datetime, *, page: int = 1) -> IncomingPage:
        """Invoices received between two aware moments."""
        ...
