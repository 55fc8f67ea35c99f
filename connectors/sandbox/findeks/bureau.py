"""Which queries a company has made at the bureau: of its customers, of sole traders and of companies.

A query every thirty hours, for ever: those of the future come as time passes. Customers are those whom the company
meets at its other providers, and each is asked about again after some weeks, so that there is a change to see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal

from connectors.sandbox import numbers
from connectors.sandbox.chance import rng

if TYPE_CHECKING:
    from connectors.sandbox.company import Person
    from connectors.sandbox.world import World

Kind = Literal["RISK", "CHEQUE", "QR_CHEQUE"]
State = Literal["READY", "PENDING", "NO_RECORD", "REJECTED"]

EVERY = timedelta(hours=30)
PENDING_FOR = timedelta(minutes=10)
PEOPLE = 18
"""Customers whom the company sells to on credit: the first ones of its customers."""
DROPPED = 20
"""Reports that come as files, of the customers behind those."""


@dataclass(frozen=True)
class Subject:
    """Whom a query is about. `person` None is a company."""

    name: str
    identity_type: Literal["TCKN", "VKN"]
    number: str
    person: Person | None
    index: int


@dataclass(frozen=True)
class Query:
    """One query and what came of it."""

    seed: int
    company_id: str
    number: int
    series: str
    at: datetime
    subject: Subject
    kind: Kind
    outcome: State
    pending_for: timedelta = PENDING_FOR
    consent_id: str | None = None
    """The consent that it was ordered on; None for the company's past."""
    named: str | None = None
    """The company's own number of whom it asked about, where it gave one."""

    @property
    def reference_no(self) -> str:
        """The bureau's reference."""
        return f"{self.series}{self.at:%y%m%d}{self.number:07d}"

    @property
    def report_id(self) -> str:
        """The gateway's id."""
        return f"rpt_{self.at:%Y%m%d}_{self.number:06d}"

    @property
    def customer_ref(self) -> str:
        """The company's own number of whom it asked about."""
        return self.named or f"{'CRM' if self.subject.person else 'FRM'}-{10_000 + self.subject.index}"

    def state(self, now: datetime) -> State:
        """What the gateway says of it."""
        return "PENDING" if now < self.at + self.pending_for else self.outcome

    def updated_at(self, now: datetime) -> datetime:
        """When the gateway last changed it."""
        return self.at if self.state(now) == "PENDING" else self.at + self.pending_for


def queries(world: World, company_id: str) -> list[Query]:
    """A company's queries until the sandbox's present, oldest first."""
    first = world.clock.start.replace(microsecond=0) - timedelta(days=world.pace.history_days)
    count = int((world.clock.now() - first) / EVERY) + 1
    made = [_query(world, company_id, number, first + number * EVERY) for number in range(count)]
    return [query for query in made if query.at <= world.clock.now()]


def dropped(world: World, company_id: str) -> list[Query]:
    """Risk reports that reach a company as files; their persons come behind those of the gateway."""
    first = world.clock.start.replace(microsecond=0) - timedelta(days=30)
    return [
        Query(
            world.seed,
            company_id,
            number,
            "FD",
            first + number * timedelta(days=1, hours=1),
            _customer(world, company_id, PEOPLE + number % DROPPED),
            "RISK",
            "READY",
        )
        for number in range(DROPPED)
    ]


def known_subject(world: World, company_id: str, identity_type: str, number: str) -> Subject | None:
    """Whom the bureau knows under a number, among the people and companies around this one."""
    company = world.company(company_id)
    if identity_type == "TCKN":
        people = (_customer(world, company_id, index) for index in range(company.CUSTOMERS))
        return next((subject for subject in people if subject.number == number), None)
    companies = [_sole_trader(world, company_id), *(_company(world, company_id, index) for index in range(4))]
    return next((subject for subject in companies if identity_type == "VKN" and subject.number == number), None)


def _query(world: World, company_id: str, number: int, at: datetime) -> Query:
    kind: Kind = "RISK"
    outcome: State = "READY"
    if number % 6 == 5:
        subject = _company(world, company_id, number % 4)
        kind = ("CHEQUE", "RISK", "QR_CHEQUE")[number // 6 % 3]
    elif number % 8 == 4:
        subject = _sole_trader(world, company_id)
    else:
        subject = _customer(world, company_id, number * 7 % PEOPLE)
        outcome = "NO_RECORD" if number % 23 == 13 else "REJECTED" if number % 23 == 19 else "READY"
    return Query(world.seed, company_id, number, "FK", at, subject, kind, outcome)


def _customer(world: World, company_id: str, index: int) -> Subject:
    person = world.company(company_id).customer(index)
    return Subject(person.upper_name, "TCKN", person.tckn, person, index)


def _sole_trader(world: World, company_id: str) -> Subject:
    """A customer who trades under an own tax number."""
    person = world.company(company_id).customer(3)
    number = numbers.vkn(rng(world.seed, company_id, "sole trader"))
    return Subject(person.upper_name, "VKN", number, person, 3)


def _company(world: World, company_id: str, index: int) -> Subject:
    other = world.company(f"{company_id}/partner/{index}")
    return Subject(other.name, "VKN", other.vkn, None, index)
