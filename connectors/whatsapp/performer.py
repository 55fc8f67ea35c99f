"""Says one message, once. An HTTP 200 means "taken", not "delivered": that is told by webhook only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from connectors.actions import Act, CannotTell, Finding, Outcome, Payload, Problem, Refused, Taken, Unclear
from connectors.clock import SYSTEM_CLOCK, Clock
from connectors.decode import decode_json
from connectors.failure import ProviderFailure
from connectors.whatsapp.client import WhatsAppClient
from connectors.whatsapp.failures import not_taken
from connectors.whatsapp.messages import media
from connectors.whatsapp.objects import first_in, record_of, text_in
from connectors.whatsapp.settings import WhatsAppSettings

if TYPE_CHECKING:
    import httpx

    from connectors.actions import Performer
    from connectors.contract import ConnectionSpec
    from connectors.http import Answer

_STATUSES = ("accepted", "held_for_quality_assessment", "paused")


Prepare = Callable[[WhatsAppClient, Act], Awaitable[dict[str, Any]]]
"""Words a message; what must be done before it (an upload) may be done again without harm."""


class Word(Protocol):
    """Words a checked payload as Meta wants it."""

    def __call__(self, payload: Payload, *, reference: str) -> dict[str, Any]:
        """The request's document."""
        ...


@dataclass(frozen=True)
class MessagePerformer:
    """Sends messages of one kind for one number."""

    client: WhatsAppClient
    check: Callable[[Payload], Sequence[Problem]]
    prepare: Prepare

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """One after the other."""
        return [await self._one(act) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """Meta cannot be asked what became of a message."""
        return [CannotTell() for _ in acts]

    async def _one(self, act: Act) -> Outcome:
        problems = self.check(act.payload)
        if problems:
            return Refused(ProviderFailure("permanent", "request_refused", field=problems[0].path))
        try:
            document = await self.prepare(self.client, act)
        except ProviderFailure as failure:
            return Refused(failure)  # however it failed, the message itself was never sent
        return await self.client.send(document, lambda answer: judged(answer, act))


def worded(word: Word) -> Prepare:
    """For a message that needs nothing before it."""

    async def prepare(_client: WhatsAppClient, act: Act) -> dict[str, Any]:
        return word(act.payload, reference=act.reference)

    return prepare


async def with_upload(client: WhatsAppClient, act: Act) -> dict[str, Any]:
    """A media message. An upload reaches nobody and Meta forgets it after 30 days, so another one does no harm."""
    upload = media.upload_of(act.payload)
    media_id = None if upload is None else await client.upload(upload)
    return media.document(act.payload, reference=act.reference, media_id=media_id)


def judged(answer: Answer, act: Act) -> Outcome:
    """What became of one request."""
    outcome = not_taken(answer, attempt=act.attempt)
    if outcome is not None:
        return outcome
    document = record_of(decode_json(answer.content))
    message = first_in(document, "messages")
    wamid = text_in(message, "id")
    if wamid is None:
        return Unclear(ProviderFailure("transient", "answer_malformed", status=answer.status))
    status = text_in(message, "message_status")
    facts: dict[str, str | int] = {"message_status": status} if status is not None and status in _STATUSES else {}
    contact = first_in(document, "contacts")
    private = {name: contact[name] for name in ("wa_id", "user_id") if text_in(contact, name) is not None}
    return Taken(wamid, facts=facts, private=private)


def opens(
    check: Callable[[Payload], Sequence[Problem]], prepare: Prepare
) -> Callable[[ConnectionSpec, httpx.AsyncClient], AbstractAsyncContextManager[Performer]]:
    """How a kind is opened: no request is made. Raises `ProviderFailure` settings_invalid."""

    @asynccontextmanager
    async def open_performer(
        spec: ConnectionSpec, client: httpx.AsyncClient, *, clock: Clock = SYSTEM_CLOCK
    ) -> AsyncGenerator[MessagePerformer]:
        settings = WhatsAppSettings.of(spec.settings)
        yield MessagePerformer(WhatsAppClient(spec, client, settings=settings, clock=clock), check, prepare)

    return open_performer
