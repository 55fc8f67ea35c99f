"""The whole circle over real HTTP: a message out, Meta's calls in, and an action that is settled by them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import pytest
from psycopg.types.json import Jsonb

import connectors.action_registry
from connectors.registry import accounts
from connectors.sandbox.faults import Fault
from connectors.sandbox.meta import hooks, keys, people
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.actions import KINDS
from hub.inbox import conversations, endpoints
from hub.inbox.effects import Effects
from hub.inbox.handling import Handling
from hub.inbox.outbox import Actions
from hub.outbox.drain import Pace, drain
from hub.outbox.enqueue import NewAction, enqueue
from hub.outbox.gate import Gates
from hub.outbox.listing import get
from hub.outbox.perform import Outbox
from tests.connectors.whatsapp.sending import TEMPLATE
from tests.hub.inbox.conftest import ACTOR, Desk
from tests.hub.outbox.conftest import AT_ONCE

KINDS_BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@dataclass
class Circle:
    """A tenant that sends through the stand-in and is called by it. The company has the tenant's own id."""

    desk: Desk
    sandbox: Sandbox
    client: httpx.Client

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.desk.database, self.desk.keyring, KINDS_BY_NAME, accounts(), Gates(()))

    @property
    def phone(self) -> str:
        return self.sandbox.world.company(self.desk.tenant).customer(0).phone

    def send(self) -> UUID:
        payload = {"to": self.phone, **TEMPLATE}
        with self.desk.database.tenant(self.desk.tenant, "app") as connection:
            new = NewAction("whatsapp.template", uuid4().hex, payload)
            action = enqueue(connection, self.desk.keyring.tenant(self.desk.tenant), new, created_by="test")
        self.drain(AT_ONCE)
        return action.action_id

    def drain(self, pace: Pace) -> None:
        asyncio.run(drain(self.outbox, pace=pace))

    def state(self, action_id: UUID) -> str:
        return get(self.desk.database, self.desk.tenant, action_id)[0].state

    def deliver(self, *, seed: int) -> list[int]:
        """Every call twice and out of order, to the address that answered the handshake."""

        async def run() -> list[int]:
            async with httpx.AsyncClient(trust_env=False) as client:
                return await self.sandbox.world.hooks.deliver(client, times=2, shuffle_seed=seed)

        return asyncio.run(run())

    def handle(self) -> None:
        desk = self.desk
        effects = Effects(desk.database, desk.keyring, Actions(self.outbox), desk.told)
        Handling(desk.database, desk.daily_keys, effects).turn(desk.tenant)


@pytest.fixture
def circle(desk: Desk, sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> Iterator[Circle]:
    credentials = json.dumps(sandbox.credentials(desk.tenant, "whatsapp")).encode()
    cipher = desk.keyring.tenant(desk.tenant).seal("integration", "whatsapp", credentials)
    desk.execute(
        "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings, state)"
        " VALUES (%s, 'whatsapp', 'sandbox', %s, %s, %s, 'active')",
        desk.tenant, sandbox.url, cipher, Jsonb(keys.ids(sandbox.world.seed, desk.tenant)),
    )  # fmt: skip
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: KINDS_BY_NAME)
    address = endpoints.issue(desk.database, desk.tenant, "whatsapp", actor=ACTOR)

    async def subscribe() -> bool:
        async with httpx.AsyncClient(trust_env=False) as asking:
            return await hooks.subscribe(sandbox.world, desk.tenant, f"{client.base_url}{address.path}", asking)

    assert asyncio.run(subscribe())
    yield Circle(desk, sandbox, client)
    sandbox.world.faults.clear()
    desk.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", desk.tenant)
    desk.execute("DELETE FROM hub.actions WHERE tenant_id = %s", desk.tenant)
    desk.execute("DELETE FROM hub.conversations WHERE tenant_id = %s", desk.tenant)


@pytest.mark.parametrize("lost", [False, True])
def test_a_message_is_settled_by_the_calls_that_follow_it_and_sent_once(circle: Circle, lost: bool) -> None:
    if lost:
        circle.sandbox.world.faults.add(Fault("cut_after", provider="whatsapp", company=circle.desk.tenant, times=1))
    action = circle.send()
    assert circle.state(action) == ("unknown" if lost else "accepted")
    statuses = circle.deliver(seed=3)
    assert set(statuses) == {200}
    circle.handle()
    circle.drain(AT_ONCE)
    assert circle.state(action) == "delivered"
    counts = circle.sandbox.world.ledger.counts(provider="whatsapp", company=circle.desk.tenant)
    assert counts == {action.hex: 1}
    assert len(circle.desk.events()) * 2 >= len(statuses), "what came twice is one event"
    assert {state for state, _, _ in circle.desk.events()} == {"handled"}


def test_a_message_of_a_customers_opens_the_window_by_number_and_by_user_id(circle: Circle) -> None:
    desk, world = circle.desk, circle.sandbox.world
    people.writes(world, desk.tenant, circle.phone, "RET")
    circle.deliver(seed=1)
    circle.handle()
    pseudonymiser = desk.keyring.tenant(desk.tenant).pseudonymiser()
    user_id = keys.user_id(world.seed, desk.tenant, circle.phone.removeprefix("+"))
    with desk.database.tenant(desk.tenant, "app") as connection:
        named = [("phone", circle.phone), ("whatsapp_user", user_id), ("phone", "+905551112233")]
        sought = [("whatsapp", pseudonymiser.one(*each)) for each in named]
        heard = conversations.last_heard(connection, desk.tenant, sought)
    assert [each in heard for each in sought] == [True, True, False]
    assert [channel for channel, _ in desk.told.refusals] == ["whatsapp"]


def test_a_call_of_another_tenants_app_is_refused(circle: Circle) -> None:
    people.writes(circle.sandbox.world, "somebody", "+905551112233")
    (hook,) = circle.sandbox.world.hooks.waiting(company="somebody")
    address = endpoints.issue(circle.desk.database, circle.desk.tenant, "whatsapp", actor=ACTOR, rotate=True)
    answer = circle.client.post(address.path, content=hook.body, headers=dict(hook.headers))
    assert answer.status_code == 403
    assert circle.desk.events() == []
