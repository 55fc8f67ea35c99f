"""The rows of the inbox: taken in once, and opened again for whoever handles them.

Of an event the row shows provider, kind and times. What identifies it is a keyed hash, for some identities hold a phone
number; what it says is sealed under the tenant's key of the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from hub.inbox.doors import STILL_OPEN

if TYPE_CHECKING:
    from connectors.webhooks import WebhookEvent
    from hub.db.database import Connection
    from hub.inbox.doors import Door
    from hub.keys.daily import DailyKeys, DayKey
    from hub.keys.keyring import TenantKeys

Signature = Literal["verified", "unsigned"]
State = Literal["received", "handled", "aside"]

_INSERT = (
    "INSERT INTO hub.inbox_events"
    " (tenant_id, provider, event_id, kind, signature, key_day, payload_cipher, traceparent)"
    " SELECT %(tenant)s, %(provider)s, e.event_id, e.kind, e.signature, %(day)s, e.cipher, e.traceparent"
    " FROM unnest(%(ids)s::text[], %(kinds)s::text[], %(signatures)s::text[], %(ciphers)s::bytea[],"
    " %(traceparents)s::text[]) AS e (event_id, kind, signature, cipher, traceparent)"
    " {where} ON CONFLICT (tenant_id, provider, event_id) DO NOTHING RETURNING event_id"
)
INSERT_WHILE_OPEN = _INSERT.format(where=f"WHERE {STILL_OPEN}").encode()
"""Stores a batch (its `given`) if its door is as it was; the ids of the events that were new."""
_INSERT_ANYWAY = _INSERT.format(where="").encode()
_IS_STILL_OPEN = f"SELECT {STILL_OPEN}".encode()


@dataclass(frozen=True)
class Arrival:
    """The events of one call that proved itself."""

    events: Sequence[WebhookEvent]
    signature: Signature
    traceparent: str | None = None
    """W3C trace context of the call."""


@dataclass(frozen=True)
class Claimed:
    """An event that is ours to handle, still sealed."""

    provider: str
    event_id: str
    kind: str
    signature: Signature
    received_at: datetime
    key_day: date
    payload_cipher: bytes = field(repr=False)
    attempts: int
    traceparent: str | None = None
    """The trace of the call that brought it."""

    def opened(self, tenant_id: str, keys: DailyKeys) -> bytes | None:
        """What it says; None once its day's key is destroyed. HubError `ciphertext_invalid`."""
        key = keys.of(tenant_id, self.key_day)
        return None if key is None else key.open(_identity(self.provider, self.event_id), bytes(self.payload_cipher))


@dataclass(frozen=True)
class Batch:
    """Several calls to one door, sealed and ready to be stored by one statement in the tenant's scope (role app)."""

    door: Door
    given: Mapping[str, Any] = field(repr=False)
    named: Sequence[Sequence[str]] = field(repr=False)
    """The ids of each call's events."""

    def is_whole(self, new: AbstractSet[str]) -> bool:
        """Whether all events were new; otherwise `store` must look why they were not."""
        return 0 < len(new) == len(self.given["ids"])

    def counted(self, new: AbstractSet[str]) -> list[int]:
        """How many of each call's events were new; what two calls have in common is the first one's."""
        left, counts = set(new), list[int]()
        for ids in self.named:
            mine = left.intersection(ids)
            left -= mine
            counts.append(len(mine))
        return counts


def sealed(keys: TenantKeys, day_key: DayKey, door: Door, arrivals: Sequence[Arrival]) -> Batch:
    """What is stored of these calls."""
    provider = door.source.provider
    named = [[_event_id(keys, provider, event.event_id) for event in each.events] for each in arrivals]
    rows: dict[str, tuple[WebhookEvent, Arrival]] = {}
    for arrival, ids in zip(arrivals, named, strict=True):
        rows |= {event_id: (event, arrival) for event_id, event in zip(ids, arrival.events, strict=True)}
    # In order of their ids: two processes that have the same events wait for each other and not in a circle.
    ordered = sorted(rows.items(), key=itemgetter(0))
    given = {
        **door.named,
        "day": day_key.day,
        "ids": [event_id for event_id, _ in ordered],
        "kinds": [event.kind for _, (event, _) in ordered],
        "signatures": [arrival.signature for _, (_, arrival) in ordered],
        "ciphers": [day_key.seal(_identity(provider, event_id), event.body) for event_id, (event, _) in ordered],
        "traceparents": [arrival.traceparent for _, (_, arrival) in ordered],
    }
    return Batch(door, given, named)


def store(connection: Connection, batch: Batch, already: AbstractSet[str] = frozenset()) -> list[int] | None:
    """Add what is new beside `already`, in the caller's transaction; how many of each call's events are new with it.

    None, and nothing is added, where the door is not as it was when it was opened.
    """
    row = connection.execute(_IS_STILL_OPEN, batch.door.named).fetchone()
    if row is None or not row[0]:
        return None
    return batch.counted(already | {event_id for (event_id,) in connection.execute(_INSERT_ANYWAY, batch.given)})


def _event_id(keys: TenantKeys, provider: str, provider_id: str) -> str:
    return keys.keyed_hash("inbox-event", f"{provider}\x00{provider_id}".encode("utf-8", "surrogatepass"))[:16].hex()


def _identity(provider: str, event_id: str) -> str:
    return f"inbox|{provider}|{event_id}"
