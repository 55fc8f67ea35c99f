"""A tenant with an iyzico account, its address, and the receiver over real HTTP."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn

from connectors.iyzico.signing import direct_webhook_signature
from connectors.iyzico.webhooks import HEADER
from connectors.secret import Secret
from connectors.webhooks import AskAbout, Channel, StateHeard
from hub.db.database import Database
from hub.inbox import endpoints
from hub.inbox.effects import Effects, Pair
from hub.inbox.endpoints import Issued
from hub.inbox.handling import Handling
from hub.inbox.receive import Receiver
from hub.inbox.receiver import receiver_app
from hub.inbox.refusals import Source
from hub.keys.daily import DailyKeys
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.settings import Settings
from tests.conftest import MakeTenant

ACTOR = Actor("test", "operator")
KEY = Secret("sandbox-secret-inbox")


@dataclass
class Heard:
    """Stands in for the outbox and for the list of refusals: what they were told."""

    states: list[tuple[str, str, StateHeard]] = field(default_factory=list)
    asked: list[AskAbout] = field(default_factory=list)
    refusals: list[tuple[str, tuple[Pair, ...]]] = field(default_factory=list)

    def heard(self, tenant_id: str, provider: str, heard: StateHeard) -> bool:
        self.states.append((tenant_id, provider, heard))
        return True

    def ask(self, tenant_id: str, provider: str, about: AskAbout) -> bool:
        self.asked.append(about)
        return True

    def record(self, tenant_id: str, channel: Channel, contacts: Any, at: Any, *, source: Source) -> None:
        self.refusals.append((channel, tuple(contacts)))


@dataclass
class Desk:
    """What tests of the inbox work with."""

    database: Database
    keyring: Keyring
    daily_keys: DailyKeys
    tenant: str
    address: Issued
    told: Heard

    @property
    def receiver(self) -> Receiver:
        return Receiver(self.database, self.keyring, self.daily_keys)

    @property
    def effects(self) -> Effects:
        return Effects(self.database, self.keyring, self.told, self.told)

    def handle(self, **parts: Any) -> Counter[str]:
        """One turn of this tenant: other tests' events are not ours."""
        return Handling(self.database, self.daily_keys, self.effects, **parts).turn(self.tenant)

    def events(self) -> list[tuple[str, str, int]]:
        """State, reason and attempts, in order of arrival."""
        rows = self.execute(
            "SELECT state, coalesce(reason, ''), attempts FROM hub.inbox_events WHERE tenant_id = %s"
            " ORDER BY received_at, event_id",
            self.tenant,
        )
        return [tuple(row) for row in rows]

    def due(self) -> bool:
        """Whether the iyzico account is due now."""
        ((due,),) = self.execute(
            "SELECT next_due_at <= now() FROM hub.integrations WHERE tenant_id = %s AND provider = 'iyzico'",
            self.tenant,
        )
        return bool(due)

    def execute(self, statement: str, *values: Any) -> Any:
        with self.database.tenant(self.tenant, "app") as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else cursor.rowcount

    def issue(self, **how: bool) -> Issued:
        return endpoints.issue(self.database, self.tenant, "iyzico", actor=ACTOR, **how)


def account(desk_of: tuple[Database, Keyring], tenant_id: str, provider: str, **credentials: str) -> None:
    """An active account that is due in an hour."""
    database, keyring = desk_of
    cipher = keyring.tenant(tenant_id).seal("integration", provider, json.dumps(credentials).encode())
    with database.tenant(tenant_id, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state, next_due_at)"
            " VALUES (%s, %s, 'sandbox', %s, 'active', now() + interval '1 hour')",
            (tenant_id, provider, cipher),
        )


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


@pytest.fixture
def desk(database: Database, keyring: Keyring, make_tenant: MakeTenant) -> Iterator[Desk]:
    tenant_id = make_tenant()
    account((database, keyring), tenant_id, "iyzico", api_key="k", secret_key=KEY.reveal())
    address = endpoints.issue(database, tenant_id, "iyzico", actor=ACTOR)
    # Nothing is remembered: a test may destroy a key and look at once.
    desk = Desk(database, keyring, DailyKeys(database, keyring, fresh_seconds=0), tenant_id, address, Heard())
    yield desk
    desk.execute("DELETE FROM hub.inbox_events WHERE tenant_id = %s", tenant_id)


@contextmanager
def served(app: Any) -> Iterator[httpx.Client]:
    """Real HTTP over loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def client(desk: Desk) -> Iterator[httpx.Client]:
    with served(receiver_app(desk.receiver)) as client:
        yield client


def payment(number: int | str, *, status: str = "SUCCESS", **fields: Any) -> tuple[bytes, dict[str, str]]:
    """A call about a payment through the API, as iyzico words and signs it."""
    said: Mapping[str, Any] = {
        "paymentConversationId": f"SIP-{number}",
        "merchantId": 3382172,
        "paymentId": 22484059,
        "status": status,
        "iyziReferenceCode": f"ref-{number}",
        "iyziEventType": "API_AUTH",
        "iyziEventTime": 1721825828467,
        **fields,
    }
    signature = direct_webhook_signature(
        KEY,
        event_type=str(said["iyziEventType"]),
        payment_id=str(said["paymentId"]),
        conversation_id=str(said["paymentConversationId"]),
        status=status,
    )
    return json.dumps(said).encode(), {HEADER: signature, "content-type": "application/json"}
