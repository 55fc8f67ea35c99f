"""The stand-in's state, and the states of its invoices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.sandbox.gib import progress
from connectors.sandbox.gib.office import Office, office_of

if TYPE_CHECKING:
    from connectors.sandbox.gib.incoming import Incoming
    from connectors.sandbox.gib.invoices import Accepted
    from connectors.sandbox.world import World

PROVIDER = "uyumsoft"
State = tuple[str, int]
"""Name and code, as the service's schema and guide have them."""

QUEUED: State = ("Queued", 100)
PROCESSING: State = ("Processing", 200)
SENT_TO_GIB: State = ("SentToGib", 300)
APPROVED: State = ("Approved", 1000)
WAITING: State = ("WaitingForAprovement", 1100)
DECLINED: State = ("Declined", 1200)
RETURNED: State = ("Return", 1300)
ARCHIVE_CANCELLED: State = ("EArchivedCanceled", 1400)
ERROR: State = ("Error", 2000)
_ANSWERED: dict[progress.Answer, State] = {
    "none": APPROVED,
    "accepted": APPROVED,
    "implied": APPROVED,
    "waiting": WAITING,
    "rejected": DECLINED,
    "returned": RETURNED,
}


@dataclass(frozen=True)
class Desk:
    """The world and its tax office."""

    world: World
    office: Office

    @classmethod
    def of(cls, world: World) -> Desk:
        """A desk over a world."""
        return cls(world, office_of(world))

    def outbox_state(self, accepted: Accepted) -> tuple[State, int]:
        """State of an invoice that was sent, and GİB's code of its envelope; 0 before there is one."""
        if accepted.invoice.kind == "earchive":
            if self.office.is_cancelled(PROVIDER, accepted.company, accepted.invoice.ettn):
                return ARCHIVE_CANCELLED, 0
            done = progress.of_earchive(accepted, self.office.now) == "succeed"
            return (APPROVED if done else PROCESSING), 0
        now = self.office.progress(accepted)
        code = now.gib_code or 0
        if now.word == "error":
            return ERROR, code
        if now.word == "succeed":
            return _ANSWERED[now.answer], code
        return (QUEUED if code == 0 else SENT_TO_GIB), code

    def inbox_state(self, company: str, invoice: Incoming) -> State:
        """State of an invoice that was received."""
        return _ANSWERED[self.office.answer_to(company, invoice)]
