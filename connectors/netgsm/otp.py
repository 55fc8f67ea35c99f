"""Sends one-time passwords by SMS: at once, one part, gone after three minutes.

The service takes no reference of ours, so a lost answer cannot be cleared up: the password expires, and whoever waits
for it asks for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from connectors.actions import Act, CannotTell, Finding, Outcome, Refused
from connectors.failure import ProviderFailure
from connectors.netgsm.codes import OTP, sent
from connectors.netgsm.lookup import findings
from connectors.netgsm.payloads import otp_problems, segments
from connectors.netgsm.phones import national_mobile
from connectors.netgsm.references import named
from connectors.settings import invalid

if TYPE_CHECKING:
    from connectors.netgsm.client import NetgsmClient

PATH = "/sms/rest/v2/otp"


class OtpPerformer:
    """One tenant's one-time passwords by SMS. Its `repr` shows no secret."""

    def __init__(self, client: NetgsmClient) -> None:
        self._client = client

    async def perform(self, acts: Sequence[Act]) -> list[Outcome]:
        """A call each."""
        return [await self._send(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> list[Finding]:
        """Delivery of what was accepted, by its job; nothing is known of the others, and never that they are absent."""
        known = [act for act in acts if act.provider_reference]
        price = self._client.settings.otp_price
        found = await findings(self._client, known, part_price=price)
        by_id = {act.action_id: finding for act, finding in zip(known, found, strict=True)}
        return [by_id.get(act.action_id, CannotTell()) for act in acts]

    async def _send(self, act: Act) -> Outcome:
        problems = otp_problems(act.payload)
        if problems:
            return Refused(ProviderFailure("permanent", "request_refused", field=problems[0].path))
        header = act.payload.get("header") or self._client.settings.msgheader
        if header is None:
            return Refused(invalid("msgheader"))
        body = {
            "msgheader": header,
            "msg": segments({"text": act.payload["text"], "encoding": "GSM"}).text,
            "no": national_mobile(act.payload["to"]),
        }
        return named(await self._client.attempt("otp", PATH, body, lambda answer: sent(answer, OTP)), act)
