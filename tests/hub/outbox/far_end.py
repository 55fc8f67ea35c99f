"""A provider's far end for tests of the outbox: it does what it is told, and keeps a ledger of what it did."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from connectors.actions import (
    Absent,
    Act,
    ActionKind,
    CannotTell,
    Cost,
    Finding,
    Found,
    Outcome,
    Problem,
    Recipient,
    Refused,
    Taken,
    Unclear,
)
from connectors.contract import CredentialField, Provider, RateLimit
from connectors.failure import ProviderFailure

TRANSIENT = ProviderFailure("transient", "provider_error", status=503)
PERMANENT = ProviderFailure("permanent", "request_refused", status=400, provider_code="70")
LIMITED = ProviderFailure("transient", "rate_limited", status=429, retry_after=30.0)
LOST = ProviderFailure("transient", "provider_timeout")

Answer = Outcome | Callable[[Act], Outcome]


@dataclass
class FarEnd:
    """`answers` are given to the next attempts in order, then everything is taken."""

    answers: list[Answer] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    ledger: Counter[str] = field(default_factory=Counter)
    seen: list[Act] = field(default_factory=list)
    asked: list[Act] = field(default_factory=list)
    calls: int = 0
    before_answer: Callable[[], None] = lambda: None
    gate: asyncio.Event | None = None

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        self.calls += 1
        if self.gate is not None:
            await self.gate.wait()
        outcomes = []
        for act in acts:
            self.seen.append(act)
            answer = self.answers.pop(0) if self.answers else Taken(f"job-{act.reference}")
            outcome = answer(act) if callable(answer) else answer
            if isinstance(outcome, Taken):
                self.ledger[act.reference] += 1
            outcomes.append(outcome)
        self.before_answer()
        return outcomes

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        self.asked += acts
        if self.findings:
            return [self.findings.pop(0) for _ in acts]
        return [Found("accepted") if self.ledger[act.reference] else Absent() for act in acts]

    def lost_after(self, act: Act) -> Outcome:
        """Done, and the answer never arrives."""
        self.ledger[act.reference] += 1
        return Unclear(LOST)

    @asynccontextmanager
    async def open(self, _spec: object, _client: object) -> AsyncGenerator[FarEnd]:
        yield self


def check(payload: Mapping[str, Any]) -> list[Problem]:
    return [] if payload.get("to") else [Problem("to", "field_missing")]


def recipient(payload: Mapping[str, Any]) -> Recipient | None:
    return Recipient("phone", payload["to"])


def price(payload: Mapping[str, Any], settings: Mapping[str, Any]) -> Cost:
    units = int(payload.get("parts", 1))
    return Cost(units, units * Decimal(str(settings.get("price", "0.10"))))


def kind(far: FarEnd, name: str = "deneme.sms", **values: Any) -> ActionKind:
    base = ActionKind(
        name=name,
        provider="deneme",
        title="Deneme",
        check=check,
        open=far.open,  # type: ignore[arg-type]
        asking="by_reference",
        recipient=recipient,
        is_message=True,
        cost=price,
        costs=True,
        together=10,
        asked_together=10,
        summary=lambda payload: {"parts": int(payload.get("parts", 1))},
    )
    return replace(base, **values)


PROVIDER = Provider(
    name="deneme",
    title="Deneme",
    description="A provider of tests.",
    credential_fields=(CredentialField("key", "Key"),),
    environments={"live": "http://127.0.0.1:1", "sandbox": "http://127.0.0.1:1"},
    streams=(),
    open=lambda _spec, _client: None,  # type: ignore[arg-type,return-value]
    rate=RateLimit(requests=100_000, per=timedelta(seconds=1)),
    interval=timedelta(hours=1),
    setting_names=("price",),
)

__all__ = ["LIMITED", "LOST", "PERMANENT", "PROVIDER", "TRANSIENT", "CannotTell", "FarEnd", "Refused", "kind"]
