"""How long the inbox remembers: replays reach as far as its keys, and what is over is over in every copy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from hub.errors import HubError
from hub.inbox import conversations, replay
from hub.inbox.expiry import expire
from hub.inbox.listing import listed
from hub.keys.daily import KEPT, DailyKeys
from hub.keys.tenant_rotation import TenantRotation
from hub.kvkk import holds
from hub.kvkk.erasure.named import with_named
from hub.kvkk.holds import NewHold
from hub.kvkk.person import Person
from hub.kvkk.stores import Hub
from hub.kvkk.stores.inbox import InboxStore
from tests.conftest import MakeTenant
from tests.hub.inbox.conftest import ACTOR, Desk, payment

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def receive(desk: Desk, client: httpx.Client) -> Callable[..., None]:
    def post(*numbers: int) -> None:
        for number in numbers:
            body, headers = payment(number)
            assert client.post(desk.address.path, content=body, headers=headers).status_code == 200

    return post


def again(desk: Desk, **how: Any) -> replay.Replayed:
    return replay.replay(desk.database, desk.tenant, **{"since": NOW - HOUR, "until": NOW + HOUR, "actor": ACTOR} | how)


def age(desk: Desk, days: int) -> None:
    """Let the keys, and what lies under them, be of so many days ago."""
    from hub.migrations.connections import outside_transaction

    with outside_transaction(desk.database.settings, "keys") as admin:
        admin.execute("UPDATE keys.daily_keys SET day = day - %s WHERE tenant_id = %s", (days, desk.tenant))
    with outside_transaction(desk.database.settings, "data") as admin:
        admin.execute("UPDATE hub.inbox_events SET key_day = key_day - %s WHERE tenant_id = %s", (days, desk.tenant))


def living(desk: Desk) -> int:
    with desk.database.tenant_keys(desk.tenant) as connection:
        row = connection.execute(
            "SELECT count(wrapped_key) FROM keys.daily_keys WHERE tenant_id = %s", (desk.tenant,)
        ).fetchone()
    return int(row[0]) if row else 0


class TestAReplay:
    def test_has_the_events_of_a_time_handled_again(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1, 2)
        assert desk.handle() == {"handled": 2}
        desk.execute(
            "UPDATE hub.integrations SET next_due_at = now() + interval '1 hour' WHERE tenant_id = %s", desk.tenant
        )

        assert again(desk) == replay.Replayed(2, 0)
        assert desk.handle() == {"handled": 2}
        assert desk.due()
        assert again(desk, until=NOW - timedelta(minutes=30)) == replay.Replayed(0, 0)
        assert again(desk, provider="bulutfon") == replay.Replayed(0, 0)
        with pytest.raises(HubError, match="range_reversed"):
            again(desk, since=NOW, until=NOW)

    def test_of_those_set_aside_leaves_the_others(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1)
        desk.handle()
        receive(2)
        assert desk.handle(sources=lambda _: None) == {"aside": 1}
        assert [each.reason for each in listed(desk.database, desk.tenant)] == ["event_source_unknown"]

        assert again(desk, only_aside=True) == replay.Replayed(1, 0)
        assert desk.handle() == {"handled": 1}
        assert listed(desk.database, desk.tenant) == []
        assert len(listed(desk.database, desk.tenant, only_open=False)) == 2

    def test_says_what_it_cannot_reach_and_stands_in_the_log(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1)
        desk.handle()
        age(desk, KEPT.days + 1)
        assert again(desk) == replay.Replayed(0, 1)
        rows = desk.execute(
            "SELECT action, count FROM hub.audit_log WHERE tenant_id = %s AND action LIKE 'inbox%%'", desk.tenant
        )
        assert rows == [("inbox.replayed", 0)]


class TestADaysKey:
    def test_opens_in_every_process_what_one_of_them_sealed(self, desk: Desk, make_tenant: MakeTenant) -> None:
        sealed = desk.daily_keys.today(desk.tenant).seal("row", b"value")
        other = DailyKeys(desk.database, desk.keyring)
        day = other.today(desk.tenant).day
        found = other.of(desk.tenant, day)
        assert found is not None
        assert found.open("row", sealed) == b"value"
        assert living(desk) == 1
        for row, key in (("another", found), ("row", DailyKeys(desk.database, desk.keyring).today(make_tenant()))):
            with pytest.raises(HubError, match="ciphertext_invalid"):
                key.open(row, sealed)
        assert "value" not in repr(found)

    def test_is_kept_for_thirty_days_and_gone_after_them(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1)
        age(desk, KEPT.days)
        assert not expire(desk.database, desk.tenant, actor=ACTOR).anything
        assert living(desk) == 1
        age(desk, 1)
        receive(2)
        sealed_on = desk.daily_keys.today(desk.tenant).day - KEPT - timedelta(days=1)

        done = expire(desk.database, desk.tenant, actor=ACTOR)

        assert (done.keys, done.events, done.unhandled) == (1, 1, 1)
        assert desk.daily_keys.of(desk.tenant, sealed_on) is None
        assert len(desk.events()) == 1
        assert not expire(desk.database, desk.tenant, actor=ACTOR).anything
        lines = desk.execute(
            "SELECT dataset, records, method, cause FROM hub.destructions WHERE tenant_id = %s", desk.tenant
        )
        assert lines == [("hub.inbox_events", 1, "crypto_shred", "retention")]

    def test_stays_under_a_hold(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1)
        age(desk, KEPT.days + 9)
        hold = holds.place(
            desk.database, desk.tenant, NewHold("dataset", "hub.inbox_events", "audit", "Dosya 2026/1"), actor=ACTOR
        )
        assert not expire(desk.database, desk.tenant, actor=ACTOR).anything
        holds.release(desk.database, desk.tenant, hold.hold_id, actor=ACTOR)
        assert expire(desk.database, desk.tenant, actor=ACTOR).keys == 1

    def test_survives_a_rotation_of_the_tenants_key(self, desk: Desk, receive: Callable[..., None]) -> None:
        receive(1)
        (rotated,) = TenantRotation(
            desk.database, desk.keyring, actor=ACTOR, settled_seconds=0, sleep=lambda _: None
        ).rotate([desk.tenant])

        assert (rotated.resealed["keys.daily_keys.wrapped_key"], rotated.destroyed) == (1, 1)
        assert desk.handle() == {"handled": 1}

    def test_under_an_old_generation_keeps_that_one_alive(
        self, desk: Desk, receive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from hub.keys import resealing

        receive(1)
        anew = resealing._anew

        def not_this(keys: Any, purpose: str, identity: str, ciphertext: bytes) -> bytes | None:
            return None if purpose == "daily-key" else anew(keys, purpose, identity, ciphertext)

        monkeypatch.setattr(resealing, "_anew", not_this)
        (rotated,) = TenantRotation(
            desk.database, desk.keyring, actor=ACTOR, settled_seconds=0, sleep=lambda _: None
        ).rotate([desk.tenant])
        assert (rotated.destroyed, rotated.unreadable) == (0, {"keys.daily_keys.wrapped_key": 1})


class TestAConversation:
    def note(self, desk: Desk, phone: str, days_ago: int = 0) -> str:
        contact = desk.keyring.tenant(desk.tenant).pseudonymiser().one("phone", phone)
        with desk.database.tenant(desk.tenant, "app") as connection:
            at = NOW - timedelta(days=days_ago)
            conversations.heard_from(connection, desk.tenant, channel="sms", contacts=[contact], at=at)
        return contact

    def test_that_is_quiet_for_a_month_is_forgotten(self, desk: Desk) -> None:
        self.note(desk, "+905321111111", 31)
        self.note(desk, "+905322222222", 29)
        assert expire(desk.database, desk.tenant, actor=ACTOR).conversations == 1

    def test_of_an_erased_person_is_found_and_goes_and_no_other(self, desk: Desk) -> None:
        contact, other = self.note(desk, "+905321111111", 1), self.note(desk, "+905322222222", 1)
        store = InboxStore(Hub(desk.database, desk.keyring, {}, {}))
        nobody = Person(desk.tenant, {}, frozenset(), frozenset())
        person = with_named(desk.database, desk.keyring.tenant(desk.tenant), nobody, [("phone", contact)])

        assert [(each.dataset, each.records) for each in store.find(person)] == [("hub.conversations", 1)]
        assert store.verify(person, before=NOW) == 1
        assert store.erase(person, before=NOW - timedelta(days=2)) == []
        assert [each.records for each in store.erase(person, before=NOW)] == [1]
        assert store.verify(person, before=NOW) == 0
        assert store.find(person) == []
        rows = desk.execute("SELECT contact FROM hub.conversations WHERE tenant_id = %s", desk.tenant)
        assert rows == [(other,)]
