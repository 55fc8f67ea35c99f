"""Streams that a provider tells and cannot be asked for: a sync reads them from the inbox as it would from a provider.

So what somebody wrote to the tenant takes the way of every other row: gate, vault, loader, cursor, checks. Its windows
are times of receipt, and `hub sync --from` reaches back as far as the daily keys do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from connectors.contract import Page, Row, Window
from connectors.webhook_registry import source_named
from connectors.webhooks import Standing, WebhookEvent
from hub.errors import HubError
from hub.inbox.events import Claimed
from hub.keys.daily import DailyKeys

if TYPE_CHECKING:
    import httpx

    from connectors.contract import ConnectionSpec, Provider
    from connectors.webhooks import WebhookSource
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

PAGE_EVENTS = 500

_READ = (
    "SELECT provider, event_id, kind, signature, received_at, key_day, payload_cipher, attempts FROM hub.inbox_events"
    " WHERE tenant_id = %(tenant)s AND provider = %(provider)s AND received_at >= %(start)s AND received_at < %(end)s"
    " AND (%(first)s OR (received_at, event_id) > (%(after)s, %(after_id)s))"
    " ORDER BY received_at, event_id LIMIT %(most)s"
)


def answered_from_inbox(database: Database, keyring: Keyring, provider: Provider) -> Provider:
    """The provider, with sessions that read its told streams from the inbox. HubError `webhook_never_sent`."""
    source = source_named(provider.name)
    if source is None:
        raise HubError("webhook_never_sent", provider=provider.name, known="-")
    daily_keys = DailyKeys(database, keyring)

    @asynccontextmanager
    async def open_session(spec: ConnectionSpec, _client: httpx.AsyncClient) -> AsyncGenerator[ToldSession]:
        yield ToldSession(database, daily_keys, source, spec.tenant_id, spec.settings)

    return replace(provider, open=open_session)


class ToldSession:
    """One tenant's received events as pages of rows."""

    def __init__(
        self,
        database: Database,
        daily_keys: DailyKeys,
        source: WebhookSource,
        tenant_id: str,
        settings: Mapping[str, Any],
    ) -> None:
        self._database = database
        self._daily_keys = daily_keys
        self._source = source
        self._tenant_id = tenant_id
        self._settings = settings

    async def test(self) -> None:
        """There is nobody to ask: credentials are the provider's own session's to test."""

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        """What was received in the window. An event that says nothing readable is the handling's to set aside."""
        after: Claimed | None = None
        while events := await asyncio.to_thread(self._read, window, after):
            after = events[-1]
            rows = await asyncio.to_thread(self._rows, stream, events)
            if rows:
                yield Page(rows)

    def _read(self, window: Window, after: Claimed | None) -> list[Claimed]:
        with self._database.tenant(self._tenant_id, "app") as connection:
            rows = connection.execute(
                _READ,
                {
                    "tenant": self._tenant_id,
                    "provider": self._source.provider,
                    "start": window.start,
                    "end": window.end,
                    "first": after is None,
                    "after": after.received_at if after else None,
                    "after_id": after.event_id if after else None,
                    "most": PAGE_EVENTS,
                },
            ).fetchall()
        return [Claimed(*row) for row in rows]

    def _rows(self, stream: str, events: Sequence[Claimed]) -> list[Row]:
        return [row for event in events for row in self._of(event).get(stream, ())]

    def _of(self, event: Claimed) -> Mapping[str, Sequence[Row]]:
        try:
            body = event.opened(self._tenant_id, self._daily_keys)
        except HubError as error:
            if error.code != "ciphertext_invalid":
                raise
            body = None
        if body is None:
            return {}
        standing = Standing(event.signature == "verified", event.received_at, self._settings)
        try:
            if self._source.is_replayed(body, standing):
                return {}
            return self._source.rows(WebhookEvent(event.event_id, event.kind, body), standing)
        except Exception:  # a pure function of the body, and its words may quote it
            return {}
