"""Sends SMS, up to a hundred in one call, each with its own text and our reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connectors.actions import Act, Finding, Outcome, Refused
from connectors.failure import ProviderFailure
from connectors.netgsm.codes import OF_ONE_MESSAGE, SEND, sent
from connectors.netgsm.lookup import findings
from connectors.netgsm.payloads import iys_filter, moment, segments, sms_problems
from connectors.netgsm.phones import national_mobile
from connectors.netgsm.references import named
from connectors.netgsm.settings import MESSAGES_TOGETHER, WIRE_ENCODINGS
from connectors.netgsm.times import schedule_time
from connectors.settings import invalid

if TYPE_CHECKING:
    from connectors.actions import Payload
    from connectors.netgsm.client import NetgsmClient
    from connectors.netgsm.segments import Segments

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


@dataclass(frozen=True)
class _Message:
    """One message of a call."""

    act: Act
    text: str = field(repr=False)

    def fields(self) -> dict[str, Any]:
        """As it stands in the call."""
        return {"msg": self.text, "no": national_mobile(self.act.payload["to"]), "referansID": self.act.reference}


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
        calls: dict[_Envelope, list[_Message]] = {}
        for act in acts:
            problems = sms_problems(act.payload)
            header = act.payload.get("header") or self._client.settings.msgheader
            if problems:
                outcomes[act.action_id] = Refused(
                    ProviderFailure("permanent", "request_refused", field=problems[0].path)
                )
            elif header is None:
                outcomes[act.action_id] = Refused(invalid("msgheader"))
            else:
                found = segments(act.payload)
                calls.setdefault(_envelope(act.payload, header, found), []).append(_Message(act, found.text))
        for envelope, mine in calls.items():
            for start in range(0, len(mine), MESSAGES_TOGETHER):
                outcomes |= await self._send(envelope, mine[start : start + MESSAGES_TOGETHER])
        return [outcomes[act.action_id] for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> list[Finding]:
        """From the delivery report."""
        return await findings(self._client, acts, part_price=self._client.settings.sms_part_price)

    async def _send(self, envelope: _Envelope, messages: Sequence[_Message]) -> dict[str, Outcome]:
        body = {
            **envelope.fields(self._client.settings.partnercode),
            "messages": [message.fields() for message in messages],
        }
        outcome = await self._client.attempt("sms", PATH, body, lambda answer: sent(answer, SEND))
        blames_one = isinstance(outcome, Refused) and outcome.failure.provider_code in OF_ONE_MESSAGE
        if not blames_one or len(messages) == 1:
            return {message.act.action_id: named(outcome, message.act) for message in messages}
        half = len(messages) // 2
        return await self._send(envelope, messages[:half]) | await self._send(envelope, messages[half:])


def _envelope(payload: Payload, header: str, found: Segments) -> _Envelope:
    start, stop = moment(payload.get("start")), moment(payload.get("stop"))
    return _Envelope(
        header=header,
        encoding=WIRE_ENCODINGS[found.encoding],
        iys_filter=iys_filter(payload),
        start=None if start is None else schedule_time(start),
        stop=None if stop is None else schedule_time(stop),
    )
