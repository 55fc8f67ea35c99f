"""Receivers and drains killed at random: every event reaches its own subscriptions, signed, and nobody else's."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk.audit import Actor
from hub.migrations.connections import outside_transaction
from hub.settings import Settings
from hub.subscriptions import managing
from hub.subscriptions.reach import Reach
from hub.subscriptions.vocabulary import WAITS
from tests.conftest import MakeTenant
from tests.hub.subscriptions.conftest import LOOPBACK
from tests.proofs import webhook_child, webhook_receiver

CONTEXT = multiprocessing.get_context("forkserver")


@dataclass
class Stage:
    settings: Settings
    database: Database
    keyring: Keyring
    port: int
    log: Path
    tenants: list[str]
    secrets: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """By path: whose it is, and its secret."""
    receiver: BaseProcess | None = None
    drain: BaseProcess | None = None

    def subscribe(self, tenant: str) -> None:
        path = f"/{uuid4().hex}"
        shown = asyncio.run(
            managing.add(
                self.database,
                self.keyring,
                Reach(ports=frozenset({self.port}), private=(LOOPBACK,)),
                tenant,
                address=f"http://127.0.0.1:{self.port}{path}",
                types=["integration.paused"],
                actor=Actor("test", "operator"),
            )
        )
        self.secrets[path] = tenant, shown.secret.reveal()

    def happen(self, tenant: str, count: int) -> None:
        cipher = self.keyring.tenant(tenant).seal("integration", "x", b"{}")
        with self.database.tenant(tenant, "app") as connection:
            for _ in range(count):
                provider = uuid4().hex
                connection.execute(
                    "INSERT INTO hub.integrations (tenant_id, provider, environment, credentials_cipher, state)"
                    " VALUES (%s, %s, 'live', %s, 'active')",
                    (tenant, provider, cipher),
                )
                connection.execute(
                    "UPDATE hub.integrations SET state = 'paused', paused_reason = 'x'"
                    " WHERE tenant_id = %s AND provider = %s",
                    (tenant, provider),
                )

    def start(self, *, lingers: float = 600) -> None:
        if self.receiver is None or not self.receiver.is_alive():
            self.receiver = CONTEXT.Process(target=webhook_receiver.main, args=(self.port, str(self.log)))
            self.receiver.start()
        if self.drain is None or not self.drain.is_alive():
            arguments = (str(self.settings.home), self.port, lingers)
            self.drain = CONTEXT.Process(target=webhook_child.main, args=arguments)
            self.drain.start()

    def kill(self, process: BaseProcess | None) -> None:
        if process is not None:
            process.kill()
            process.join()

    def pass_time(self) -> None:
        """Whatever waits for its time is due, and leases are over: those of the dead, and by chance of the living."""
        with outside_transaction(self.settings, "data") as admin:
            admin.execute("UPDATE hub.subscriptions SET rests_until = NULL WHERE tenant_id = ANY(%s)", (self.tenants,))
            admin.execute(
                "UPDATE hub.deliveries SET next_try_at = least(next_try_at, now()), attempts = least(attempts, %s)"
                " WHERE tenant_id = ANY(%s) AND state = 'pending' AND next_try_at > now()",
                (len(WAITS) - 1, self.tenants),
            )

    def calls(self) -> list[dict[str, Any]]:
        """What was received; a line that a kill cut off was not answered."""
        if not self.log.exists():
            return []
        lines = self.log.read_text().split("\n")[:-1]
        return [json.loads(line) for line in lines]

    def open(self) -> int:
        count = 0
        for tenant in self.tenants:
            with self.database.tenant(tenant, "app") as connection:
                row = connection.execute(
                    "SELECT count(*) FROM hub.deliveries WHERE tenant_id = %s AND state <> 'delivered'", (tenant,)
                ).fetchone()
            count += row[0] if row else 0
        return count


@pytest.fixture
def stage(
    settings: Settings, database: Database, make_tenant: MakeTenant, free_port: int, tmp_path: Path
) -> Iterator[Stage]:
    CONTEXT.set_forkserver_preload(["tests.proofs.webhook_child", "tests.proofs.webhook_receiver"])
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    tenants = [make_tenant() for _ in range(3)]
    found = Stage(settings, database, keyring, free_port, tmp_path / "calls", tenants)
    yield found
    found.kill(found.drain)
    found.kill(found.receiver)
    for tenant in found.tenants:
        with database.tenant(tenant, "app") as connection:
            for table in ("deliveries", "tenant_events", "subscriptions", "integrations"):
                connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s".encode(), (tenant,))  # noqa: S608


@pytest.mark.prove
def test_kills_lose_no_event_and_show_none_to_others(stage: Stage) -> None:
    chance = random.Random(2026)
    for tenant in stage.tenants:
        for _ in range(2):
            stage.subscribe(tenant)
    for _ in range(20):
        stage.start()
        for tenant in stage.tenants:
            stage.happen(tenant, chance.randint(5, 40))
        before = len(stage.calls())
        while len(stage.calls()) < before + chance.randint(1, 30) and stage.open():
            stage.pass_time()
            stage.start()
        stage.kill(chance.choice((stage.receiver, stage.drain)))
    while stage.open():
        stage.start()
        stage.pass_time()

    told: dict[str, set[str]] = {path: set() for path in stage.secrets}
    bodies: dict[str, set[str]] = {}
    for call in stage.calls():
        tenant, secret = stage.secrets[call["path"]]
        said = Webhook(secret).verify(call["body"], call["headers"])
        assert (said["tenant_id"], said["id"]) == (tenant, call["headers"]["webhook-id"])
        told[call["path"]].add(said["id"])
        bodies.setdefault(said["id"], set()).add(call["body"])
    assert all(len(each) == 1 for each in bodies.values())
    for path, (tenant, _) in stage.secrets.items():
        with stage.database.tenant(tenant, "app") as connection:
            rows = connection.execute("SELECT event_id FROM hub.tenant_events WHERE tenant_id = %s", (tenant,))
            assert told[path] == {row[0] for row in rows}
    print(f"{len(stage.calls())} calls for {sum(map(len, told.values()))} deliveries of {len(bodies)} events")
