"""Invoices through the real outbox to a real (stand-in) integrator, with the connection cut at the worst moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from connectors.action_registry import kinds
from connectors.actions import Act
from connectors.registry import accounts
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from hub.db.database import Database
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.outbox.drain import drain
from hub.outbox.gate import Gates
from hub.outbox.perform import Outbox
from hub.settings import Settings
from tests.conftest import MakeTenant
from tests.connectors.invoicing import COMPANY, act, buyer, invoice, mailbox
from tests.connectors.stand_still import START
from tests.hub.outbox.conftest import AT_ONCE, Bench
from tests.hub.outbox.far_end import FarEnd

SETTLED = 11 * 60
"""Seconds after which "nothing known" means "never done"."""
LONGEST_LOOK = 31 * 60
"""Seconds after which whatever is asked after is asked after again."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=7, start=START) as running:
        yield running


@pytest.fixture(params=["nilvera", "uyumsoft"])
def provider(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def bench(
    database: Database, settings: Settings, make_tenant: MakeTenant, sandbox: Sandbox, provider: str
) -> Iterator[Bench]:
    keyring = Keyring(database, read_master_key(settings.master_key_file))
    tenant = make_tenant()
    keys = json.dumps(sandbox.credentials(COMPANY, provider)).encode()
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings,"
            " state) VALUES (%s, %s, 'sandbox', %s, %s, %s, 'active')",
            (
                tenant,
                provider,
                sandbox.url,
                keyring.tenant(tenant).seal("integration", provider, keys),
                '{"requests_per_minute": 100000, "request_timeout_seconds": 5}',
            ),
        )
    yield Bench(database, keyring, FarEnd(), tenant, make_tenant)
    sandbox.world.faults.clear()
    with database.tenant(tenant, "app") as connection:
        for table in ("action_attempts", "actions", "action_holds"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (tenant,))  # noqa: S608 - our own words


def work(bench: Bench) -> None:
    outbox = Outbox(bench.database, bench.keyring, kinds(), accounts(), Gates(()))
    asyncio.run(drain(outbox, pace=AT_ONCE))


def request(sandbox: Sandbox) -> Act:
    customer = buyer(sandbox)
    return act("einvoice", invoice(sandbox, customer), alias=mailbox(sandbox, customer))


@pytest.mark.parametrize("cut", ["cut_before", "cut_after"])
def test_an_invoice_whose_answer_was_lost_is_sent_once_and_followed_to_the_end(
    bench: Bench, sandbox: Sandbox, provider: str, cut: FaultKind
) -> None:
    asked = request(sandbox)
    action = bench.ask(kind=f"{provider}.einvoice", payload=dict(asked.payload)).action_id
    sandbox.world.faults.add(Fault(cut, provider=provider, times=1))
    work(bench)
    assert bench.state(action)[0] == "unknown"
    for _ in range(3):
        bench.age(SETTLED)
        work(bench)
    assert bench.state(action) == ("accepted", None)
    assert sandbox.world.ledger.counts(provider=provider)[asked.payload["ettn"]] == 1
    sandbox.advance(hours=1)
    bench.age(LONGEST_LOOK)
    work(bench)
    assert bench.state(action) == ("delivered", None)
    assert bench.read(action).facts["gib_code"] == 1300
    assert sandbox.world.ledger.counts(provider=provider)[asked.payload["ettn"]] == 1


def test_a_document_that_an_integrator_refuses_is_not_sent_again(bench: Bench, sandbox: Sandbox, provider: str) -> None:
    document = invoice(sandbox, buyer(sandbox, "none"))
    asked = act("einvoice", document, alias="urn:mail:defaultpk@nobody.com.tr")
    action = bench.ask(kind=f"{provider}.einvoice", payload=dict(asked.payload)).action_id
    work(bench)
    assert bench.state(action) == ("failed", "request_refused")
    assert document[0] not in sandbox.world.ledger.counts(provider=provider)
