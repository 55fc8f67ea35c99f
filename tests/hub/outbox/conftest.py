from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

import connectors.action_registry
from connectors.actions import ActionKind
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.outbox import drain as drains
from hub.outbox import lease as leases
from hub.outbox import perform
from hub.outbox.enqueue import Enqueued, NewAction, enqueue
from hub.outbox.gate import Early, Follower, Gate, Gates
from hub.outbox.listing import Listed, get
from hub.outbox.perform import Outbox
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.hub.outbox.far_end import PROVIDER, FarEnd, kind

AT_ONCE = drains.Pace(lingers=timedelta(0), least_wait=0.01)


@dataclass
class Bench:
    """A tenant with an account at a stand-in provider, and an outbox over it."""

    database: Database
    keyring: Keyring
    far: FarEnd
    tenant: str
    make_tenant: Callable[[], str]
    kinds: dict[str, ActionKind] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    early: tuple[Early, ...] = ()
    followers: tuple[Follower, ...] = ()

    @property
    def outbox(self) -> Outbox:
        return Outbox(
            self.database, self.keyring, self.kinds, {"deneme": PROVIDER}, Gates(self.gates, self.followers, self.early)
        )

    def ask(self, key: str | None = None, *, tenant: str | None = None, **values: Any) -> Enqueued:
        payload = values.pop("payload", {"to": "+905320000001", "text": "Merhaba"})
        new = NewAction(
            kind=values.pop("kind", "deneme.sms"), idempotency_key=key or uuid4().hex, payload=payload, **values
        )
        keys = self.keyring.tenant(tenant or self.tenant)
        with self.database.tenant(keys.tenant_id, "app") as connection:
            return enqueue(connection, keys, new, created_by="test")

    def drain(self, pace: drains.Pace = AT_ONCE) -> Counter[str]:
        return asyncio.run(drains.drain(self.outbox, pace=pace))

    def attempt(self) -> Counter[str]:
        """Do what is due, once, with no drain that looks at the queue while the far end is at it."""
        taken = leases.lease(self.database, most=1_000, share=1_000)
        ids = [each.action_id for each in taken.actions if each.tenant_id == self.tenant]
        errand = perform.Errand(self.tenant, "deneme.sms", taken.token, ids)

        async def done() -> Counter[str]:
            async with httpx.AsyncClient() as client:
                return await perform.do(self.outbox, errand, client)

        return asyncio.run(done())

    def read(self, action_id: UUID, tenant: str | None = None) -> Listed:
        return get(self.database, tenant or self.tenant, action_id)[0]

    def state(self, action_id: UUID) -> tuple[str, str | None]:
        found = self.read(action_id)
        return found.state, found.reason

    def execute(self, statement: str, *values: Any) -> Any:
        with self.database.tenant(self.tenant, "app") as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def now(self) -> datetime:
        """By the database's clock, as everything that is judged."""
        return self.execute("SELECT now()")[0][0]

    def age(self, seconds: int) -> None:
        """Let everything of the tenant's be that much older: due times, attempts, leases, deadlines."""
        step = timedelta(seconds=seconds)
        self.execute(
            "UPDATE hub.actions SET not_before = not_before - %s, leased_until = leased_until - %s,"
            " next_look_at = next_look_at - %s, decide_by = decide_by - %s, expires_at = expires_at - %s,"
            " created_at = created_at - %s WHERE tenant_id = %s",
            *[step] * 6, self.tenant,
        )  # fmt: skip
        self.execute(
            "UPDATE hub.action_attempts SET started_at = started_at - %s WHERE tenant_id = %s", step, self.tenant
        )
        self.execute("UPDATE hub.action_holds SET held_until = held_until - %s WHERE tenant_id = %s", step, self.tenant)


def account(database: Database, keyring: Keyring, tenant_id: str) -> None:
    cipher = keyring.tenant(tenant_id).seal("integration", "deneme", b'{"key":"k"}')
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
            " VALUES (%s, 'deneme', 'sandbox', %s, 'active')",
            (tenant_id, cipher),
        )


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def bench(
    database: Database, keyring: Keyring, make_tenant: MakeTenant, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    far = FarEnd()

    def tenant() -> str:
        tenant_id = make_tenant()
        account(database, keyring, tenant_id)
        return tenant_id

    bench = Bench(database, keyring, far, tenant(), tenant, {"deneme.sms": kind(far)})
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: bench.kinds)
    yield bench
    with database.tenant(bench.tenant, "app") as connection:  # the session's database is everybody's
        connection.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", (bench.tenant,))
        connection.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (bench.tenant,))
        connection.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s", (bench.tenant,))
