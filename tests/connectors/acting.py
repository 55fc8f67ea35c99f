"""One attempt, or one question, of any kind of action, with a clock that does not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx

from connectors.actions import Act, ActionKind, Finding, Outcome, Performer
from connectors.contract import ConnectionSpec
from tests.connectors.stand_still import StandStill


def act(
    reference: str,
    payload: Mapping[str, Any],
    *,
    attempt: int = 1,
    at: datetime | None = None,
    provider_reference: str | None = None,
) -> Act:
    """An act whose attempts began at `at`."""
    return Act(
        action_id="00000000-0000-4000-8000-000000000001",
        reference=reference,
        payload=payload,
        attempt=attempt,
        first_attempt_at=at,
        last_attempt_at=at,
        provider_reference=provider_reference,
    )


def attempted(kind: ActionKind, connection: ConnectionSpec, one: Act, time: StandStill | None = None) -> Outcome:
    """What comes of one attempt."""

    async def work(performer: Performer) -> Outcome:
        (outcome,) = await performer.perform([one])
        return outcome

    return asyncio.run(_opened(kind, connection, work, time))


def asked(kind: ActionKind, connection: ConnectionSpec, one: Act, time: StandStill | None = None) -> Finding:
    """What the provider says became of it."""

    async def work(performer: Performer) -> Finding:
        (finding,) = await performer.look_up([one])
        return finding

    return asyncio.run(_opened(kind, connection, work, time))


async def _opened(kind: ActionKind, connection: ConnectionSpec, work: Any, time: StandStill | None) -> Any:
    clock = (time or StandStill()).clock()
    async with httpx.AsyncClient(trust_env=False) as client, kind.open(connection, client, clock=clock) as performer:  # type: ignore[call-arg]
        return await work(performer)
