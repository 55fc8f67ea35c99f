"""Sends SMS, up to a hundred in one call, each with its own text and our reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.actions import Act, Finding, Outcome, Refused
from connectors.failure import ProviderFailure
from connectors.netgsm.codes import OF_ONE_MESSAGE, SEND, sent
from connectors.netgsm.lookup import findings
from connectors.netgsm.payloads import iys_filter, moment, segments, sms_problems
from connectors.netgsm.phones import national_mobile
from connectors.netgsm.references import named
from connectors.netgsm.settings import MESSAGES_TOGETHER
from connectors.netgsm.times import schedule_time
from connectors.settings import invalid

if TYPE_CHECKING:
    from connectors.actions import Payload
    from connectors.netgsm.client import NetgsmClient

PATH = "/sms/rest/v2/send"


@dataclass(frozen=True)
class _Envelope:
    """What all messages of one call share."""

    header: str
    encoding: str | None
    iys_filter: str
    start: str | None
    stop: str | None

    def fields(self, partnercode: str | None) -> dict[str, Any]:
        """The call without its messages."""
        fields = {
            "msgheader": self.header,
            "encoding": self.encoding,
            "startdate": self.start,
            "stopdate": self.stop,
            "iysfilter": self.iys_filter,
            "partnercode": partnercode,
        }
        return {name: value for name, value in fields.items() if value is not None}


class SmsPerformer:
    """One tenant's SMS. Its `repr` shows no secret."""

    def __init__(self, client: NetgsmClient) -> None:
        self._client = client

    async def perform(self, acts: Sequence[Act]) -> list[Outcome]:
        """One call for those that share sender name, encoding, IYS filter and schedule; a call each for the others.

        Netgsm answers a call as a whole. Where it refuses one for a text or a parameter, which certainly sent nothing,
        the call is halved until the message that it means stands alone: a bad one takes no good one with it.
        """
        outcomes: dict[str, Outcome] = {}
        calls: dict[_Envelope, list[Act]] = {}
        for act in acts:
            envelope = self._envelope(act.payload)
            if isinstance(envelope, ProviderFailure):
                outcomes[act.action_id] = Refused(envelope)
            else:
                calls.setdefault(envelope, []).append(act)
        for envelope, mine in calls.items():
            for start in range(0, len(mine), MESSAGES_TOGETHER):
                outcomes |= await self._send(envelope, mine[start : start + MESSAGES_TOGETHER])
        return [outcomes[act.action_id] for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> list[Finding]:
        """From the delivery report."""
        return await findings(self._client, acts, part_price=self._client.settings.sms_part_price)

    async def _send(self, envelope: _Envelope, acts: Sequence[Act]) -> dict[str, Outcome]:
        body = {
            **envelope.fields(self._client.settings.partnercode),
            "messages": [
                {
                    "msg": segments(act.payload).text,
                    "no": national_mobile(act.payload["to"]),
                    "referansID": act.reference,
                }
                for act in acts
            ],
        }
        outcome = await self._client.attempt("sms", PATH, body, lambda answer: sent(answer, SEND))
        blames_one = isinstance(outcome, Refused) and outcome.failure.provider_code in OF_ONE_MESSAGE
        if not blames_one or len(acts) == 1:
            return {act.action_id: named(outcome, act) for act in acts}
        half = len(acts) // 2
        return await self._send(envelope, acts[:half]) | await self._send(envelope, acts[half:])

    def _envelope(self, payload: Payload) -> _Envelope | ProviderFailure:
        """What a message's call says for all of it, or why it cannot be sent."""
        problems = sms_problems(payload)
        if problems:
            return ProviderFailure("permanent", "request_refused", field=problems[0].path)
        header = payload.get("header") or self._client.settings.msgheader
        if header is None:
            return invalid("msgheader")
        encoding = segments(payload).encoding
        start, stop = moment(payload.get("start")), moment(payload.get("stop"))
        return _Envelope(
            header=header,
            encoding=None if encoding == "GSM" else encoding,
            iys_filter=iys_filter(payload),
            start=None if start is None else schedule_time(start),
            stop=None if stop is None else schedule_time(stop),
        )
