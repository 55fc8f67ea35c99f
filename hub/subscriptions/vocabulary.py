"""What a tenant can be told of, and within which bounds: the table of docs/webhooks-out.md, held to it by a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString

from hub.i18n import N_

VERSION = 1
"""Of the payloads. Fields may come under the same number; none goes away or changes its meaning."""
CHANNEL: LiteralString = "hub_deliveries"
NOTIFY: LiteralString = f"NOTIFY {CHANNEL}"

TEST = "subscription.test"


@dataclass(frozen=True)
class EventType:
    """One type: when it is told, and the fields of its `data`. Ids, codes, counts and times; nothing personal."""

    told: str
    data: tuple[str, ...]


_ACTION = ("action_id", "batch_id", "kind", "provider", "state", "code", "attempts")

TYPES: dict[str, EventType] = {
    "action.unknown": EventType(
        N_("Nobody knows whether an action was done, and asking did not tell; once more when a person must decide."),
        _ACTION,
    ),
    "integration.paused": EventType(
        N_("An account at a provider is not synced any more until a person sets it right."), ("provider", "code")
    ),
    "invoice.final": EventType(
        N_("An invoice was accepted, rejected by its buyer, refused, made void or cancelled."),
        ("document_id", "ettn", "number", "kind", "outcome", "code", "action_id"),
    ),
    "message.delivered": EventType(N_("A message has arrived."), _ACTION),
    "message.failed": EventType(N_("A message will not arrive."), _ACTION),
    "request.due": EventType(
        N_("An application of a data subject must be answered soon, or is late (KVKK art. 13)."),
        ("request_id", "request_type", "due_at", "days_left", "overdue"),
    ),
    "request.opened": EventType(
        N_("A data subject has applied (KVKK art. 11)."), ("request_id", "request_type", "due_at")
    ),
    TEST: EventType(N_("Sent by hub webhooks test, to that subscription alone."), ("subscription_id",)),
    "sync.failed": EventType(N_("A stream that worked fails."), ("provider", "stream", "code", "permanent")),
    "sync.recovered": EventType(N_("A stream that failed works again."), ("provider", "stream")),
}
"""By name."""

SUBSCRIBABLE = tuple(sorted(TYPES.keys() - {TEST}))
"""A test goes to whoever is tested, whatever it subscribed to."""

WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 5 * 60, 30 * 60, *(hours * 3600 for hours in (2, 5, 10, 14, 20, 24)))
)
"""After each attempt that failed; after one more the delivery has failed. Standard Webhooks, "Deliverability": three
days altogether."""
JITTER = 0.2
"""Share of a wait by which it is lengthened at random, so that what failed together does not come back together."""
LONGEST_ASKED_WAIT = timedelta(hours=24)
"""However long a receiver asks to be left alone for (Retry-After)."""
REST = timedelta(seconds=30)
"""A receiver that did not answer at all is left alone for as long; its other deliveries wait, and lose no attempt."""
DISABLED_AFTER = timedelta(days=5)
"""A subscription at which every attempt failed for as long is disabled."""
KEPT = timedelta(days=30)
"""Events and their deliveries."""
OVERLAP = timedelta(hours=24)
"""After a rotation both secrets sign for as long."""
MOST_SUBSCRIPTIONS = 20
"""Of a tenant."""

GONE = "webhook_gone"
FAILED_FOR_LONG = "webhook_failed_for_long"
SUBSCRIPTION_DISABLED = "webhook_disabled"
