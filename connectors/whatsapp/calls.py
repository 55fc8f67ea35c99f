"""Meta's calls to the inbox: signed over the raw bytes, several events in each, for seven days until they are taken.

What is of another number than the account's is nobody's here: an app's webhook may serve several.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from connectors.actions import Recipient
from connectors.contract import Row
from connectors.failure import ProviderFailure
from connectors.secret import Secret
from connectors.webhooks import (
    Account,
    Call,
    CallMalformed,
    Meaning,
    MessageHeard,
    ReadAgain,
    RefusalHeard,
    Standing,
    StateHeard,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)
from connectors.whatsapp.bodies import parts, told
from connectors.whatsapp.events import (
    AccountNews,
    Event,
    IncomingMessage,
    MarketingChoice,
    MessageStatus,
    Person,
)
from connectors.whatsapp.settings import Prices
from connectors.whatsapp.streams import INCOMING, row_of
from connectors.whatsapp.webhooks import SIGNATURE_HEADER, challenge, signature

MOST_BYTES = 4 << 20
"""Integrators speak of three megabytes."""
SENT_WITHIN = timedelta(days=8)
"""Meta tries for seven days."""
_NOTHING = Secret("")
_VERDICTS: Mapping[str, Verdict] = {"right": "verified", "wrong": "wrong", "missing": "missing"}


def verify(call: Call, account: Account) -> Verdict:
    """`X-Hub-Signature-256` under the app's secret."""
    key = account.credentials.get("app_secret", _NOTHING)
    return _VERDICTS[signature(key, call.body, call.headers.get(SIGNATURE_HEADER.lower()))]


def answer(query: Mapping[str, str], account: Account) -> str | None:
    """The handshake by which Meta finds out that the address is ours."""
    return challenge(query, account.credentials.get("verify_token", _NOTHING))


def events(call: Call) -> Sequence[WebhookEvent]:
    """One a record. A record that cannot be made out is kept too, and set aside when it is handled."""
    found = None
    with suppress(ProviderFailure):
        found = parts(call.body)
    if found is None:
        raise CallMalformed("no call of WhatsApp")
    return [WebhookEvent(part.event_id, kind_of(part.kind), part.body) for part in found]


def said_at(body: bytes) -> datetime | None:
    """The timestamp of the message, status or choice; None for news of which nobody says when."""
    read = _read(body)
    return None if read is None else read.at


def meanings(event: WebhookEvent, standing: Standing) -> Sequence[Meaning]:
    """States of messages for the outbox, conversations that are open, refusals; nothing of another number."""
    read = _read(event.body)
    if read is None:
        raise CallMalformed("no event of WhatsApp")
    if isinstance(read, AccountNews) or not _ours(read.phone_number_id, standing):
        return []
    if isinstance(read, MessageStatus):
        return [StateHeard(read.found(Prices.of(standing.settings)), read.reference, read.opted_out, read.at)]
    contacts = _contacts(read.person)
    if isinstance(read, MarketingChoice):
        return [RefusalHeard("whatsapp", contacts, read.at)] if read.value == "stop" else []
    heard: list[Meaning] = [ReadAgain()]
    if read.opens_window:
        heard.append(MessageHeard("whatsapp", contacts, read.at, read.text))
    return heard


def rows(event: WebhookEvent, standing: Standing) -> Mapping[str, Sequence[Row]]:
    """An incoming message as a row of its stream."""
    read = _read(event.body)
    if not isinstance(read, IncomingMessage) or not _ours(read.phone_number_id, standing):
        return {}
    return {INCOMING.name: [row_of(read)]}


def _read(body: bytes) -> Event | None:
    found: tuple[Event, ...] = ()
    with suppress(ProviderFailure):
        found = told(body).events
    return found[0] if len(found) == 1 else None


def _ours(phone_number_id: str, standing: Standing) -> bool:
    return phone_number_id == str(standing.settings.get("phone_number_id", ""))


def _contacts(person: Person) -> list[Recipient]:
    phone = [] if person.phone is None else [Recipient("phone", person.phone)]
    return phone if person.user_id is None else [*phone, Recipient("whatsapp_user", person.user_id)]


WEBHOOKS = WebhookSource(
    provider="whatsapp",
    verify=verify,
    events=events,
    meanings=meanings,
    challenge=answer,
    rows=rows,
    most_bytes=MOST_BYTES,
    said_at=said_at,
    sent_within=SENT_WITHIN,
)
