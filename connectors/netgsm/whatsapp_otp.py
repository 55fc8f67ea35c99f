"""Sends one-time passwords by WhatsApp through Netgsm: a fixed template, a code, and nothing to ask by afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.actions import Act, CannotTell, Finding, Outcome, Refused
from connectors.failure import ProviderFailure
from connectors.netgsm.codes import OTP, sent
from connectors.netgsm.payloads import whatsapp_problems
from connectors.netgsm.phones import e164

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient


class WhatsappOtpPerformer:
    """One tenant's one-time passwords by WhatsApp. Its `repr` shows no secret."""

    def __init__(self, client: NetgsmClient) -> None:
        self._client = client

    async def perform(self, acts: Sequence[Act]) -> list[Outcome]:
        """A call each."""
        return [await self._send(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> list[Finding]:
        """Netgsm documents no report of these."""
        return [CannotTell() for _ in acts]

    async def _send(self, act: Act) -> Outcome:
        problems = whatsapp_problems(act.payload)
        if problems:
            return Refused(ProviderFailure("permanent", "request_refused", field=problems[0].path))
        body = {"to": e164(act.payload["to"]), "code": act.payload["code"]}
        return await self._client.attempt_whatsapp(body, lambda answer: sent(answer, OTP))
