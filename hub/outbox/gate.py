"""What may still be sent at the moment of sending, whatever held when it was asked for.

Consent may have been withdrawn, İYS may say no, it may be night, today's money may be spent. The outbox asks; the rules
stand where they belong (hub/messaging, hub/outbox/caps) and answer for a whole batch of one tenant at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from connectors.actions import ActionKind
    from hub.db.database import Connection


@dataclass(frozen=True)
class Candidate:
    """An action about to be done, as far as a rule may know it. `recipient` is a pseudonym."""

    action_id: UUID
    kind: ActionKind
    recipient_kind: str | None
    recipient: str | None
    commercial: bool
    purpose: str | None
    template: str | None
    units: int
    amount: Decimal
    currency: str
    recipient_type: str | None = None
    """BİREYSEL or TACİR (İYS), where the request says so."""
    value: str | None = field(default=None, repr=False)
    """The recipient itself in its canonical form, for a rule that must ask somebody about them."""


@dataclass(frozen=True)
class Go:
    """It may be done now."""


@dataclass(frozen=True)
class Stop:
    """It must not be done at all; `code` says why."""

    code: str


@dataclass(frozen=True)
class Later:
    """Not now; `until` by the database's clock."""

    until: datetime
    code: str


Verdict = Go | Stop | Later


class Gate(Protocol):
    """A rule about sending."""

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> Sequence[Verdict]:
        """A verdict each, in order, in the caller's transaction (role app, the tenant's scope)."""
        ...

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """These were certainly not done after all: what was counted for them is given back."""
        ...

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """The provider says that this recipient (a pseudonym) wants no more messages."""
        ...


@dataclass(frozen=True)
class News:
    """An action that came to stand elsewhere."""

    action_id: UUID
    state: str
    reason: str | None
    facts: Mapping[str, str | int]


class Follower(Protocol):
    """Whoever has something of its own that goes where an action goes: an invoice with its delivery."""

    def follow(self, connection: Connection, tenant_id: str, kind: ActionKind, news: Sequence[News]) -> None:
        """Take the news in, in the transaction that writes them (role app, the tenant's scope)."""
        ...


class Early(Protocol):
    """A rule that has to ask somebody who may be slow: it does so before the transaction in which it judges."""

    def early(self, tenant_id: str, kind: ActionKind, action_ids: Sequence[UUID]) -> None:
        """Ask about leased actions, without a transaction that waits, and remember the answers."""
        ...


class Gates:
    """Several rules, asked in order: the first that does not say `Go` decides. And those who follow what is done."""

    def __init__(self, gates: Sequence[Gate], followers: Sequence[Follower] = (), early: Sequence[Early] = ()) -> None:
        self._gates = tuple(gates)
        self._followers = tuple(followers)
        self._early = tuple(early)

    def early(self, tenant_id: str, kind: ActionKind, action_ids: Sequence[UUID]) -> None:
        """Let those ask who must; outside of any transaction."""
        for each in self._early:
            each.early(tenant_id, kind, action_ids)

    def tell(self, connection: Connection, tenant_id: str, kind: ActionKind, news: Sequence[News]) -> None:
        """Tell every follower."""
        if news:
            for follower in self._followers:
                follower.follow(connection, tenant_id, kind, news)

    def judge(
        self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], now: datetime
    ) -> list[Verdict]:
        """See `Gate`. A later rule is not asked about what an earlier one stopped: it may count what it lets pass."""
        verdicts: list[Verdict] = [Go() for _ in candidates]
        for gate in self._gates:
            open_ones = [at for at, verdict in enumerate(verdicts) if isinstance(verdict, Go)]
            asked = [candidates[at] for at in open_ones]
            if not asked:
                break
            for at, verdict in zip(open_ones, gate.judge(connection, tenant_id, asked, now), strict=True):
                verdicts[at] = verdict
        return verdicts

    def undone(self, connection: Connection, tenant_id: str, candidates: Sequence[Candidate], day: datetime) -> None:
        """Tell every rule."""
        for gate in self._gates:
            gate.undone(connection, tenant_id, candidates, day)

    def opted_out(
        self, connection: Connection, tenant_id: str, kind: ActionKind, recipient_kind: str, recipient: str
    ) -> None:
        """Tell every rule."""
        for gate in self._gates:
            gate.opted_out(connection, tenant_id, kind, recipient_kind, recipient)
