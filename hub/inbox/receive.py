"""Takes one call in: who it is for, whether it proves where it comes from, and its events into the inbox, committed.

Whoever calls learns nothing about addresses: every reason why one leads nowhere is the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.webhook_registry import source_named
from connectors.webhooks import Account, CallMalformed
from hub.errors import HubError
from hub.inbox import endpoints, events
from hub.sync.claim import IntegrationRow
from hub.sync.connection import connection_spec

if TYPE_CHECKING:
    from connectors.webhooks import Call, WebhookSource
    from hub.db.database import Connection, Database
    from hub.keys.daily import DailyKeys
    from hub.keys.keyring import Keyring


@dataclass(frozen=True)
class Door:
    """An address that leads somewhere: to this tenant, for calls of this provider."""

    tenant_id: str
    source: WebhookSource


@dataclass(frozen=True)
class Stored:
    """What is durable now: how many events the call held, and how many of them were new."""

    events: int
    new: int


class Receiver:
    """Takes calls in. Threads may share it."""

    def __init__(self, database: Database, keyring: Keyring, daily_keys: DailyKeys) -> None:
        self._database = database
        self._keyring = keyring
        self._daily_keys = daily_keys

    def door(self, provider: str, secret: str) -> Door | None:
        """Where an address leads; None for one that leads nowhere, whatever the reason."""
        source = source_named(provider)
        tenant_id = endpoints.tenant_of(self._database, provider, secret)
        return None if source is None or tenant_id is None else Door(tenant_id, source)

    def receive(self, door: Door, call: Call) -> Stored:
        """Store a call's events in one transaction; what is answered after this has happened for good.

        HubError `webhook_closed` when the tenant is suspended or its account gone, `webhook_unproved` and
        `webhook_signature_wrong` for a call that is not from there, `webhook_malformed` for one that says nothing.
        """
        tenant_id, source = door.tenant_id, door.source
        # Before the transaction on the data: they may ask the key store, which answers in a transaction of its own.
        keys, day_key = self._keyring.tenant(tenant_id), self._daily_keys.today(tenant_id)
        with self._database.tenant(tenant_id, "app") as connection:
            verdict = source.verify(call, self._account(connection, door))
            if verdict in ("missing", "wrong"):
                raise HubError("webhook_unproved" if verdict == "missing" else "webhook_signature_wrong")
            try:
                found = source.events(call)
            except CallMalformed:
                found = None
            if found is None:
                raise HubError("webhook_malformed")
            signature: events.Signature = "verified" if verdict == "verified" else "unsigned"
            new = events.store(connection, keys, day_key, source.provider, found, signature=signature)
        return Stored(len(found), new)

    def challenged(self, door: Door, query: Mapping[str, str]) -> str | None:
        """The answer to whether an address is ours; None when the question is not rightly put. HubError as above."""
        with self._database.tenant(door.tenant_id, "app") as connection:
            return door.source.challenge(query, self._account(connection, door))

    def _account(self, connection: Connection, door: Door) -> Account:
        row = connection.execute(
            "SELECT i.environment, i.base_url, i.credentials_cipher, i.settings"
            " FROM hub.integrations i JOIN hub.tenants t ON t.tenant_id = i.tenant_id"
            " WHERE i.tenant_id = %s AND i.provider = %s AND t.active",
            (door.tenant_id, door.source.provider),
        ).fetchone()
        if row is None:
            raise HubError("webhook_closed")
        from connectors.registry import accounts

        provider = accounts()[door.source.provider]
        spec = connection_spec(
            self._keyring, provider, door.tenant_id, IntegrationRow(row[0], row[1], bytes(row[2]), row[3] or {})
        )
        return Account(spec.credentials, spec.settings)
