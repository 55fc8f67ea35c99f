"""A refund through the outbox to the stand-in: whatever happens to the answer, the money goes back once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from connectors.iyzico import PROVIDER
from connectors.iyzico.settings import SETTLES_AFTER
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from hub.control import integrations
from hub.control.account import Account
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.outbox import drain as drains
from hub.outbox.ask import ask
from hub.outbox.enqueue import NewAction
from hub.outbox.listing import get
from hub.outbox.open import open_outbox
from tests.conftest import MakeTenant
from tests.connectors.iyzico.shop import lira, untouched

PACE = drains.Pace(lingers=timedelta(0), least_wait=0.01)


@dataclass
class Shop:
    database: Database
    keyring: Keyring
    sandbox: Sandbox
    tenant: str

    def refund(self, kurus: int = 150) -> UUID:
        payment = untouched(self.sandbox, self.tenant)
        payload = {
            "payment_id": str(payment.payment_id),
            "payment_transaction_id": str(payment.item_id(0)),
            "amount": lira(kurus),
            "currency": "TRY",
            "reason": "BUYER_REQUEST",
        }
        new = NewAction("iyzico.refund", uuid4().hex, payload)
        return ask(self.database, self.keyring, self.tenant, [new], created_by="test")[0].action_id

    def drain(self) -> None:
        asyncio.run(drains.drain(open_outbox(self.database, self.keyring), pace=PACE))

    def state(self, action: UUID) -> str:
        return get(self.database, self.tenant, action)[0].state

    def age(self, step: timedelta) -> None:
        with self.database.tenant(self.tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.actions SET not_before = not_before - %s, next_look_at = next_look_at - %s"
                " WHERE tenant_id = %s",
                (step, step, self.tenant),
            )
            connection.execute(
                "UPDATE hub.action_attempts SET started_at = started_at - %s WHERE tenant_id = %s", (step, self.tenant)
            )

    @property
    def given_back(self) -> dict[str, int]:
        return dict(self.sandbox.world.ledger.counts(provider="iyzico", company=self.tenant, what="refund"))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def shop(database: Database, keyring: Keyring, make_tenant: MakeTenant, sandbox: Sandbox) -> Iterator[Shop]:
    tenant = make_tenant()
    secrets = {name: Secret(value) for name, value in sandbox.credentials(tenant).items()}
    integrations.connect(database, keyring, PROVIDER, tenant, Account("sandbox", secrets, base_url=sandbox.url))
    yield Shop(database, keyring, sandbox, tenant)
    sandbox.world.faults.clear()
    with database.tenant(tenant, "app") as connection:  # the session's database is everybody's
        connection.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", (tenant,))
        connection.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (tenant,))
        connection.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s", (tenant,))


def test_one_that_is_answered_is_over_at_once(shop: Shop) -> None:
    action = shop.refund()
    shop.drain()
    assert shop.state(action) == "delivered"
    assert shop.given_back == {action.hex: 1}


@pytest.mark.parametrize("fault", ["cut_after", "truncated"])
def test_one_whose_answer_is_lost_is_found_and_not_made_again(shop: Shop, fault: FaultKind) -> None:
    shop.sandbox.world.faults.add(Fault(fault, company=shop.tenant, path="/payment/", times=1))
    action = shop.refund()
    shop.drain()
    assert shop.state(action) in {"unknown", "delivered"}
    shop.age(timedelta(minutes=5))
    shop.drain()
    assert shop.state(action) == "delivered"
    assert shop.given_back == {action.hex: 1}


def test_one_that_never_arrived_is_made_once_it_is_sure(shop: Shop) -> None:
    shop.sandbox.world.faults.add(Fault("cut_before", company=shop.tenant, path="/payment/", times=1))
    action = shop.refund()
    shop.drain()
    shop.age(timedelta(minutes=5))
    shop.drain()
    assert (shop.state(action), shop.given_back) == ("unknown", {}), "its absence is no proof yet"
    shop.age(SETTLES_AFTER)
    shop.drain()
    shop.age(timedelta(minutes=1))
    shop.drain()
    assert shop.state(action) == "delivered"
    assert shop.given_back == {action.hex: 1}


def test_the_listing_shows_sums_and_no_reason(shop: Shop) -> None:
    found, _ = get(shop.database, shop.tenant, shop.refund())
    assert found.summary["amount"] == "1.50"
    assert "reason" not in found.summary
