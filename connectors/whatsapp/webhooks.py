"""How Meta calls: the handshake, the signature over the raw bytes, and what follows from what it tells.

Nothing is parsed before its signature is right. Meta escapes what is not ASCII, so a body that was parsed and written
again no longer matches.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from connectors.actions import Recipient
from connectors.failure import ProviderFailure
from connectors.secret import Secret
from connectors.webhooks import (
    Account,
    Call,
    CallMalformed,
    Meaning,
    MessageHeard,
    RefusalHeard,
    Standing,
    StateHeard,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)
from connectors.whatsapp.bodies import Part, accounts, parts, told
from connectors.whatsapp.events import AccountNews, IncomingMessage, MarketingChoice, MessageStatus
from connectors.whatsapp.settings import Prices

if TYPE_CHECKING:
    from connectors.whatsapp.events import Event, Person

CHANNEL = "whatsapp"
MOST_BYTES = 4 << 20
"""Integrators tell of 3 MB."""
SIGNATURE_HEADER = "X-Hub-Signature-256"
Signature = Literal["right", "wrong", "missing"]


def challenge(query: Mapping[str, str], verify_token: Secret) -> str | None:
    """The text to answer a GET with (200, plain text); None means 403. An empty token opens nothing."""
    given = query.get("hub.verify_token", "")
    right = bool(verify_token) and hmac.compare_digest(given.encode(), verify_token.reveal().encode())
    return query.get("hub.challenge") if right and query.get("hub.mode") == "subscribe" else None


def signature(app_secret: Secret, body: bytes, header: str | None) -> Signature:
    """What the header says of the raw body: `missing` means 401, `wrong` 403. Compared in constant time."""
    if not header:
        return "missing"
    expected = "sha256=" + hmac.new(app_secret.reveal().encode(), body, hashlib.sha256).hexdigest()
    return "right" if app_secret and hmac.compare_digest(expected.encode(), header.encode()) else "wrong"


def verify(call: Call, account: Account) -> Verdict:
    """Signed with the app's secret, and about this account: one app may serve the numbers of several tenants."""
    secret = account.credentials.get("app_secret", Secret(""))
    found = signature(secret, call.body, call.headers.get(SIGNATURE_HEADER.lower()))
    if found != "right":
        return found
    return "verified" if _is_about(account.settings, call.body) else "wrong"


def events(call: Call) -> Sequence[WebhookEvent]:
    """Each by itself. `CallMalformed` when the body is no webhook of WhatsApp."""
    found = _parts(call.body)
    if found is None:
        raise CallMalformed("no webhook")
    return [WebhookEvent(part.event_id, kind_of(part.kind), part.body) for part in found]


def meanings(event: WebhookEvent, standing: Standing) -> Sequence[Meaning]:
    """What became of a message, a message, or a refusal. From the account's own news nothing follows by itself.

    `CallMalformed` for what cannot be made out.
    """
    found = told(event.body)
    if found.unread:
        raise CallMalformed("no known event")
    return [meaning for each in found.events for meaning in _meanings(each, standing) if standing.verified]


def _meanings(event: Event, standing: Standing) -> Sequence[Meaning]:
    match event:
        case MessageStatus():
            found = event.found(_prices(standing.settings))
            return [StateHeard(found, event.reference, opted_out=event.opted_out)]
        case IncomingMessage():
            # A window that is open at another number of the business is not open at this one.
            here = _setting(standing.settings, "phone_number_id") in ("", event.phone_number_id)
            return [MessageHeard(CHANNEL, _contacts(event.person), event.at, event.text)] if _opens(event, here) else []
        case MarketingChoice(value="stop"):
            return [RefusalHeard(CHANNEL, _contacts(event.person), event.at)]
        case MarketingChoice() | AccountNews():
            return []


def _opens(event: IncomingMessage, here: bool) -> bool:
    return here and event.opens_window and bool(_contacts(event.person))


def _contacts(person: Person) -> list[Recipient]:
    named = (("phone", person.phone), ("whatsapp_user", person.user_id))
    return [Recipient(kind, value) for kind, value in named if value is not None]


def _is_about(settings: Mapping[str, Any], body: bytes) -> bool:
    """By the business account where the settings name one, else by the number. What cannot be read names nobody."""
    try:
        found = accounts(body)
    except ProviderFailure:
        return True
    waba_id, number = _setting(settings, "waba_id"), _setting(settings, "phone_number_id")
    if waba_id:
        return all(each == waba_id for each, _ in found)
    return all(each in (None, number) for _, each in found)


def _setting(settings: Mapping[str, Any], name: str) -> str:
    return str(settings.get(name) or "")  # a number typed on the command line is stored as one


def _prices(settings: Mapping[str, Any]) -> Prices | None:
    """Without prices a status still says all but what the message cost."""
    try:
        return Prices.of(settings)
    except ProviderFailure:
        return None


def _parts(body: bytes) -> list[Part] | None:
    try:
        return parts(body)
    except ProviderFailure:
        return None


WEBHOOKS = WebhookSource(
    provider="whatsapp",
    verify=verify,
    events=events,
    meanings=meanings,
    challenge=lambda query, account: challenge(query, account.credentials.get("verify_token", Secret(""))),
    most_bytes=MOST_BYTES,
)
