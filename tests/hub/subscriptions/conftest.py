"""A tenant with a receiver, and everything between a change of state and the call that tells of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.settings import Settings
from hub.subscriptions import history, managing
from hub.subscriptions.drain import Pace, drain
from hub.subscriptions.history import Delivery
from hub.subscriptions.managing import Shown
from hub.subscriptions.reach import Reach
from hub.subscriptions.record import Subscription
from hub.subscriptions.telling import Outgoing
from tests.conftest import MakeTenant
from tests.hub.subscriptions.receiver import Receiver, receiving

ACTOR = Actor("test", "operator")
AT_ONCE = Pace(lingers=timedelta(0), least_wait=0.01)
LOOPBACK = ip_network("127.0.0.0/8")


@dataclass
class Site:
    """What the tests work with. `tenant` is the one meant unless another is named."""

    database: Database
    keyring: Keyring
    receiver: Receiver
    tenant: str
    ports: set[int] = field(default_factory=set[int])

    @property
    def reach(self) -> Reach:
        return Reach(ports=frozenset({443, 8443, self.receiver.port, *self.ports}), private=(LOOPBACK,))

    @property
    def outgoing(self) -> Outgoing:
        return Outgoing(self.database, self.keyring, self.reach)

    def subscribe(
        self,
        *types: str,
        tenant: str | None = None,
        address: str | None = None,
        contact: str | None = None,
        reach: Reach | None = None,
    ) -> Shown:
        return asyncio.run(
            managing.add(
                self.database,
                self.keyring,
                reach or self.reach,
                tenant or self.tenant,
                address=address or self.receiver.address,
                types=types or ("sync.failed", "integration.paused"),
                contact=contact,
                actor=ACTOR,
            )
        )

    def drain(self, pace: Pace = AT_ONCE, outgoing: Outgoing | None = None) -> Counter[str]:
        return asyncio.run(drain(outgoing or self.outgoing, pace=pace))

    def execute(self, statement: str, *values: Any, tenant: str | None = None) -> Any:
        with self.database.tenant(tenant or self.tenant, "app") as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def happen(self, count: int = 1, *, tenant: str | None = None) -> list[str]:
        """That many integrations are paused. The events' ids."""
        tenant = tenant or self.tenant
        before = {each[0] for each in self.events(tenant)}
        for _ in range(count):
            provider = f"p{uuid4().hex[:8]}"
            cipher = self.keyring.tenant(tenant).seal("integration", provider, b"{}")
            self.execute(
                "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
                " VALUES (%s, %s, 'live', %s, 'active')",
                tenant, provider, cipher, tenant=tenant,
            )  # fmt: skip
            self.execute(
                "UPDATE hub.integrations SET state = 'paused', paused_reason = 'credentials_rejected'"
                " WHERE tenant_id = %s AND provider = %s",
                tenant, provider, tenant=tenant,
            )  # fmt: skip
        return [each[0] for each in self.events(tenant) if each[0] not in before]

    def events(self, tenant: str | None = None) -> list[tuple[str, str, Any]]:
        tenant = tenant or self.tenant
        return self.execute(
            "SELECT event_id, type, data FROM hub.tenant_events WHERE tenant_id = %s ORDER BY occurred_at, event_id",
            tenant, tenant=tenant,
        )  # fmt: skip

    def deliveries(self, shown: Shown, tenant: str | None = None) -> list[Delivery]:
        return history.listed(self.database, self.keyring, tenant or self.tenant, shown.subscription.subscription_id)

    def states(self, shown: Shown) -> list[str]:
        return [each.state for each in self.deliveries(shown)]

    def read(self, shown: Shown) -> Subscription:
        return managing.get(self.database, self.keyring, self.tenant, shown.subscription.subscription_id).subscription

    def pass_time(self, step: timedelta) -> None:
        """Let everything that waits be that much older."""
        self.execute("UPDATE hub.deliveries SET next_try_at = next_try_at - %s WHERE tenant_id = %s", step, self.tenant)
        self.execute(
            "UPDATE hub.subscriptions SET rests_until = rests_until - %s, failing_since = failing_since - %s,"
            " previous_until = previous_until - %s WHERE tenant_id = %s",
            step, step, step, self.tenant,
        )  # fmt: skip

    def audited(self) -> Sequence[tuple[str, Any]]:
        return self.execute(
            "SELECT action, details FROM hub.audit_log WHERE tenant_id = %s AND action LIKE 'webhook.%%' ORDER BY seq",
            self.tenant,
        )


def id_of(shown: Shown) -> UUID:
    return shown.subscription.subscription_id


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def site(database: Database, keyring: Keyring, receiver: Receiver, make_tenant: MakeTenant) -> Iterator[Site]:
    site = Site(database, keyring, receiver, make_tenant())
    yield site
    for table in ("deliveries", "tenant_events", "subscriptions", "integrations"):
        site.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", site.tenant)  # noqa: S608 - our own names
