"""Where an address leads, remembered for a few seconds: a call would otherwise cost two look-ups and a decryption.

What is remembered lets nobody in. Whether the address still holds, the tenant is served and the account is the same one
is asked again by the statement that stores (`STILL_OPEN`), so an address that has ended has ended at once. An address
that leads nowhere is never remembered.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from connectors.webhook_registry import source_named
from connectors.webhooks import Account
from hub.control.plans import limits_of
from hub.inbox import endpoints
from hub.sync.claim import IntegrationRow
from hub.sync.connection import connection_spec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.webhooks import WebhookSource
    from hub.control.plans import Plan
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

FRESH_SECONDS = 5.0
"""How long an opened account stays in memory, and how late a changed limit counts."""
READ_ALL_AGAIN_SECONDS = 1.0
"""How old the list of all addresses may be, while a network is put off: a new address may wait so long there."""
_REMEMBERED = 4_096

STILL_OPEN = (
    "EXISTS (SELECT FROM hub.webhook_endpoints w"
    " JOIN hub.integrations i ON i.tenant_id = w.tenant_id AND i.provider = w.provider"
    " JOIN hub.tenants t ON t.tenant_id = w.tenant_id"
    " WHERE w.tenant_id = %(tenant)s AND w.provider = %(provider)s AND w.secret_hash = %(secret_hash)s"
    " AND (w.valid_until IS NULL OR w.valid_until > now()) AND t.active"
    " AND i.credentials_cipher = %(cipher)s AND i.settings = %(settings)s::jsonb)"
)
"""Whether a door (its `named`) is as it was when it was opened, for a statement in the tenant's scope (role app)."""
_ACCOUNT = (
    "SELECT i.environment, i.base_url, i.credentials_cipher, i.settings, i.settings::text, t.plan, t.limits"
    " FROM hub.integrations i JOIN hub.tenants t ON t.tenant_id = i.tenant_id"
    " WHERE i.tenant_id = %s AND i.provider = %s AND t.active"
)


@dataclass(frozen=True)
class Door:
    """An address that leads somewhere: to this tenant, for calls of this provider under this account."""

    tenant_id: str
    source: WebhookSource
    account: Account = field(repr=False)
    events_per_minute: int
    """What the tenant's plan allows of its providers together."""
    named: Mapping[str, Any] = field(repr=False)
    """The parameters of `STILL_OPEN`."""


class Doors:
    """One a process; threads share it."""

    def __init__(self, database: Database, keyring: Keyring, *, fresh_seconds: float = FRESH_SECONDS) -> None:
        self._database = database
        self._keyring = keyring
        self._fresh_seconds = fresh_seconds
        self._known: OrderedDict[tuple[str, bytes], tuple[float, Door]] = OrderedDict()
        self._lock = Lock()
        self._hashes: set[bytes] = set()
        self._hashes_read_at = float("-inf")
        self._reading = Lock()

    def known(self, provider: str, secret: str) -> Door | None:
        """A door that was opened a moment ago, without waiting for anything; None where `opened` must look."""
        key = provider, endpoints.hash_of(secret)
        with self._lock:
            found = self._known.get(key)
            if found is None or time.monotonic() - found[0] >= self._fresh_seconds:
                return None
            self._known.move_to_end(key)
            return found[1]

    def opened(self, provider: str, secret: str) -> Door | None:
        """Where an address leads now; None for one that leads nowhere, whatever the reason."""
        return self._looked_up(provider, endpoints.hash_of(secret))

    def again(self, door: Door) -> Door | None:
        """The same address as it is now."""
        return self._looked_up(door.source.provider, door.named["secret_hash"])

    def of_late(self, door: Door, seconds: float) -> Door | None:
        """The same address as it was so short a time ago; None where nobody has looked it up since."""
        with self._lock:
            found = self._known.get((door.source.provider, door.named["secret_hash"]))
        return found[1] if found is not None and time.monotonic() - found[0] < seconds else None

    def leads_nowhere(self, secret: str) -> bool | None:
        """Whether an address is none of ours, by what is remembered of all; None where `read_all` must look first."""
        if endpoints.hash_of(secret) in self._hashes:
            return False
        return True if time.monotonic() - self._hashes_read_at < READ_ALL_AGAIN_SECONDS else None

    def read_all(self) -> None:
        """Look up which addresses there are, all at once: thousands of guesses cost one look-up."""
        with self._reading:
            began = time.monotonic()
            if began - self._hashes_read_at >= READ_ALL_AGAIN_SECONDS:
                self._hashes = endpoints.all_hashes(self._database)
                self._hashes_read_at = began

    def _looked_up(self, provider: str, hashed: bytes) -> Door | None:
        read_at = time.monotonic()
        source = source_named(provider)
        tenant_id = endpoints.whose(self._database, provider, hashed)
        row = None
        if source is not None and tenant_id is not None:
            with self._database.tenant(tenant_id, "app") as connection:
                row = connection.execute(_ACCOUNT, (tenant_id, provider)).fetchone()
        # Opened after the transaction on the data: it may ask the key store, which answers in one of its own.
        door = (
            None if source is None or tenant_id is None or row is None else self._door(tenant_id, source, hashed, row)
        )
        with self._lock:
            if door is None:
                self._known.pop((provider, hashed), None)
                self._hashes.discard(hashed)  # of a suspended tenant, or another provider's
            else:
                self._known[provider, hashed] = read_at, door
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
        return door

    def _door(self, tenant_id: str, source: WebhookSource, hashed: bytes, row: tuple[Any, ...]) -> Door:
        from connectors.registry import accounts

        environment, base_url, cipher, settings, settings_text, plan, own = row
        integration = IntegrationRow(environment, base_url, bytes(cipher), settings)
        spec = connection_spec(self._keyring, accounts()[source.provider], tenant_id, integration)
        return Door(
            tenant_id,
            source,
            Account(spec.credentials, spec.settings),
            limits_of(cast("Plan", plan), own).webhooks_per_minute,
            {
                "tenant": tenant_id,
                "provider": source.provider,
                "secret_hash": hashed,
                "cipher": bytes(cipher),
                "settings": settings_text,
            },
        )
