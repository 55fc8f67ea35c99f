"""How fast the outbox empties against a provider that costs nothing, and how soon an action reaches it.

    python -m benchmarks.outbox_bench [--actions 10000] [--tenants 200] [--samples 40]

Prints actions a second (wall clock, two cores) for one tenant and for many, what an action costs this process and
Postgres in CPU, and the median time from the commit of a request to the provider's call: while a drain lingers, and by
whoever asks (a one-time password).
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

import psutil

import connectors.action_registry
from connectors.actions import Act, ActionKind, Finding, Found, Outcome, Taken
from connectors.contract import CredentialField, Provider, RateLimit
from hub.db import postgres
from hub.db.database import Database
from hub.db.endpoints import data_directory
from hub.db.migrate import migrate
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.models.dbt_process import ensure_manifest
from hub.outbox.at_once import at_once
from hub.outbox.drain import Pace, drain
from hub.outbox.enqueue import NewAction, enqueue, enqueue_all
from hub.outbox.perform import Outbox
from hub.settings import Settings
from hub.sync.fetch import http_client

_BATCH = 500


class Free:
    """A far end that costs nothing, and notes when it was called."""

    def __init__(self) -> None:
        self.called: dict[str, float] = {}

    async def perform(self, acts: Sequence[Act]) -> Sequence[Outcome]:
        """Take all."""
        now = time.monotonic()
        self.called |= {act.action_id: now for act in acts}
        return [Taken(act.reference, delivered=True) for act in acts]

    async def look_up(self, acts: Sequence[Act]) -> Sequence[Finding]:
        """Knows all."""
        return [Found("delivered") for _ in acts]

    @asynccontextmanager
    async def open(self, _spec: object, _client: object) -> AsyncGenerator[Free]:
        """Always there."""
        yield self


FREE = Free()
KIND = ActionKind("free.sms", "free", "Free", lambda _: (), FREE.open, "by_reference", together=100)
PROVIDER = Provider(
    name="free",
    title="Free",
    description="Costs nothing.",
    credential_fields=(CredentialField("key", "Key"),),
    environments={"live": "http://127.0.0.1:1"},
    streams=(),
    open=lambda _spec, _client: FREE.open(None, None),  # type: ignore[arg-type,return-value]
    rate=RateLimit(requests=1_000_000, per=timedelta(seconds=1)),
    interval=timedelta(hours=1),
)
QUIET = Pace(lingers=timedelta(0), least_wait=0.01)


class Site:
    """An installation of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings)
        self.keyring = Keyring(self.database, read_master_key(settings.master_key_file))
        self.outbox = Outbox(self.database, self.keyring, {KIND.name: KIND}, {PROVIDER.name: PROVIDER})

    def tenant(self, number: int) -> str:
        """A tenant with an account."""
        letters = "abcdefghijklmnopqrstuvwxyz234567"
        tenant_id = "tbench" + "".join(letters[number // 32**at % 32] for at in range(6))
        cipher = self.keyring.tenant(tenant_id).seal("integration", "free", b"{}")
        with self.database.tenant(tenant_id, "app") as connection:
            connection.execute(
                "INSERT INTO hub.tenants (tenant_id, name, subdomain, tax_number_kind, tax_number_cipher,"
                " tax_number_hash, tax_office, kvkk_consent_date, plan) VALUES (%s, 'B', %s, 'vkn', 'x', 'x', 'K',"
                " '2026-01-01', 'professional')",
                (tenant_id, tenant_id),
            )
            connection.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
                " VALUES (%s, 'free', 'live', %s, 'active')",
                (tenant_id, cipher),
            )
        return tenant_id

    def queue(self, tenant_id: str, count: int, name: str) -> None:
        """That many actions."""
        keys = self.keyring.tenant(tenant_id)
        for start in range(0, count, _BATCH):
            news = [
                NewAction(KIND.name, f"{name}-{at}", {"to": f"+9053200{at:05}", "text": "Siparişiniz kargoda"})
                for at in range(start, min(start + _BATCH, count))
            ]
            with self.database.tenant(tenant_id, "app") as connection:
                enqueue_all(connection, keys, news, created_by="bench")

    def server_cpu(self) -> float:
        """CPU seconds of the data cluster so far."""
        pid = int((data_directory(self.settings, "data") / "postmaster.pid").read_text().split()[0])
        server = psutil.Process(pid)
        found = [server, *server.children(recursive=True)]
        return sum(sum(each.cpu_times()[:4]) for each in found)


def emptied(site: Site, what: str, tenants: Sequence[str], each: int) -> None:
    """Queue, empty, print."""
    for tenant_id in tenants:
        site.queue(tenant_id, each, what)
    count = each * len(tenants)
    cpu, server, began = time.process_time(), site.server_cpu(), time.monotonic()
    done = asyncio.run(drain(site.outbox, pace=QUIET))
    took = time.monotonic() - began
    if done["delivered"] != count:
        raise SystemExit(f"{what}: {done} instead of {count}")
    print(
        f"{what}: {count / took:,.0f} actions/s (aim 2,000); {(time.process_time() - cpu) / count * 1e6:.0f} us of CPU"
        f" each in the hub, {(site.server_cpu() - server) / count * 1e6:.0f} in Postgres"
    )


def latencies(site: Site, tenant_id: str, samples: int) -> None:
    """From the commit of a request to the provider's call."""
    keys = site.keyring.tenant(tenant_id)

    def ask(name: str) -> tuple[str, float]:
        with site.database.tenant(tenant_id, "app") as connection:
            queued = enqueue(connection, keys, NewAction(KIND.name, name, {"to": "x"}), created_by="bench")
        return str(queued.action_id), time.monotonic()

    async def lingering() -> list[float]:
        pace = Pace(lingers=timedelta(seconds=60), lasts=timedelta(seconds=120))
        draining = asyncio.create_task(drain(site.outbox, pace=pace))
        waits: list[float] = []
        for at in range(samples):
            action, since = await asyncio.to_thread(ask, f"linger-{at}")
            while action not in FREE.called:  # noqa: ASYNC110 - what is measured must not have to tell us
                await asyncio.sleep(0.001)
            waits.append(FREE.called[action] - since)
            await asyncio.sleep(0.05)
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
        return waits

    async def at_once_by_the_asker() -> list[float]:
        waits: list[float] = []
        async with http_client() as client:
            for at in range(samples):
                action, since = await asyncio.to_thread(ask, f"once-{at}")
                await at_once(site.outbox, tenant_id, UUID(action), client)
                waits.append(FREE.called[action] - since)
        return waits

    shown(asyncio.run(lingering()), "while a drain lingers", aim=1.0)
    shown(asyncio.run(at_once_by_the_asker()), "at once, by whoever asks", aim=0.3)


def shown(waits: Sequence[float], what: str, *, aim: float) -> None:
    """Median and worst."""
    print(f"latency {what}: median {median(waits) * 1000:.0f} ms (aim {aim * 1000:.0f}), worst {max(waits) * 1000:.0f}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--actions", type=int, default=10_000)
    parser.add_argument("--tenants", type=int, default=200)
    parser.add_argument("--samples", type=int, default=40)
    given = parser.parse_args()
    kinds: dict[str, Any] = {KIND.name: KIND}
    connectors.action_registry.kinds = lambda: kinds  # type: ignore[assignment]
    home = Path(tempfile.mkdtemp(prefix="kopru-bench-"))
    settings = Settings.apart(home)
    try:
        with postgres.running(settings):
            ensure_manifest(settings)
            migrate(settings)
            site = Site(settings)
            tenants = [site.tenant(number) for number in range(given.tenants)]
            emptied(site, "one tenant", tenants[:1], given.actions)
            emptied(site, f"{given.tenants} tenants", tenants, given.actions // given.tenants)
            latencies(site, tenants[0], given.samples)
            site.database.close()
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
