"""An event takes effect once, whatever ends the process; what nobody understands stops no other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.actions import Found, Recipient
from connectors.webhooks import (
    AskAbout,
    Call,
    Meaning,
    MessageHeard,
    ReadAgain,
    RefusalHeard,
    Standing,
    StateHeard,
    WebhookEvent,
    WebhookSource,
)
from hub.inbox import conversations, endpoints, events, queue
from hub.inbox.doors import Doors
from hub.inbox.handling import CLOCKS_DIFFER, Handling
from hub.inbox.opt_out import is_opt_out
from hub.kvkk import suppression
from tests.conftest import MakeTenant
from tests.hub.inbox.conftest import ACTOR, KEY, Desk, account

AT = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
PHONE = "+905321234567"


class Killed(BaseException):
    """Ends a process as SIGKILL would: nobody below catches it."""


def arrive(desk: Desk, *bodies: str, signature: events.Signature = "verified", provider: str = "iyzico") -> None:
    """Events that were received, one a body."""
    keys, day = desk.keyring.tenant(desk.tenant), desk.daily_keys.today(desk.tenant)
    opened = Doors(desk.database, desk.keyring).opened("iyzico", desk.address.secret)
    assert opened is not None
    # A provider that nobody knows has no address, so what is stored of it goes around the question whether it has.
    door = replace(opened, source=replace(opened.source, provider=provider))
    with desk.database.tenant(desk.tenant, "app") as connection:
        for body in bodies:
            event = WebhookEvent(f"{signature}-{body}", "test", body.encode())
            batch = events.sealed(keys, day, door, [events.Arrival([event], signature)])
            assert connection.execute(events._INSERT_ANYWAY, {**batch.given, "provider": provider}).rowcount == 1


def understood(meanings: dict[str, Any]) -> Any:
    """A provider whose events mean what the test says, by body."""

    def mean(event: WebhookEvent, standing: Standing) -> Sequence[Meaning]:
        meant = meanings[event.body.decode()]
        return meant(standing.verified) if callable(meant) else meant

    source = WebhookSource("iyzico", lambda _call, _account: "verified", lambda _call: [], mean)
    return {"sources": lambda _provider: source}


def states(desk: Desk) -> Counter[str]:
    return Counter(f"{state}:{reason}" if reason else state for state, reason, _ in desk.events())


def make_due(desk: Desk) -> None:
    desk.execute("UPDATE hub.inbox_events SET next_try_at = now() WHERE tenant_id = %s", desk.tenant)


class TestWhatAnEventSays:
    def test_is_passed_on_to_the_outbox(self, desk: Desk) -> None:
        state = StateHeard(Found("delivered"), "a" * 32)
        about = AskAbout(provider_reference="job-1")
        arrive(desk, "state", "about")

        assert desk.handle(**understood({"state": [state], "about": [about]})) == {"handled": 2}
        [(tenant, provider, heard)] = desk.told.states
        assert (tenant, provider, replace(heard, at=None)) == (desk.tenant, "iyzico", state)
        assert desk.told.asked == [about]

    def test_is_dated_by_when_it_must_have_happened_so_that_old_news_is_known_as_such(self, desk: Desk) -> None:
        ((now,),) = desk.execute("SELECT now()")
        long_ago = now - timedelta(days=1)
        known = {
            "untimed": StateHeard(Found("failed"), "untimed"),
            "old": StateHeard(Found("failed"), "old", at=long_ago),
            "ahead": StateHeard(Found("failed"), "ahead", at=now + timedelta(days=1)),
        }
        arrive(desk, *known)
        ((arrived,),) = desk.execute("SELECT max(received_at) FROM hub.inbox_events WHERE tenant_id = %s", desk.tenant)
        desk.handle(**understood({name: [state] for name, state in known.items()}))
        dated = {heard.reference: heard.at for _, _, heard in desk.told.states}
        assert dated["old"] == long_ago + CLOCKS_DIFFER
        assert now <= min(dated["untimed"], dated["ahead"])
        assert max(dated["untimed"], dated["ahead"]) <= arrived

    def test_makes_the_account_due_at_once_but_not_more_often_than_it_may_be_asked(self, desk: Desk) -> None:
        arrive(desk, "hint")
        assert not desk.due()
        desk.handle(**understood({"hint": [ReadAgain()]}))
        assert desk.due()

        desk.execute(
            "UPDATE hub.integrations SET next_due_at = now() + interval '1 hour', last_attempt_at = now()"
            " WHERE tenant_id = %s",
            desk.tenant,
        )
        arrive(desk, "again")
        desk.handle(**understood({"again": [ReadAgain()]}))
        ((minutes,),) = desk.execute(
            "SELECT round(extract(epoch FROM next_due_at - last_attempt_at) / 60)::int FROM hub.integrations"
            " WHERE tenant_id = %s",
            desk.tenant,
        )
        assert minutes == 5

    def test_wakes_no_account_that_is_paused(self, desk: Desk) -> None:
        desk.execute(
            "UPDATE hub.integrations SET state = 'paused', next_due_at = NULL WHERE tenant_id = %s", desk.tenant
        )
        arrive(desk, "hint")
        assert desk.handle(**understood({"hint": [ReadAgain()]})) == {"handled": 1}
        assert not desk.due()

    def test_of_what_nobody_signed_is_known_to_be_unsigned(self, desk: Desk) -> None:
        said: list[bool] = []

        def mean(verified: bool) -> list[Meaning]:
            said.append(verified)
            return []

        arrive(desk, "one")
        arrive(desk, "two", signature="unsigned")
        desk.handle(**understood({"one": mean, "two": mean}))
        assert sorted(said) == [False, True]


class TestAnIncomingMessage:
    def message(self, text: str, at: datetime = AT, *contacts: Recipient) -> list[Meaning]:
        return [MessageHeard("sms", contacts or (Recipient("phone", PHONE),), at, text)]

    def last(self, desk: Desk, kind: str = "phone", value: str = PHONE) -> datetime | None:
        contact = desk.keyring.tenant(desk.tenant).pseudonymiser().one(kind, value)
        with desk.database.tenant(desk.tenant, "app") as connection:
            return conversations.last_heard(connection, desk.tenant, {("sms", contact)}).get(("sms", contact))

    def test_opens_the_conversation_with_everything_that_names_the_writer_and_a_late_one_does_not_close_it(
        self, desk: Desk
    ) -> None:
        phone, user = Recipient("phone", "0532 123 45 67"), Recipient("whatsapp_user", "TR.1348912086553027")
        earlier = AT - timedelta(hours=3)
        arrive(desk, "new", "late")
        desk.handle(
            **understood({"new": self.message("x", AT, phone, user), "late": self.message("y", earlier, phone)})
        )

        assert self.last(desk) == AT
        assert self.last(desk, "whatsapp_user", "TR.1348912086553027") == AT
        rows = desk.execute("SELECT contact FROM hub.conversations WHERE tenant_id = %s", desk.tenant)
        assert not any("532" in contact for (contact,) in rows)

    def test_from_a_clock_that_runs_ahead_gives_nobody_a_longer_day(self, desk: Desk) -> None:
        arrive(desk, "ahead")
        desk.handle(**understood({"ahead": self.message("x", datetime.now(UTC) + timedelta(days=9))}))
        last = self.last(desk)
        assert last is not None
        assert last <= datetime.now(UTC) + timedelta(minutes=5)

    def test_that_is_a_refusal_is_recorded_and_one_that_only_holds_the_word_is_not(self, desk: Desk) -> None:
        arrive(desk, "stop", "talk")
        desk.handle(**understood({"stop": self.message(" Ret. "), "talk": self.message("beni ret etme")}))
        assert desk.told.refusals == [("sms", (("phone", self.pseudonym(desk)),))]

    def pseudonym(self, desk: Desk) -> str:
        return desk.keyring.tenant(desk.tenant).pseudonymiser().one("phone", PHONE)

    def test_need_not_be_written_for_a_refusal_to_be_recorded(self, desk: Desk) -> None:
        arrive(desk, "stop")
        desk.handle(**understood({"stop": [RefusalHeard("whatsapp", [Recipient("phone", PHONE)], AT)]}))
        assert desk.told.refusals == [("whatsapp", (("phone", self.pseudonym(desk)),))]
        assert self.last(desk) is None

    @pytest.mark.parametrize("text", ["RET", "ret", "İPTAL", "iptal", "IPTAL", "Dur!", "stop", "istemiyorum", "ÇIK"])
    def test_is_a_refusal_in_any_spelling(self, text: str) -> None:
        assert is_opt_out(text)

    @pytest.mark.parametrize("text", ["", "durum nedir", "iptal etmek istiyorum siparişi", "1", "ok"])
    def test_is_none_otherwise(self, text: str) -> None:
        assert not is_opt_out(text)

    def test_from_before_its_writers_erasure_brings_them_not_back(self, desk: Desk) -> None:
        keys = desk.keyring.tenant(desk.tenant)
        mark = keys.suppression_mark("phone", keys.pseudonymiser().one("phone", PHONE))
        suppression.suppress(desk.database, desk.tenant, [mark], erased_at=AT + timedelta(hours=1))
        arrive(desk, "before")
        desk.handle(**understood({"before": self.message("ret")}))
        assert self.last(desk) is None
        assert desk.told.refusals == []

        arrive(desk, "after")
        desk.handle(**understood({"after": self.message("x", AT + timedelta(hours=2))}))
        assert self.last(desk) == AT + timedelta(hours=2)


class TestWhatCannotBeHandled:
    def test_a_replay_is_set_aside_as_one_and_has_no_effect(self, desk: Desk) -> None:
        arrive(desk, "fresh", "kept")
        times = {b"fresh": datetime.now(UTC), b"kept": datetime.now(UTC) - timedelta(days=3)}
        parts = understood({"fresh": [ReadAgain()], "kept": [ReadAgain()]})
        source = parts["sources"]("iyzico")
        source = replace(source, said_at=lambda body: times[body], sent_within=timedelta(days=2))

        assert desk.handle(sources=lambda _: source) == {"handled": 1, "aside": 1}
        assert states(desk) == {"handled": 1, "aside:event_replayed": 1}

    def test_is_set_aside_with_its_reason_and_stops_no_other(self, desk: Desk) -> None:
        arrive(desk, "good", "odd")
        arrive(desk, "stranger", provider="nobody")
        arrive(desk, "altered")
        desk.execute("UPDATE hub.inbox_events SET next_try_at = now() WHERE tenant_id = %s", desk.tenant)
        with desk.database.tenant(desk.tenant, "app") as connection:
            newest = connection.execute(
                "SELECT event_id FROM hub.inbox_events WHERE tenant_id = %s ORDER BY received_at DESC LIMIT 1",
                (desk.tenant,),
            ).fetchone()
        assert newest is not None
        parts = understood({"good": [], "altered": []})
        known = parts["sources"]
        sources = {"sources": lambda provider: None if provider == "nobody" else known(provider)}
        swapped = self.swap(desk, newest[0])

        assert desk.handle(**sources) == {"handled": 1, "aside": 3}
        assert states(desk) == {
            "handled": 1,
            "aside:event_malformed": 1,
            "aside:event_source_unknown": 1,
            "aside:event_unreadable": 1,
        }
        assert swapped == 1
        assert desk.handle(**sources) == {}

    def swap(self, desk: Desk, event_id: str) -> int:
        """Put another event's payload in the place of this one's: the table's owner could."""
        from hub.migrations.connections import outside_transaction

        with outside_transaction(desk.database.settings, "data") as admin:
            return admin.execute(
                "UPDATE hub.inbox_events SET payload_cipher = (SELECT payload_cipher FROM hub.inbox_events"
                " WHERE tenant_id = %(tenant)s AND provider = 'nobody') WHERE tenant_id = %(tenant)s"
                " AND event_id = %(event)s",
                {"tenant": desk.tenant, "event": event_id},
            ).rowcount

    def test_because_an_effect_fails_is_tried_again_later_and_set_aside_in_the_end(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        parts = understood({"one": [StateHeard(Found("delivered"), "a")], "two": []})

        def fail(*_: Any) -> bool:
            raise RuntimeError(PHONE)

        monkeypatch.setattr(desk.told, "heard", fail)
        arrive(desk, "one", "two")
        assert desk.handle(**parts) == {"handled": 1, "later": 1}
        assert desk.handle(**parts) == {}
        assert states(desk) == {"handled": 1, "received:event_failed": 1}
        soon = "SELECT count(*) FROM hub.inbox_events WHERE tenant_id = %s AND next_try_at - now() BETWEEN '0' AND %s"
        assert desk.execute(soon + " AND state = 'received'", desk.tenant, queue.WAITS[0]) == [(1,)]
        for _ in range(queue.MOST_ATTEMPTS - 1):
            make_due(desk)
            assert desk.handle(**parts) == {"later": 1}
        assert states(desk) == {"handled": 1, "aside:event_failed": 1}

    def test_that_is_over_leaves_no_reason_behind(self, desk: Desk) -> None:
        arrive(desk, "one")
        [event] = queue.claim(desk.database, desk.tenant, tried=False)
        queue.later(desk.database, desk.tenant, event, "event_failed")
        make_due(desk)
        assert desk.handle(**understood({"one": []})) == {"handled": 1}
        assert states(desk) == {"handled": 1}

    def test_after_its_keys_end_says_so(self, desk: Desk) -> None:
        arrive(desk, "old")
        with desk.database.tenant_keys(desk.tenant) as connection:
            connection.execute(
                "UPDATE keys.daily_keys SET wrapped_key = NULL, destroyed_at = now() WHERE tenant_id = %s",
                (desk.tenant,),
            )
        assert desk.handle(**understood({"old": []})) == {"aside": 1}
        assert states(desk) == {"aside:event_expired": 1}


class TestADeath:
    @pytest.mark.parametrize("stage", ["claimed", "effect", "committed", "handled"])
    def test_anywhere_loses_nothing_and_the_effects_are_what_they_were(self, desk: Desk, stage: str) -> None:
        parts = understood({str(n): [StateHeard(Found("delivered"), str(n))] for n in range(4)})
        arrive(desk, *map(str, range(4)))
        passed: list[str] = []

        def die(at: str) -> None:
            passed.append(at)
            if at == stage and passed.count(at) == min(2, 4 if at in ("claimed", "effect") else 1):
                raise Killed

        with pytest.raises(Killed):
            desk.handle(**parts, hook=die)
        make_due(desk)
        counts = desk.handle(**parts)

        assert {heard.reference for _, _, heard in desk.told.states} == {"0", "1", "2", "3"}
        assert counts == ({} if stage == "handled" else {"handled": 4})
        assert states(desk) == {"handled": 4}

    def test_by_one_event_takes_no_other_down_with_it_and_ends_when_it_is_set_aside(self, desk: Desk) -> None:
        def kill(_verified: bool) -> list[Meaning]:
            raise Killed

        parts = understood({"killer": kill, **{str(n): [] for n in range(5)}})
        arrive(desk, "0", "killer", "1", "2", "3", "4")
        deaths = 0
        for _ in range(20):
            make_due(desk)
            try:
                desk.handle(**parts)
            except Killed:
                deaths += 1
        assert deaths == queue.MOST_ATTEMPTS
        assert states(desk) == {"handled": 5, "aside:event_kept_failing": 1}

    def test_is_found_out_when_the_lease_ends_and_not_before(self, desk: Desk) -> None:
        arrive(desk, "one")
        claimed = queue.claim(desk.database, desk.tenant, tried=False)
        assert len(claimed) == 1
        assert desk.handle(**understood({"one": []})) == {}
        ((left,),) = desk.execute(
            "SELECT next_try_at - now() <= %s AND next_try_at > now() FROM hub.inbox_events WHERE tenant_id = %s",
            queue.LEASE, desk.tenant,
        )  # fmt: skip
        assert left is True


def test_two_workers_at_once_share_the_events(desk: Desk) -> None:
    arrive(desk, *map(str, range(6)))
    seen: list[str] = []

    def mean(event: WebhookEvent, _standing: Standing) -> Sequence[Meaning]:
        seen.append(event.body.decode())
        return []

    source = WebhookSource("iyzico", lambda _call, _account: "verified", lambda _call: [], mean)
    with desk.database.tenant(desk.tenant, "app") as first:
        first.execute(
            "SELECT 1 FROM hub.inbox_events WHERE tenant_id = %s ORDER BY received_at LIMIT 2 FOR UPDATE",
            (desk.tenant,),
        )
        assert desk.handle(sources=lambda _: source) == {"handled": 4}
    assert desk.handle(sources=lambda _: source) == {"handled": 2}
    assert sorted(seen) == list("012345")


def test_a_drain_gives_every_tenant_a_turn_and_ends(desk: Desk, make_tenant: Any) -> None:
    arrive(desk, "one")
    handling = Handling(desk.database, desk.daily_keys, desk.effects, **understood({"one": []}))
    assert desk.tenant in queue.waiting(desk.database)
    assert handling.drain()["handled"] >= 1
    assert desk.tenant not in queue.waiting(desk.database)


def test_an_event_that_has_its_end_keeps_it_whatever_a_slow_worker_says(desk: Desk) -> None:
    arrive(desk, "one", "two")
    one, two = queue.claim(desk.database, desk.tenant, tried=False)
    queue.handled(desk.database, desk.tenant, [one])
    queue.aside(desk.database, desk.tenant, two, "event_malformed")
    queue.later(desk.database, desk.tenant, one, "event_failed")
    queue.aside(desk.database, desk.tenant, one, "event_failed")
    queue.handled(desk.database, desk.tenant, [two])
    assert states(desk) == {"handled": 1, "aside:event_malformed": 1}


def test_the_oldest_event_is_claimed_first(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "AT_ONCE", 1)
    arrive(desk, "one")
    ((older,),) = desk.execute("SELECT event_id FROM hub.inbox_events WHERE tenant_id = %s", desk.tenant)
    arrive(desk, "two")
    # Neither where it stands in the table nor its due time puts it first.
    for is_older, minutes in ((False, 60), (True, 1)):
        desk.execute(
            "UPDATE hub.inbox_events SET next_try_at = now() - %s WHERE tenant_id = %s AND (event_id = %s) = %s",
            timedelta(minutes=minutes), desk.tenant, older, is_older,
        )  # fmt: skip
    assert [each.event_id for each in queue.claim(desk.database, desk.tenant, tried=False)] == [older]


def test_it_is_the_turn_of_whoever_waits_longest_and_of_nobody_else(desk: Desk, make_tenant: MakeTenant) -> None:
    other = make_tenant()
    account((desk.database, desk.keyring), other, "iyzico", api_key="k", secret_key=KEY.reveal())
    theirs = replace(desk, tenant=other, address=endpoints.issue(desk.database, other, "iyzico", actor=ACTOR))

    def turns(*hours: float) -> list[str]:
        for each, ago in zip((desk, theirs), hours, strict=True):
            each.execute(
                "UPDATE hub.inbox_events SET next_try_at = now() - %s WHERE tenant_id = %s",
                timedelta(hours=ago), each.tenant,
            )  # fmt: skip
        return [tenant for tenant in queue.waiting(desk.database) if tenant in {desk.tenant, other}]

    try:
        arrive(desk, "one")
        arrive(theirs, "one")
        assert turns(1, 2) == [other, desk.tenant]
        assert turns(2, 1) == [desk.tenant, other]
        assert turns(-1, 1) == [other]
        assert desk.handle(**understood({"one": []})) == {}
        assert theirs.handle(**understood({"one": []})) == {"handled": 1}
        assert turns(1, 1) == [desk.tenant]
    finally:
        theirs.execute("DELETE FROM hub.inbox_events WHERE tenant_id = %s", other)


def test_an_events_repr_shows_nothing_that_it_says(desk: Desk) -> None:
    arrive(desk, PHONE)
    (claimed,) = queue.claim(desk.database, desk.tenant, tried=False)
    shown = repr(claimed) + repr(Call(PHONE.encode(), {"x": PHONE}, {"y": PHONE}))
    shown += repr(MessageHeard("sms", [Recipient("phone", PHONE)], AT, PHONE)) + repr(WebhookEvent(PHONE, "k", b"x"))
    assert PHONE not in shown
    assert "32123" not in shown
