"""Rows told by a test in place of a provider: real gate, vault and loader, only the far end is made up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from connectors.contract import ConnectionSpec, Page, Provider, Session, Window
from hub.sync.batch import BatchRequest, Engine, sync_batch

if TYPE_CHECKING:
    import httpx

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclasses.dataclass
class _Telling:
    """Gives all rows of a stream with its first window, the children's beside them."""

    provider: Provider
    rows: Rows
    told: set[str] = dataclasses.field(default_factory=set[str])

    async def test(self) -> None:
        """Nothing to log in to."""

    async def pages(self, stream: str, window: Window) -> AsyncIterator[Page]:
        del window
        if stream in self.told:
            return
        self.told.add(stream)
        children = {each.name: list(self._of(each.name)) for each in self.provider.streams if each.parent == stream}
        yield Page(list(self._of(stream)), children)

    def _of(self, stream: str) -> Sequence[dict[str, Any]]:
        return [dict(row) for row in self.rows.get(stream, ())]


def connect(engine: Engine, tenant_id: str, provider: Provider) -> None:
    """An active account that nobody has to answer for."""
    sealed = engine.keyring.tenant(tenant_id).seal("integration", provider.name, json.dumps({}).encode())
    with engine.database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, %s, 'sandbox', %s, 'active') ON CONFLICT DO NOTHING",
            (tenant_id, provider.name, sealed),
        )


def tell(engine: Engine, tenant_id: str, provider: Provider, rows: Rows) -> None:
    """Load these rows, by stream. AssertionError names the streams that failed."""

    @asynccontextmanager
    async def opened(spec: ConnectionSpec, client: httpx.AsyncClient) -> AsyncIterator[Session]:
        del spec, client
        yield _Telling(provider, rows)

    connect(engine, tenant_id, provider)
    streams = [name for name in rows if provider.stream(name).parent is None]
    result = sync_batch(
        engine, dataclasses.replace(provider, open=opened), BatchRequest([tenant_id], streams), run_id="told"
    )
    failed = {each.stream: each.failed for each in result.tenants[tenant_id].outcomes if each.failed is not None}
    assert not failed, failed
