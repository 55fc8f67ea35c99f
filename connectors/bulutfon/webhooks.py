"""Bulutfon's calls at the start and end of each phone call. Nobody signs them, so they only hint at the call list.

JSON or a form, as the customer chose; the same event has several spellings; whether a lost call is sent again is not
documented, so the list is read in any case.
"""

from __future__ import annotations

from collections.abc import Sequence

from connectors.webhook_bodies import composite, first_of, object_of, packed, records_of
from connectors.webhooks import (
    Account,
    Call,
    CallMalformed,
    Meaning,
    ReadAgain,
    Standing,
    Verdict,
    WebhookEvent,
    WebhookSource,
    kind_of,
)

OVER = frozenset({"call_hangup", "missing_call"})
"""Events after which the call stands in the list. What rings or is answered will still change."""


def verify(_call: Call, _account: Account) -> Verdict:
    """Documented to carry no signature: the secret in the path is all there is."""
    return "unsigned"


def events(call: Call) -> Sequence[WebhookEvent]:
    """One a call, known by call, event, extension and time."""
    found: list[WebhookEvent] = []
    for record in records_of(call):
        kind = first_of(record, "event_type")
        parts = [first_of(record, name) for name in ("uuid", "destination", "timestamp")]
        if not kind or not parts[0]:
            raise CallMalformed("no event")
        found.append(WebhookEvent(composite(kind, *parts), kind_of(kind), packed(record)))
    return found


def meanings(event: WebhookEvent, _standing: Standing) -> Sequence[Meaning]:
    """A call that is over is worth a look at the list."""
    return [ReadAgain()] if first_of(object_of(event.body), "event_type") in OVER else []


WEBHOOKS = WebhookSource(provider="bulutfon", verify=verify, events=events, meanings=meanings)
