"""The rows of the inbox: taken in once, and opened again for whoever handles them.

Of an event the row shows provider, kind and times. What identifies it is a keyed hash, for some identities hold a phone
number; what it says is sealed under the tenant's key of the day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from hub.observe import tracing

if TYPE_CHECKING:
    from connectors.webhooks import WebhookEvent
    from hub.db.database import Connection
    from hub.keys.daily import DailyKeys, DayKey
    from hub.keys.keyring import TenantKeys

Signature = Literal["verified", "unsigned"]
State = Literal["received", "handled", "aside"]

_INSERT = (
    "INSERT INTO hub.inbox_events (tenant_id, provider, event_id, kind, signature, key_day, payload_cipher,"
    " traceparent)"
    " SELECT %(tenant)s, %(provider)s, e.event_id, e.kind, %(signature)s, %(day)s, e.cipher, %(traceparent)s"
    " FROM unnest(%(ids)s::text[], %(kinds)s::text[], %(ciphers)s::bytea[]) AS e (event_id, kind, cipher)"
    " ON CONFLICT (tenant_id, provider, event_id) DO NOTHING"
)


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


def store(
    connection: Connection,
    keys: TenantKeys,
    day_key: DayKey,
    provider: str,
    events: Sequence[WebhookEvent],
    *,
    signature: Signature,
) -> int:
    """Add what is new, in the caller's transaction (role app, the tenant's scope); how many of the events were."""
    # In order of their ids: two calls that hold the same events wait for each other and not in a circle.
    named = sorted({_event_id(keys, provider, each.event_id): each for each in events}.items())
    return connection.execute(
        _INSERT,
        {
            "tenant": keys.tenant_id,
            "provider": provider,
            "signature": signature,
            "day": day_key.day,
            "traceparent": tracing.carried(),
            "ids": [event_id for event_id, _ in named],
            "kinds": [event.kind for _, event in named],
            "ciphers": [day_key.seal(_identity(provider, event_id), event.body) for event_id, event in named],
        },
    ).rowcount


def _event_id(keys: TenantKeys, provider: str, provider_id: str) -> str:
    return keys.keyed_hash("inbox-event", f"{provider}\x00{provider_id}".encode("utf-8", "surrogatepass"))[:16].hex()


def _identity(provider: str, event_id: str) -> str:
    return f"inbox|{provider}|{event_id}"
