"""WhatsApp cannot be asked: what a lost answer leaves unknown is settled by the webhook that names our reference."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

import connectors.action_registry
from connectors.registry import accounts
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.meta import keys, people
from connectors.sandbox.server import Sandbox
from connectors.whatsapp.actions import KINDS
from connectors.whatsapp.bodies import told
from connectors.whatsapp.events import MessageStatus
from hub.outbox.drain import drain
from hub.outbox.enqueue import Enqueued
from hub.outbox.gate import Gates
from hub.outbox.learn import Heard, heard
from hub.outbox.perform import Outbox
from hub.validation import InvalidInput
from tests.connectors.whatsapp.sending import TEMPLATE
from tests.hub.outbox.conftest import AT_ONCE, Bench

KINDS_BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@dataclass
class Shop:
    """A tenant that sends through the stand-in. The company has the tenant's own id."""

    bench: Bench
    sandbox: Sandbox

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.bench.database, self.bench.keyring, KINDS_BY_NAME, accounts(), Gates(()))

    @property
    def phone(self) -> str:
        return self.sandbox.world.company(self.bench.tenant).customer(0).phone

    def ask(self) -> UUID:
        return self.ask_for({"to": self.phone, **TEMPLATE}).action_id

    def ask_for(self, payload: dict[str, Any], **values: Any) -> Enqueued:
        return self.bench.ask(kind="whatsapp.template", payload=payload, **values)

    def drain(self) -> None:
        asyncio.run(drain(self.outbox, pace=AT_ONCE))

    def sent(self) -> list[str]:
        deeds = self.sandbox.world.ledger.deeds(provider="whatsapp", company=self.bench.tenant)
        return [deed.reference for deed in deeds]

    def hear(self, *, backwards: bool = False) -> list[bool]:
        """Take in everything that the stand-in owes the tenant."""
        hooks = self.sandbox.world.hooks.waiting(provider="whatsapp", company=self.bench.tenant)
        events = [event for hook in hooks for event in told(hook.body).events]
        statuses = [event for event in events if isinstance(event, MessageStatus)]
        return [self._hear(each) for each in (reversed(statuses) if backwards else statuses)]

    def _hear(self, status: MessageStatus) -> bool:
        event = Heard("whatsapp", status.found(), status.reference, status.opted_out)
        outbox = self.outbox
        return heard(outbox.database, outbox.keyring, self.bench.tenant, event, outbox.gates, outbox.kinds)


@pytest.fixture
def shop(bench: Bench, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    credentials = json.dumps(sandbox.credentials(bench.tenant, "whatsapp")).encode()
    cipher = bench.keyring.tenant(bench.tenant).seal("integration", "whatsapp", credentials)
    settings: dict[str, Any] = keys.ids(sandbox.world.seed, bench.tenant)
    bench.execute(
        "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings, state)"
        " VALUES (%s, 'whatsapp', 'sandbox', %s, %s, %s, 'active')",
        bench.tenant, sandbox.url, cipher, Jsonb(settings),
    )  # fmt: skip
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: KINDS_BY_NAME)
    yield Shop(bench, sandbox)
    sandbox.world.faults.clear()


@pytest.mark.parametrize("backwards", [False, True])
def test_a_taken_message_is_delivered_by_its_webhooks_in_any_order(shop: Shop, backwards: bool) -> None:
    action = shop.ask()
    shop.drain()
    assert shop.bench.state(action) == ("accepted", None)
    assert shop.sent() == [action.hex]
    assert any(shop.hear(backwards=backwards))
    assert shop.bench.state(action) == ("delivered", None)
    assert not any(shop.hear()), "a webhook that comes again changes nothing"


@pytest.mark.parametrize("kind", ["cut_after", "truncated", "wrong_type"])
def test_a_message_whose_answer_was_lost_is_known_by_its_webhook_and_never_sent_again(
    shop: Shop, kind: FaultKind
) -> None:
    shop.sandbox.world.faults.add(Fault(kind, provider="whatsapp", company=shop.bench.tenant, times=1))
    action = shop.ask()
    shop.drain()
    assert shop.bench.state(action)[0] == "unknown"
    shop.bench.age(3600)
    shop.drain()
    assert shop.sent() == [action.hex]
    assert any(shop.hear())
    assert shop.bench.state(action) == ("delivered", None)


def test_a_message_that_never_reached_meta_waits_for_a_person_once_its_day_is_over(shop: Shop) -> None:
    shop.sandbox.world.faults.add(Fault("cut_before", provider="whatsapp", company=shop.bench.tenant, times=1))
    action = shop.ask()
    shop.drain()
    assert shop.hear() == []
    shop.bench.age(25 * 3600)
    shop.drain()
    assert shop.bench.state(action) == ("unknown", "needs_decision")
    assert shop.sent() == []


def test_a_refusal_by_webhook_fails_what_was_accepted(shop: Shop) -> None:
    people.meets(shop.sandbox.world, shop.bench.tenant, shop.phone, 131026, later=True)
    action = shop.ask()
    shop.drain()
    assert shop.bench.state(action)[0] == "accepted"
    shop.hear()
    found = shop.bench.read(action)
    assert (found.state, found.reason, found.failure_provider_code) == ("failed", "delivery_failed", "131026")


def test_one_persons_limit_holds_nobody_else(shop: Shop) -> None:
    people.meets(shop.sandbox.world, shop.bench.tenant, shop.phone, 131056)
    spared = shop.ask()
    shop.drain()
    phone = shop.sandbox.world.company(shop.bench.tenant).customer(1).phone
    other = shop.ask_for({"to": phone, **TEMPLATE}).action_id
    shop.drain()
    assert shop.bench.state(spared) == ("pending", "recipient_spared")
    assert shop.bench.state(other) == ("accepted", None)


def test_marketing_that_was_not_asked_for_as_commercial_is_refused(shop: Shop) -> None:
    marketing = {"to": shop.phone, **TEMPLATE, "template": "kampanya", "category": "marketing", "body": ["Ayşe"]}
    with pytest.raises(InvalidInput) as refused:
        shop.ask_for(marketing)
    assert [problem.code for problem in refused.value.problems] == ["action_commercial_differs"]
    assert shop.ask_for(marketing, commercial=True, purpose="kampanya").state == "pending"
