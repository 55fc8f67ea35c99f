"""SMS from being asked for to its receipt: the outbox over the stand-in, whose ledger says what really went out."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from connectors.netgsm import PROVIDER
from connectors.netgsm.actions import KINDS
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import Sandbox
from hub.db.database import Database
from hub.iys import owed
from hub.keys.keyring import Keyring
from hub.kvkk.audit import SYSTEM
from hub.messaging.outbox_gate import MessagingGate
from hub.outbox import decide
from hub.outbox.at_once import at_once
from hub.outbox.drain import drain
from hub.outbox.enqueue import NewAction, enqueue
from hub.outbox.gate import Gates
from hub.outbox.perform import Outbox
from hub.sync.fetch import http_client
from hub.validation import InvalidInput
from tests.conftest import MakeTenant
from tests.hub.outbox.conftest import AT_ONCE, Bench

COMPANY = "outbox"


@pytest.fixture(scope="module")
def netgsm() -> Iterator[Sandbox]:
    with Sandbox(seed=7) as running:
        yield running


@pytest.fixture
def sms(database: Database, keyring: Keyring, make_tenant: MakeTenant, netgsm: Sandbox) -> Iterator[Sms]:
    tenant = make_tenant()
    credentials = json.dumps(netgsm.credentials(COMPANY, "netgsm")).encode()
    settings = {"msgheader": "FIRMA", "sms_part_price": "0.20", "reports_per_minute": 100_000}
    with database.tenant(tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher, settings,"
            " state) VALUES (%s, 'netgsm', 'sandbox', %s, %s, %s, 'active')",
            (tenant, netgsm.url, keyring.tenant(tenant).seal("integration", "netgsm", credentials),
             json.dumps(settings)),
        )  # fmt: skip
    unhurried = replace(PROVIDER.rate, requests=100_000)
    kinds = {kind.name: kind for kind in KINDS}
    found = Sms(database, keyring, None, tenant, lambda: tenant, kinds)  # type: ignore[arg-type]
    found.netgsm, found.providers = netgsm, {"netgsm": replace(PROVIDER, rate=unhurried)}
    yield found
    netgsm.world.faults.clear()
    with database.tenant(tenant, "app") as connection:  # the session's database is everybody's
        for table in ("action_attempts", "actions", "action_holds"):
            connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (tenant,))  # noqa: S608


class Sms(Bench):
    netgsm: Sandbox
    providers: Any

    @property
    def outbox(self) -> Outbox:
        return Outbox(
            self.database,
            self.keyring,
            self.kinds,
            self.providers,
            Gates((MessagingGate(self.database, self.keyring),)),
        )

    def send(self, to: str, text: str, kind: str = "netgsm.sms", **values: Any) -> UUID:
        payload = {"to": to, "text": text, **values.pop("payload", {})}
        new = NewAction(kind=kind, idempotency_key=uuid4().hex, payload=payload, **values)
        keys = self.keyring.tenant(self.tenant)
        prices = {"sms_part_price": "0.20"}
        with self.database.tenant(self.tenant, "app") as connection:
            return enqueue(connection, keys, new, created_by="test", prices=prices).action_id

    def done(self, action: UUID) -> int:
        return self.netgsm.world.ledger.counts()[action.hex]

    def look(self) -> None:
        """Time passes at the hub and at Netgsm, and the hub asks."""
        self.netgsm.advance(minutes=2)
        self.age(120)
        asyncio.run(drain(self.outbox, pace=AT_ONCE))


def number(index: int) -> str:
    return f"+90532{index:07d}"


def test_a_batch_goes_out_in_one_call_and_its_receipts_come_in_one_question(sms: Sms) -> None:
    before = sms.netgsm.world.requests.copy()
    actions = [sms.send(number(3_000_000 + index), f"Sayın müşterimiz {index}") for index in range(20)]
    sms.drain()
    assert {sms.state(each) for each in actions} == {("accepted", None)}
    sms.look()
    assert {sms.state(each) for each in actions} == {("delivered", None)}
    assert [sms.done(each) for each in actions] == [1] * 20
    assert str(sms.read(actions[0]).amount) == "0.2000"
    asked = sms.netgsm.world.requests - before
    assert {path.rpartition("/")[2]: count for (_, _, path), count in asked.items()} == {"send": 1, "report": 1}


@pytest.mark.parametrize(("fault", "sent_at_first"), [("cut_after", 1), ("cut_before", 0), ("server_error", 0)])
def test_a_lost_answer_is_cleared_up_and_nothing_is_sent_twice(sms: Sms, fault: Any, sent_at_first: int) -> None:
    sms.netgsm.world.faults.add(Fault(fault, company=COMPANY, path="/sms/rest/v2/send", times=1))
    action = sms.send(number(3_100_000 + len(fault)), f"Merhaba {fault}")
    sms.drain()
    assert sms.state(action)[0] == "unknown"
    assert sms.done(action) == sent_at_first
    # Later than `settles_after`, and with the sandbox's clock, which stands still, under the attempt.
    sms.age(16 * 60)
    for _ in range(3):
        sms.drain()
        sms.age(60)
    sms.look()
    assert sms.state(action) == ("delivered", None)
    assert sms.done(action) == 1


def test_whatever_goes_wrong_on_the_way_each_message_goes_out_once(sms: Sms) -> None:
    chance, actions = random.Random(5), list[UUID]()
    kinds: list[FaultKind] = ["cut_after", "cut_before", "server_error", "truncated", "not_json", "rate_limited"]
    for at, kind in enumerate(kinds * 2):
        actions += [sms.send(number(4_000_000 + 10 * at + of), f"Metin {at}/{of}") for of in range(3)]
        times = chance.randint(1, 3)
        sms.netgsm.world.faults.add(Fault(kind, company=COMPANY, path="/sms/rest/v2/send", times=times))
        sms.drain()
        sms.age(chance.choice([30, 600, 1_000]))
    sms.netgsm.world.faults.clear()
    for _ in range(6):
        sms.age(1_900)
        sms.drain()
    sms.netgsm.advance(minutes=2)
    sms.age(1_900)
    sms.drain()
    assert {sms.state(each)[0] for each in actions} == {"delivered"}
    assert [sms.done(each) for each in actions] == [1] * len(actions)


def test_a_receipt_says_by_code_why_it_did_not_arrive(sms: Sms) -> None:
    action = sms.send("+905550000015", "Merhaba")
    sms.drain()
    sms.look()
    found = sms.read(action)
    assert (found.state, found.reason, found.failure_provider_code) == ("failed", "delivery_failed", "15")


def test_the_failed_job_of_before_is_not_taken_for_the_one_that_a_person_had_sent_again(sms: Sms) -> None:
    """Both bear our reference, and the second may still be on its way when the report is read."""
    action = sms.send("+905550000011", "Merhaba")
    sms.drain()
    sms.look()
    assert sms.state(action) == ("failed", "delivery_failed")
    decide.retry(sms.database, sms.tenant, action, SYSTEM)
    sms.netgsm.world.faults.add(Fault("cut_before", company=COMPANY, path="/sms/rest/v2/send", times=1))
    sms.drain()
    sms.age(120)
    before = sms.netgsm.world.requests.copy()
    sms.drain()
    assert [path.rpartition("/")[2] for (_, _, path) in sms.netgsm.world.requests - before] == ["report"]
    assert sms.state(action) == ("unknown", "not_told")
    sms.age(16 * 60)
    sms.drain()
    assert sms.state(action) == ("failed", "delivery_failed"), "it must have arrived by now, and did not"
    assert sms.done(action) == 1


@pytest.mark.parametrize("status", [15, 16])
def test_a_report_that_its_recipient_wants_no_more_stops_the_next_and_is_owed_to_iys(sms: Sms, status: int) -> None:
    action = sms.send(f"+9055500000{status}", f"Duyuru {status}")
    unwanted = sms.send("+905550000011", "Merhaba")
    sms.drain()
    sms.look()
    assert {sms.state(each) for each in (action, unwanted)} == {("failed", "delivery_failed")}
    assert owed.collect(sms.database, sms.tenant, datetime.now(UTC)) == 1
    with sms.database.tenant(sms.tenant, "app") as connection:
        refused = connection.execute(
            "SELECT o.channel, o.source, p.type, p.status FROM hub.opt_outs o JOIN hub.actions a"
            " ON a.tenant_id = o.tenant_id AND a.recipient = o.recipient JOIN hub.iys_pushes p"
            " ON p.tenant_id = o.tenant_id AND p.recipient = o.recipient WHERE o.tenant_id = %s AND a.action_id = %s",
            (sms.tenant, action),
        ).fetchall()
    assert refused == [("sms", "provider_refusal", "MESAJ", "RET")]


def test_one_wrong_sender_name_holds_back_nobody(sms: Sms) -> None:
    wrong = sms.send(number(3_200_001), "Merhaba", payload={"header": "BASKASI"})
    right = sms.send(number(3_200_002), "Merhaba")
    sms.drain()
    assert sms.state(wrong) == ("failed", "sender_refused")
    assert sms.state(right) == ("accepted", None)


def test_a_password_goes_at_once_and_its_receipt_is_asked_for(sms: Sms) -> None:
    async def now(action: UUID) -> None:
        async with http_client() as client:
            await at_once(sms.outbox, sms.tenant, action, client)

    action = sms.send(number(3_300_001), "Kodunuz 4711", kind="netgsm.otp")
    asyncio.run(now(action))
    assert sms.state(action) == ("accepted", None)
    sms.look()
    assert sms.state(action) == ("delivered", None)


def test_a_lost_password_expires_and_is_never_sent_again(sms: Sms) -> None:
    sms.netgsm.world.faults.add(Fault("cut_after", company=COMPANY, path="/sms/rest/v2/otp", times=1))
    action = sms.send(number(3_300_002), "Kodunuz 4712", kind="netgsm.otp")
    sms.drain()
    assert sms.state(action)[0] == "unknown"
    sms.age(200)
    sms.drain()
    assert sms.state(action) == ("failed", "expired")
    assert len(sms.netgsm.world.ledger.deeds(what="otp")) == len(set(sms.netgsm.world.ledger.counts(what="otp")))


def test_what_is_asked_for_as_commercial_must_say_so_to_netgsm_as_well(sms: Sms) -> None:
    for payload, commercial in (
        ({}, True),
        ({"commercial": True, "recipient_type": "BIREYSEL"}, False),
    ):
        with pytest.raises(InvalidInput) as caught:
            sms.send(number(3_400_001), "İndirim", commercial=commercial, purpose="kampanya", payload=payload)
        assert [(each.field, each.code) for each in caught.value.problems] == [
            ("payload.commercial", "action_commercial_differs")
        ]
    sms.send(
        number(3_400_001),
        "İndirim",
        commercial=True,
        purpose="kampanya",
        payload={"commercial": True, "recipient_type": "TACIR"},
    )


def test_a_scheduled_message_waits_at_the_hub(sms: Sms) -> None:
    action = sms.send(number(3_500_001), "Yarın", not_before=datetime.now(UTC) + timedelta(hours=1))
    sms.drain()
    assert sms.done(action) == 0
    sms.age(3_700)
    sms.drain()
    assert sms.done(action) == 1
