"""`netasistan.whatsapp`: a guess at an interface nobody has published and nobody can ask afterwards."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.actions import (
    Act,
    ActionKind,
    CannotTell,
    Cost,
    Finding,
    Outcome,
    Payload,
    Problem,
    Recipient,
    Refused,
    Taken,
    Unclear,
)
from connectors.attempt import refused_or_unclear
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.netasistan.client import NetasistanClient
from connectors.netasistan.settings import NetasistanSettings, price
from connectors.whatsapp.checks import Reading
from connectors.whatsapp.messages import template
from connectors.whatsapp.messages.envelope import RECIPIENT_TYPES
from connectors.whatsapp.objects import record_of, text_in
from kvkk_policies.phone import canonical_phone

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec
    from connectors.http import Answer

UNVERIFIED = {"contract": "unverified"}
LONGEST_TEXT = 4096
_REFERENCES = ("id", "message_id", "messageId", "jobid")
_GOOD_CODES = ("0", "00", "200")


def check(payload: Payload) -> Sequence[Problem]:
    """`to`, and either `text` or `template` with what fills it, as in `whatsapp.template`."""
    reading = Reading(payload)
    match reading.one_of("text", "template"):
        case "template":
            reading.text("to", most=40)
            return [*reading.problems, *template.check(payload)]
        case "text":
            reading.only("to", "text", "recipient_type")
            reading.choice("recipient_type", RECIPIENT_TYPES, required=False)
            number = reading.text("to", most=40)
            if number is not None and canonical_phone(number) is None:
                reading.say("to", "whatsapp_phone")
            reading.text("text", most=LONGEST_TEXT)
        case _:
            pass
    return reading.problems


def document(payload: Payload, *, reference: str) -> dict[str, Any]:
    """A body shaped after Meta's, without what is Meta's alone."""
    recipient = recipient_of(payload)
    to = "" if recipient is None else recipient.value.removeprefix("+")
    if payload.get("template") is None:
        return {"to": to, "type": "text", "text": {"body": payload["text"]}, "reference": reference}
    content = template.document(payload, reference=reference)["template"]
    return {"to": to, "type": "template", "template": content, "reference": reference}


def recipient_of(payload: Payload) -> Recipient | None:
    """The number."""
    number = payload.get("to")
    canonical = canonical_phone(number) if isinstance(number, str) else None
    return None if canonical is None else Recipient("phone", canonical)


def cost_of(_payload: Payload, settings: Mapping[str, Any]) -> Cost:
    """One message. Raises `ProviderFailure` settings_invalid."""
    return Cost(1, price(settings))


def summary(payload: Payload) -> Mapping[str, str | int]:
    """That nobody has verified this, and which template it is."""
    named = {name: payload.get(name) for name in ("template", "language")}
    return {**UNVERIFIED, **{name: value for name, value in named.items() if isinstance(value, str)}}


@dataclass(frozen=True)
class NetasistanPerformer:
    """Sends for one account."""

    client: NetasistanClient

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """One after the other."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """There is nothing known to ask."""
        return [CannotTell() for _ in acts]

    async def _one(self, act: Act) -> Outcome:
        problems = check(act.payload)
        if problems:
            return Refused(ProviderFailure("permanent", "request_refused", field=problems[0].path))
        return await self.client.send(document(act.payload, reference=act.reference), judged)


def judged(answer: Answer) -> Outcome:
    """A 2xx with an object is taken for acceptance; everything that is neither that nor a 4xx is unclear."""
    outcome = refused_or_unclear(answer)
    if outcome is not None:
        return outcome
    found = record_of(decode_json(answer.content))
    if not found or _speaks_of_failure(found):
        return Unclear(ProviderFailure("transient", "answer_malformed", status=answer.status))
    named = (text_in(found, name) for name in _REFERENCES)
    return Taken(next((each for each in named if each is not None), None), facts=UNVERIFIED)


def _speaks_of_failure(found: Mapping[str, Any]) -> bool:
    """Whether a 2xx has words of refusal in it: which ones are certain, nobody knows."""
    code = found.get("code")
    return (
        found.get("success") is False
        or bool(found.get("error") or found.get("errors"))
        or (code is not None and str(code) not in _GOOD_CODES)
    )


@asynccontextmanager
async def open_performer(
    spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
) -> AsyncGenerator[NetasistanPerformer]:
    """Raises `ProviderFailure` settings_invalid unless the unverified contract was accepted."""
    settings = NetasistanSettings.of(spec.settings)
    yield NetasistanPerformer(NetasistanClient(spec, client, settings=settings, clock=clock))


WHATSAPP = ActionKind(
    name="netasistan.whatsapp",
    provider="netasistan",
    title="WhatsApp message through Netasistan (UNVERIFIED contract)",
    check=check,
    open=open_performer,
    asking="never",
    recipient=recipient_of,
    is_message=True,
    cost=cost_of,
    costs=True,
    summary=summary,
)

KINDS = (WHATSAPP,)
