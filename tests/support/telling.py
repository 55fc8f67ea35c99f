"""Registered providers whose far end is the test: whatever it says is fetched, gated, stored and landed as ever."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import httpx

from connectors.contract import ConnectionSpec, Page, Provider, Row, Session, Window
from connectors.registry import PROVIDERS
from hub.sync.batch import BatchRequest, BatchResult, Engine, sync_batch

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.keys.keyring import Keyring

Told = Mapping[str, Sequence[Row]]
"""Rows by `<provider>.<stream>`. Rows of a child stream come with the first page of its parent."""


def connect_all(database: Database, keyring: Keyring, tenant_id: str) -> None:
    """Active accounts at every registered provider."""
    keys = keyring.tenant(tenant_id)
    with database.tenant(tenant_id, "app") as connection:
        for name, provider in PROVIDERS.items():
            credentials = {each.name: "anything" for each in provider.credential_fields}
            connection.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, state)"
                " VALUES (%s, %s, 'sandbox', 'https://127.0.0.1', %s, 'active')",
                (tenant_id, name, keys.seal("integration", name, json.dumps(credentials).encode())),
            )


def sync_told(engine: Engine, tenant_id: str, told: Told) -> None:
    """Sync the streams that are told of, and see that all of them did."""
    for name, provider in PROVIDERS.items():
        its = {key.partition(".")[2]: rows for key, rows in told.items() if key.startswith(f"{name}.")}
        if its:
            asked = BatchRequest([tenant_id], sorted(its))
            result: BatchResult = sync_batch(engine, _telling(provider, its), asked, run_id="told")
            assert [outcome.failed for outcome in result.tenants[tenant_id].outcomes if not outcome.ok] == []


@dataclass
class _Told(Session):
    provider: Provider
    rows: dict[str, Sequence[Row]]

    async def test(self) -> None:
        return None

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        rows = self.rows.pop(stream, [])
        children = [each.name for each in self.provider.streams if each.parent == stream]
        told = {name: self.rows.pop(name) for name in children if name in self.rows}
        if rows or told:
            yield Page(rows, told, fetched_at=window.end)


def _telling(provider: Provider, rows: dict[str, Sequence[Row]]) -> Provider:
    @asynccontextmanager
    async def open_session(_spec: ConnectionSpec, _client: httpx.AsyncClient) -> AsyncGenerator[Session]:
        yield _Told(provider, remaining)

    remaining: dict[str, Any] = dict(rows)
    return replace(provider, open=open_session)
