"""What the bureau was asked for at the hub's word: consents, PINs sent to people, reports bought."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from connectors.sandbox.chance import rng
from connectors.sandbox.findeks.bureau import Kind, Query, State, Subject
from connectors.sandbox.ledger import Deed

if TYPE_CHECKING:
    from connectors.sandbox.world import World

PIN_LIFE = timedelta(seconds=180)
MOST_PINS = 3
MOST_TRIES = 3
READY_AFTER = timedelta(seconds=20)
_FIRST_ORDER = 500_000
"""Numbers of ordered reports begin here; those that the company's past is made of stay below."""
_UNTOLD: dict[int, State] = {13: "NO_RECORD", 19: "REJECTED"}
"""Customers of whom the bureau has nothing, or of whom it tells nothing."""


@dataclass
class Consent:
    """One consent and its PINs."""

    consent_id: str
    subject: Subject
    purpose: str
    legal_basis: str
    customer_ref: str | None
    pins: list[str] = field(default_factory=list[str])
    sent_at: datetime | None = None
    tries: int = 0
    confirmed: bool = False

    @property
    def phones(self) -> dict[str, str]:
        """Masked numbers by their keys."""
        person = self.subject.person
        number = person.phone[3:] if person else f"532{rng(self.consent_id).randint(1_000_000, 9_999_999)}"
        return {str(700_000_000 + int(number) % 99_999_999): f"{number[:3]}*****{number[8:]}"}


class Orders:
    """Everything asked for in one world, by company."""

    def __init__(self) -> None:
        self.consents: dict[str, dict[str, Consent]] = defaultdict(dict)
        self._bought: dict[str, list[Query]] = defaultdict(list)
        self._keys: dict[tuple[str, str], tuple[str, str, Query]] = {}

    def consent(self, company: str, subject: Subject, **told: str) -> Consent:
        """A new consent."""
        consent_id = f"cns_{company}_{len(self.consents[company]) + 1:04d}"
        made = Consent(consent_id, subject, told["purpose"], told["legalBasis"], told.get("customerRef"))
        self.consents[company][consent_id] = made
        return made

    def send_pin(self, world: World, company: str, consent: Consent) -> datetime:
        """Send a PIN; when it ends. An earlier one is worth nothing from then on."""
        consent.pins.append(
            f"{rng(world.seed, company, consent.consent_id, len(consent.pins)).randint(0, 999_999):06d}"
        )
        consent.sent_at, consent.tries = world.clock.now(), 0
        world.ledger.enter(Deed("findeks", company, "pin", consent.consent_id, str(len(consent.pins)), consent.sent_at))
        return consent.sent_at + PIN_LIFE

    def order(self, world: World, company: str, consent: Consent, kind: Kind, key: str) -> Query | None:
        """Buy a report; what was bought under the same key, or None if that was something else."""
        before = self._keys.get((company, key)) if key else None
        if before is not None:
            return before[2] if before[:2] == (consent.consent_id, kind) else None
        query = self._new(world, company, consent, kind)
        self._bought[company].append(query)
        if key:
            self._keys[company, key] = consent.consent_id, kind, query
        world.ledger.enter(Deed("findeks", company, "report", key, query.report_id, world.clock.now()))
        return query

    def bought(self, company: str) -> list[Query]:
        """Reports that were ordered, oldest first."""
        return list(self._bought[company])

    def pin(self, company: str) -> str | None:
        """The PIN that was sent last: what the person would read out."""
        sent = [consent for consent in self.consents[company].values() if consent.sent_at is not None]
        return max(sent, key=lambda consent: (consent.sent_at, consent.consent_id)).pins[-1] if sent else None

    def _new(self, world: World, company: str, consent: Consent, kind: Kind) -> Query:
        return Query(
            world.seed,
            company,
            _FIRST_ORDER + len(self._bought[company]),
            "FO",
            world.clock.now().replace(microsecond=0),
            consent.subject,
            kind,
            "READY" if consent.subject.person is None else _UNTOLD.get(consent.subject.index, "READY"),
            pending_for=READY_AFTER,
            consent_id=consent.consent_id,
            named=consent.customer_ref,
        )


_OF_WORLDS: WeakKeyDictionary[World, Orders] = WeakKeyDictionary()


def orders_of(world: World) -> Orders:
    """The orders of a world."""
    return _OF_WORLDS.setdefault(world, Orders())
