"""The outbox asks the judge: what must not go out does not, whatever held when it was queued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import connectors.action_registry
from connectors.actions import Refused
from connectors.failure import ProviderFailure
from connectors.sandbox.faults import Fault
from connectors.secret import Secret
from hub.control import consents
from hub.inbox.refusals import Refusals
from hub.iys import recipients, states
from hub.iys.asking import Answers, ask
from hub.keys.keyring import Keyring
from hub.kvkk import suppression
from hub.kvkk.person import find_person
from hub.kvkk.retention.outbound import Outbound
from hub.kvkk.stores import Hub
from hub.kvkk.stores.outbox import OutboxStore
from hub.messaging.channels import channel_of
from hub.messaging.gate import judge
from hub.messaging.outbox_gate import MessagingGate
from tests.hub.outbox.conftest import Bench
from tests.hub.outbox.conftest import account as add_account
from tests.hub.outbox.far_end import TRANSIENT, FarEnd, kind
from tests.support.brand import OTHER, PHONE, Brand

COMMERCIAL = {"commercial": True, "purpose": "marketing"}


@pytest.fixture
def bench(brand: Brand, keyring: Keyring, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    far = FarEnd()
    add_account(brand.database, keyring, brand.tenant_id)
    kinds = {"deneme.sms": kind(far), "deneme.belge": kind(far, "deneme.belge", is_message=False)}
    made = Bench(brand.database, keyring, far, brand.tenant_id, lambda: "", kinds)
    rule = MessagingGate(brand.database, keyring)
    made.gates, made.early = (rule,), (rule,)
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


def test_no_row_is_held_while_iys_is_asked_and_a_refusal_that_is_heard_meanwhile_wins(
    brand: Brand, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    brand.says("marketing")
    brand.at_iys("ONAY")
    asked = bench.ask(**COMMERCIAL)
    free: list[bool] = []

    def slow(*given: Any, **how: Any) -> Answers:
        answers = ask(*given, **how)
        who = states.Who(brand.pseudonym(), "MESAJ", "BIREYSEL")
        with brand.database.tenant(brand.tenant_id, "app") as connection:
            row = connection.execute(
                "SELECT state FROM hub.actions WHERE tenant_id = %s AND action_id = %s FOR UPDATE SKIP LOCKED",
                (brand.tenant_id, asked.action_id),
            ).fetchone()
            free.append(row == ("leased",))
            heard = datetime.now(UTC)
            states.note_refusals(connection, brand.tenant_id, {who: ("HS_WEB", heard)}, heard_at=heard)
        return answers

    monkeypatch.setattr("hub.messaging.gate.ask", slow)
    bench.drain()
    assert free == [True]
    assert bench.state(asked.action_id) == ("failed", "iys_refused")


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


def test_a_message_whose_recipient_nobody_knows_any_more_is_not_sent(brand: Brand, bench: Bench) -> None:
    asked = bench.ask(**COMMERCIAL)
    with brand.database.tenant(brand.tenant_id, "app") as connection:
        connection.execute("UPDATE hub.actions SET recipient = NULL WHERE tenant_id = %s", (brand.tenant_id,))
    bench.drain()
    assert bench.state(asked.action_id) == ("failed", "recipient_erased")
    assert bench.far.calls == 0


def test_what_is_under_way_at_an_erasure_is_not_tried_again_and_is_emptied_once_it_is_over(
    brand: Brand, bench: Bench
) -> None:
    hub = Hub(brand.database, brand.keyring, {}, {})
    keys = brand.keyring.tenant(brand.tenant_id)
    pseudonym = recipients.keep(brand.database, brand.keyring, brand.tenant_id, "phone", Secret(PHONE))
    person = find_person(brand.database, brand.keyring, brand.tenant_id, [("phone", pseudonym)])

    def erase() -> None:
        with brand.database.tenant(brand.tenant_id, "app") as connection:
            row = connection.execute("SELECT now()").fetchone()
        assert row is not None
        mark = keys.suppression_mark("phone", pseudonym)
        suppression.suppress(brand.database, brand.tenant_id, [mark], erased_at=row[0])
        OutboxStore(hub).erase(person, before=row[0])

    bench.far.answers = [Refused(TRANSIENT)]
    bench.far.before_answer = erase
    asked, other = bench.ask(), bench.ask(payload={"to": OTHER, "text": "Merhaba"})
    bench.drain()
    assert bench.state(asked.action_id)[0] == "pending"
    bench.far.before_answer = lambda: None
    # Whoever comes back as a customer is written to again.
    after = bench.ask()
    bench.age(3_600)
    bench.execute(
        "UPDATE hub.actions SET created_at = now() WHERE tenant_id = %s AND action_id = %s",
        brand.tenant_id,
        after.action_id,
    )
    bench.drain()
    assert bench.state(asked.action_id) == ("failed", "recipient_erased")
    assert [bench.state(each.action_id)[0] for each in (other, after)] == ["accepted", "accepted"]

    Outbound(hub, brand.tenant_id, brand.now, ()).destroy()
    named = bench.execute("SELECT action_id FROM hub.actions WHERE tenant_id = %s AND recipient > ''", brand.tenant_id)
    assert {row[0] for row in named} == {other.action_id, after.action_id}


def test_what_is_leased_and_not_tried_yet_at_an_erasure_is_not_sent(brand: Brand, bench: Bench) -> None:
    asked = bench.ask()
    bench.execute(
        "UPDATE hub.actions SET state = 'leased', lease = gen_random_uuid(), leased_until = now() WHERE tenant_id = %s",
        brand.tenant_id,
    )
    pairs = [("phone", recipients.keep(brand.database, brand.keyring, brand.tenant_id, "phone", Secret(PHONE)))]
    person = find_person(brand.database, brand.keyring, brand.tenant_id, pairs)
    OutboxStore(Hub(brand.database, brand.keyring, {}, {})).erase(person, before=brand.now)
    assert bench.state(asked.action_id) == ("failed", "recipient_erased")


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
