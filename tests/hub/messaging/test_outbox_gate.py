"""The outbox asks the judge: what must not go out does not, whatever held when it was queued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

import connectors.action_registry
from connectors.actions import Refused
from connectors.failure import ProviderFailure
from connectors.sandbox.faults import Fault
from hub.control import consents
from hub.inbox.refusals import Refusals
from hub.keys.keyring import Keyring
from hub.messaging.channels import channel_of
from hub.messaging.gate import judge
from hub.messaging.outbox_gate import MessagingGate
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.conftest import account as add_account
from tests.hub.outbox.far_end import FarEnd, kind
from tests.support.brand import OTHER, PHONE, Brand

COMMERCIAL = {"commercial": True, "purpose": "marketing"}


@pytest.fixture
def bench(brand: Brand, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    far = FarEnd()
    add_account(brand.database, keyring, brand.tenant_id)
    kinds = {"deneme.sms": kind(far), "deneme.belge": kind(far, "deneme.belge", is_message=False)}
    made = Bench(brand.database, keyring, far, brand.tenant_id, lambda: "", kinds)
    made.gates = (MessagingGate(brand.database, keyring),)
    monkeypatch.setattr(connectors.action_registry, "kinds", lambda: kinds)
    yield made
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        connection.execute("DELETE FROM hub.action_attempts WHERE tenant_id = %s", (brand.tenant_id,))
        connection.execute("DELETE FROM hub.actions WHERE tenant_id = %s", (brand.tenant_id,))
        connection.execute("DELETE FROM hub.action_holds WHERE tenant_id = %s", (brand.tenant_id,))


def test_a_consent_withdrawn_in_the_queue_stops_the_message_and_the_reason_is_recorded(
    brand: Brand, bench: Bench
) -> None:
    consent = brand.says("marketing")
    brand.at_iys("ONAY")
    first = bench.ask(**COMMERCIAL)
    bench.drain()
    assert bench.state(first.action_id) == ("accepted", None)
    second, service = bench.ask(**COMMERCIAL), bench.ask()
    consents.withdraw(brand.database, brand.tenant_id, consent.consent_id, channel="web", reason=None)
    bench.drain()
    assert bench.state(second.action_id) == ("failed", "consent_withdrawn")
    assert bench.state(service.action_id) == ("accepted", None)
    assert bench.far.ledger.total() == 2


def test_a_refusal_at_iys_in_the_queue_stops_the_message(brand: Brand, bench: Bench) -> None:
    brand.says("marketing")
    brand.at_iys("ONAY")
    asked = bench.ask(**COMMERCIAL)
    brand.book.citizen(brand.company, recipient=PHONE, status="RET")
    bench.drain()
    assert bench.state(asked.action_id) == ("failed", "iys_refused")
    assert bench.far.calls == 0


def test_while_iys_is_away_the_message_waits_and_then_goes(brand: Brand, bench: Bench) -> None:
    brand.says("marketing")
    brand.at_iys("ONAY")
    brand.sandbox.world.faults.add(Fault("credentials_expired", company=brand.company))
    asked = bench.ask(**COMMERCIAL)
    bench.drain()
    assert bench.state(asked.action_id) == ("pending", "iys_unreachable")
    brand.sandbox.world.faults.clear()
    bench.age(16 * 60)
    bench.drain()
    assert bench.state(asked.action_id)[0] == "accepted"


def test_a_provider_that_says_stop_is_believed_at_once(brand: Brand, bench: Bench) -> None:
    for value in (PHONE, OTHER):
        brand.says("marketing", value)
        brand.at_iys("ONAY", value)
    refusal = Refused(ProviderFailure("permanent", "request_refused", provider_code="131050"), opted_out=True)
    bench.far.answers = [refusal]
    bench.ask(**COMMERCIAL)
    bench.drain()
    after = bench.ask(**COMMERCIAL)
    other = bench.ask(payload={"to": OTHER, "text": "Merhaba"}, **COMMERCIAL)
    bench.drain()
    assert bench.state(after.action_id) == ("failed", "opted_out")
    assert bench.state(other.action_id)[0] == "accepted"


def test_a_setting_that_somebody_broke_holds_commercial_messages_until_it_is_mended(brand: Brand, bench: Bench) -> None:
    from psycopg.types.json import Jsonb

    def settings(value: object) -> None:
        with brand.database.tenant(brand.tenant_id, "app") as connection:
            given = (Jsonb(value), brand.tenant_id)
            connection.execute("UPDATE hub.tenants SET settings = %s WHERE tenant_id = %s", given)

    brand.says("marketing")
    brand.at_iys("ONAY")
    settings({"messaging": {"quiet_hours": 5}})
    asked, service = bench.ask(**COMMERCIAL), bench.ask()
    bench.drain()
    assert bench.state(asked.action_id) == ("pending", "tenant_setting_wrong")
    assert bench.state(service.action_id)[0] == "accepted"
    settings({})
    bench.age(16 * 60)
    bench.drain()
    assert bench.state(asked.action_id)[0] == "accepted"


def test_what_is_no_message_is_nobodys_business_here(brand: Brand, bench: Bench) -> None:
    asked = bench.ask(kind="deneme.belge")
    bench.drain()
    assert bench.state(asked.action_id) == ("accepted", None)
    assert brand.sandbox.world.requests.total() == 0


def test_a_stop_by_return_is_noted_for_every_contact(brand: Brand) -> None:
    pairs = [("phone", brand.pseudonym(PHONE)), ("phone", brand.pseudonym(OTHER))]
    said_at = brand.now + timedelta(seconds=1)
    Refusals(brand.database).record(brand.tenant_id, "whatsapp", pairs, said_at, source="stop_reply")
    checks = [brand.check(value, channel="whatsapp") for value in (PHONE, OTHER)]
    found = judge(brand.database, brand.keyring, brand.tenant_id, checks, brand.now)
    assert [getattr(each, "code", None) for each in found] == ["opted_out"] * 2


@pytest.mark.parametrize(
    ("name", "channel"),
    [("netgsm.sms", "sms"), ("netgsm.otp", "sms"), ("netgsm.whatsapp_otp", "whatsapp"), ("whatsapp.text", "whatsapp")],
)
def test_a_kinds_name_says_its_channel(name: str, channel: Any) -> None:
    assert channel_of(kind(FarEnd(), name)) == channel
