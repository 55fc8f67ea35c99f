"""Orders of reports: each is paid for, so each carries the key by which the gateway knows it again.

A report that was ordered comes in with the next sync, like every other one, and loads only where its legal basis still
stands by then. What is asked here is whether it is there, and nothing of what it says.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from connectors.actions import Absent, CannotTell, Found, Refused, Taken, Unclear
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.contract import Window
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.findeks.failures import content_of
from connectors.findeks.ordering import open_client
from connectors.findeks.settings import IDEMPOTENCY_HEADER, ORDER_LOOKS_BACK, REPORTS_PATH
from connectors.findeks.sources.gateway import listed
from connectors.findeks.streams.reports import REFERENCE
from connectors.nested import record_in

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Act, Finding, Outcome
    from connectors.contract import ConnectionSpec
    from connectors.findeks.client import FindeksClient
    from connectors.http import Answer

_NOT_THERE = "6005"
_NOTHING_TO_READ = frozenset({"NO_RECORD", "REJECTED"})
_UNDER_WAY = 409
"""An order under the same key that the gateway is still busy with."""


class OrderPerformer:
    """One tenant's orders. Its `repr` shows no secret."""

    def __init__(self, client: FindeksClient, *, clock: Clock) -> None:
        self._client = client
        self._clock = clock

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Each with one request under its own key."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """By the gateway's id, or by the consent where the order was never answered."""
        return [await self._found(act) for act in acts]

    async def _one(self, act: Act) -> Outcome:
        body = {"consentId": act.payload["consent_id"], "reportType": act.payload["report_type"]}
        return await self._client.attempt(REPORTS_PATH, body, {IDEMPOTENCY_HEADER: act.reference}, _judged)

    async def _found(self, act: Act) -> Finding:
        try:
            if act.provider_reference is None:
                return await self._among_the_latest(act)
            path = f"{REPORTS_PATH}/{quote(act.provider_reference, safe='')}"
            return _finding(await self._client.get(path, {}, _document))
        except ProviderFailure as failure:
            return Absent() if failure.provider_code == _NOT_THERE else CannotTell(failure)

    async def _among_the_latest(self, act: Act) -> Finding:
        now = self._clock.now()
        since = (act.first_attempt_at or now) - ORDER_LOOKS_BACK
        # Open at the end: the gateway's clock may be ahead of ours.
        async for items in listed(self._client, Window(since, max(now, since) + timedelta(days=1))):
            for item in items:
                ours = item.get("consentId") == act.payload["consent_id"]
                if ours and item.get("reportType") == act.payload["report_type"]:
                    return _finding(item)
        return Absent()


def _judged(answer: Answer) -> Outcome:
    try:
        content = content_of(answer)
    except ProviderFailure as failure:
        open_still = answer.status >= 500 or answer.status in (408, _UNDER_WAY)
        return Unclear(failure) if open_still else Refused(failure)
    document = _document(content)
    number = _number(document)
    facts = {"report_id": number} if REFERENCE.fullmatch(number) else {}
    return Taken(number, delivered=document.get("status") == "READY", facts=facts)


def _finding(document: dict[str, Any]) -> Found:
    number, status = _number(document), document.get("status")
    if status in _NOTHING_TO_READ:
        return Found("failed", number, code=str(status))
    return Found("delivered" if status == "READY" else "accepted", number)


def _number(document: dict[str, Any]) -> str:
    number = document.get("reportId")
    if not isinstance(number, str) or not number:
        raise ProviderFailure("transient", "answer_malformed", field="reportId")
    return number


def _document(content: bytes) -> dict[str, Any]:
    return record_in(decode_json(content))


@asynccontextmanager
async def open_orders(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[OrderPerformer]:
    """Orders on the shared client. No request is made yet.

    Raises `ProviderFailure` settings_invalid, credentials_rejected when the account is not a gateway's.
    """
    yield OrderPerformer(open_client(spec, client, clock=clock), clock=clock)
