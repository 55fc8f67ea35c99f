"""From an event to the receiver's 2xx: at least once, under one id, signed, and nobody waits for anybody else."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event, Thread

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.subscriptions import at_once, history, managing, queue, retention
from hub.subscriptions.drain import Pace
from hub.subscriptions.record import Private
from hub.subscriptions.sending import LONGEST_ANSWER, judged
from hub.subscriptions.vocabulary import DISABLED_AFTER, OVERLAP, REST, WAITS
from hub.validation import InvalidInput
from tests.conftest import MakeTenant
from tests.hub.subscriptions.conftest import ACTOR, AT_ONCE, Site, id_of
from tests.hub.subscriptions.receiver import Answer, receiving
from tests.support.waiting import until


def test_an_event_arrives_once_signed_as_the_scheme_says(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    (event,) = site.happen()

    assert site.drain()["delivered"] == 1
    (call,) = site.receiver.calls
    said = call.verified(shown.secret.reveal())
    assert (call.event_id, said["id"], said["tenant_id"], said["version"]) == (event, event, site.tenant, 1)
    assert said["data"]["code"] == "credentials_rejected"
    assert datetime.fromisoformat(said["timestamp"]).tzinfo is not None
    assert call.path == "/kopru?key=k"
    assert site.drain()["delivered"] == 0


def test_another_secret_does_not_verify(site: Site) -> None:
    site.subscribe("integration.paused")
    other = site.subscribe("sync.failed")
    site.happen()
    site.drain()

    with pytest.raises(WebhookVerificationError):
        site.receiver.calls[0].verified(other.secret.reveal())


def test_what_fails_comes_again_with_the_same_id_and_body_when_its_wait_is_over(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.receiver.answers = [Answer(500), Answer(404)]
    site.drain()
    site.drain()  # too early
    assert len(site.receiver.calls) == 1

    for wait in WAITS[:2]:
        site.pass_time(wait * 1.2)
        site.drain()
    assert len(set(site.receiver.ids)) == 1
    assert len({call.body for call in site.receiver.calls}) == 1
    (delivery,) = site.deliveries(shown)
    assert (delivery.state, delivery.attempts) == ("delivered", 3)
    assert [each["status"] for each in delivery.tries] == [500, 404, 200]
    assert site.read(shown).failing_since is None


def test_waits_follow_the_schedule_and_grow_by_chance_only_a_little() -> None:
    for tried, planned in enumerate(WAITS):
        assert planned <= queue.next_wait(tried, judged(500)) <= planned * 1.2
    assert timedelta(days=3) < sum(WAITS, timedelta()) < timedelta(days=4)


def test_after_the_last_attempt_the_delivery_has_failed(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.receiver.otherwise = Answer(500)
    site.execute("UPDATE hub.deliveries SET attempts = %s WHERE tenant_id = %s", len(WAITS), site.tenant)
    site.drain()

    assert site.states(shown) == ["failed"]
    assert site.read(shown).state == "active"


def test_a_receiver_that_asks_for_time_gets_it_for_all_its_deliveries(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen(2)
    site.receiver.answers = [Answer(503, {"Retry-After": "600"})] * 4
    site.drain()
    rests = site.read(shown).rests_until
    assert rests is not None
    assert timedelta(minutes=9) < rests - datetime.now(UTC) <= timedelta(minutes=10)
    calls = len(site.receiver.calls)
    site.receiver.answers.clear()
    site.happen()
    site.pass_time(timedelta(minutes=9))
    site.drain()
    assert len(site.receiver.calls) == calls

    site.pass_time(timedelta(minutes=2))
    site.drain()
    assert site.states(shown) == ["delivered"] * 3


def test_a_wait_that_is_asked_for_is_bounded_and_shortens_nothing() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(hours=3), usegmt=True)

    assert queue.next_wait(0, judged(429, "999999999")) == timedelta(hours=24)
    assert timedelta(hours=2.9) < queue.next_wait(0, judged(429, date)) <= timedelta(hours=3)
    assert queue.next_wait(5, judged(503, "1")) >= WAITS[5]
    assert queue.rest(judged(500, "600")) is None


def test_one_that_is_gone_is_disabled_at_once_and_its_owner_is_told(site: Site) -> None:
    shown = site.subscribe("integration.paused", contact="bilgi@kiraci.invalid")
    site.happen(3)
    site.receiver.answers = [Answer(410)] * 4
    site.drain()

    assert (site.read(shown).state, site.read(shown).reason) == ("disabled", "webhook_gone")
    assert set(site.states(shown)) == {"failed"}
    assert site.audited()[-1] == ("webhook.disabled", {"why": "webhook_gone", "told": True})
    (mail,) = site.execute("SELECT template, state FROM hub.mails WHERE tenant_id = %s", site.tenant)
    assert mail == ("webhook_disabled", "pending")
    site.execute("DELETE FROM hub.mails WHERE tenant_id = %s", site.tenant)


def test_one_that_fails_for_days_is_disabled_and_one_that_recovered_is_not(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.receiver.otherwise = Answer(500)
    site.drain()
    site.pass_time(DISABLED_AFTER - timedelta(minutes=1))
    site.drain()
    assert site.read(shown).state == "active"

    site.pass_time(timedelta(days=1))
    site.drain()
    assert (site.read(shown).state, site.read(shown).reason) == ("disabled", "webhook_failed_for_long")
    assert site.audited()[-1] == ("webhook.disabled", {"why": "webhook_failed_for_long", "told": False})

    site.receiver.otherwise = Answer()
    managing.resume(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    again = history.resend_since(
        site.database, site.keyring, site.tenant, id_of(shown), datetime.now(UTC) - timedelta(hours=1), actor=ACTOR
    )
    assert again == 1
    site.drain()
    assert site.states(shown) == ["delivered"]


def test_a_redirect_is_not_followed(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    with receiving() as elsewhere:
        site.receiver.answers = [Answer(307, {"Location": elsewhere.address})]
        site.drain()
        assert elsewhere.calls == []
    (tried,) = site.deliveries(shown)[0].tries
    assert (tried["status"], tried["code"]) == (307, "webhook_redirects")


def test_of_a_long_answer_only_the_beginning_is_read(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.receiver.answers = [Answer(200, body=b"x" * (LONGEST_ANSWER * 800))]  # more than sockets hold between the two

    assert site.drain()["delivered"] == 1
    assert site.states(shown) == ["delivered"]
    assert until("the rest to be refused", lambda: site.receiver.unread or None, seconds=20) == 1


def test_nothing_of_an_answer_is_kept_but_its_status(site: Site) -> None:
    site.subscribe("integration.paused")
    site.happen()
    site.receiver.answers = [Answer(500, {"X-Secret": "marker-in-header"}, b"marker-in-body")]
    site.drain()

    rows = site.execute(
        "SELECT d::text FROM hub.deliveries d WHERE tenant_id = %s UNION ALL"
        " SELECT s::text FROM hub.subscriptions s WHERE tenant_id = %s",
        site.tenant, site.tenant,
    )  # fmt: skip
    assert "500" in str(rows)
    assert "marker" not in str(rows)


def test_a_receiver_that_is_not_there_rests_and_its_other_deliveries_lose_no_attempt(site: Site) -> None:
    with receiving() as gone:
        site.ports.add(gone.port)
        shown = site.subscribe("integration.paused", address=gone.address)
    site.happen(6)
    site.drain()

    assert {each.tries[0]["code"] for each in site.deliveries(shown) if each.attempts} == {"webhook_unreachable"}
    assert [each.attempts for each in site.deliveries(shown)].count(0) >= 2
    rests = site.read(shown).rests_until
    assert rests is not None
    assert rests - datetime.now(UTC) <= REST


def test_a_tenants_slow_receiver_holds_nobody_else_up(site: Site, make_tenant: MakeTenant) -> None:
    other = make_tenant()
    quick = site.subscribe("integration.paused", tenant=other)
    with receiving() as slow:
        site.ports.add(slow.port)
        release = Event()
        slow.otherwise = Answer(before=release.wait)
        for _ in range(2):
            site.subscribe("integration.paused", address=slow.address)
        site.happen(20)
        # More places than one tenant may have, and fewer than its deliveries would take.
        drain = Thread(target=site.drain, args=(replace(AT_ONCE, places=6, lingers=timedelta(0)),))
        drain.start()
        try:
            until("the slow receiver is busy", lambda: len(slow.calls) >= 4, seconds=30)
            (event,) = site.happen(tenant=other)
            until("the other tenant is told", lambda: event in site.receiver.ids, seconds=30)
            assert len(slow.calls) == 4
        finally:
            release.set()
            drain.join()
        assert len(set(slow.ids)) == 20
    assert [each.state for each in site.deliveries(quick, other)] == ["delivered"]
    site.execute("DELETE FROM hub.subscriptions WHERE tenant_id = %s", other, tenant=other)


def test_no_lease_takes_more_than_a_tenants_share(site: Site) -> None:
    for _ in range(2):
        site.subscribe("integration.paused")
    site.happen(5)
    taken = queue.lease(site.database, most=100, share=3)

    assert sum(len(each.event_ids) for each in taken if each.tenant_id == site.tenant) == 3
    assert not list(queue.lease(site.database, most=100, share=3, busy={site.tenant}))


def test_a_delivery_whose_process_died_is_sent_by_the_next(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    (event,) = site.happen()
    assert queue.lease(site.database, most=10, share=10)
    assert site.drain()["delivered"] == 0

    site.pass_time(queue.LEASE)
    site.drain()
    assert site.receiver.ids == [event]
    assert site.states(shown) == ["delivered"]


def test_while_it_lingers_a_drain_hears_of_new_events(site: Site) -> None:
    site.subscribe("integration.paused")
    # Looking by itself would come far too late.
    pace = Pace(lingers=timedelta(seconds=30), lasts=timedelta(seconds=30), most_wait=30)
    heard = Event()
    site.receiver.otherwise = Answer(before=heard.set)

    async def run() -> None:
        from hub.subscriptions.drain import drain

        lingering = asyncio.create_task(drain(site.outgoing, pace=pace))
        await asyncio.sleep(0)
        await asyncio.to_thread(lambda: until("it listens", lambda: _listens(site), seconds=20))
        await asyncio.to_thread(site.happen)
        assert await asyncio.to_thread(heard.wait, 20)
        lingering.cancel()
        await asyncio.gather(lingering, return_exceptions=True)

    asyncio.run(run())


def _listens(site: Site) -> bool:
    from hub.migrations.connections import outside_transaction

    with outside_transaction(site.database.settings, "data") as admin:
        return bool(
            admin.execute("SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN \"hub_deliveries\"'").fetchall()
        )


def test_for_a_day_both_secrets_sign_and_then_the_new_one_alone(site: Site) -> None:
    old = site.subscribe("integration.paused")
    new = managing.rotate_secret(site.database, site.keyring, site.tenant, id_of(old), actor=ACTOR)
    site.happen()
    site.drain()
    site.receiver.calls[0].verified(old.secret.reveal())
    site.receiver.calls[0].verified(new.secret.reveal())

    site.pass_time(OVERLAP)
    site.happen()
    site.drain()
    site.receiver.calls[1].verified(new.secret.reveal())
    with pytest.raises(WebhookVerificationError):
        site.receiver.calls[1].verified(old.secret.reveal())


def test_a_secret_that_others_know_signs_no_more_at_once(site: Site) -> None:
    old = site.subscribe("integration.paused")
    managing.rotate_secret(site.database, site.keyring, site.tenant, id_of(old), at_once=True, actor=ACTOR)
    site.happen()
    site.drain()

    with pytest.raises(WebhookVerificationError):
        site.receiver.calls[0].verified(old.secret.reveal())


def test_what_waited_while_it_was_paused_is_sent_on_resuming(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    first = site.happen()
    managing.pause(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    second = site.happen()
    site.drain()
    assert site.receiver.calls == []

    managing.resume(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    site.drain()
    assert sorted(site.receiver.ids) == sorted(first + second)


def test_one_paused_after_it_was_leased_gets_nothing(site: Site) -> None:
    from hub.subscriptions.telling import tell

    shown = site.subscribe("integration.paused")
    site.happen()
    (leased,) = queue.lease(site.database, most=10, share=10)
    managing.pause(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    asyncio.run(tell(site.outgoing, leased, ()))

    assert site.receiver.calls == []
    assert site.states(shown) == ["held"]


def test_an_event_is_sent_again_under_its_id(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    (event,) = site.happen()
    site.drain()
    history.resend(site.database, site.keyring, site.tenant, id_of(shown), event, actor=ACTOR)
    site.drain()

    assert site.receiver.ids == [event, event]
    with pytest.raises(HubError, match="event_not_kept"):
        history.resend(site.database, site.keyring, site.tenant, id_of(shown), "evt_none", actor=ACTOR)


def test_a_test_is_sent_at_once_to_one_subscription_and_shows_the_status(site: Site) -> None:
    shown = site.subscribe("sync.failed")
    site.subscribe("sync.failed")
    managing.pause(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
    site.receiver.answers = [Answer(202), Answer(500)]
    well, ill = (asyncio.run(at_once.test(site.outgoing, site.tenant, id_of(shown), actor=ACTOR)) for _ in range(2))

    assert (well.delivered, well.status, ill.delivered, ill.status) == (True, 202, False, 500)
    assert site.receiver.calls[0].verified(shown.secret.reveal())["data"] == {"subscription_id": str(id_of(shown))}
    assert site.read(shown).failing_since is None
    assert [each.type for each in site.deliveries(shown)] == ["subscription.test"] * 2
    site.drain()
    assert len(site.receiver.calls) == 2


def test_what_is_thirty_days_old_goes_and_the_rest_stays(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.drain()
    with site.database.tenant(site.tenant, "app") as connection:
        connection.execute(
            "INSERT INTO hub.tenant_events (tenant_id, event_id, type, occurred_at)"
            " VALUES (%s, 'evt_old', 'sync.failed', now() - interval '31 days')",
            (site.tenant,),
        )
        connection.execute(
            "INSERT INTO hub.deliveries (tenant_id, subscription_id, event_id) VALUES (%s, %s, 'evt_old')",
            (site.tenant, id_of(shown)),
        )
    assert site.tenant in retention.over(site.database)
    assert retention.sweep(site.database, site.tenant) == 1

    assert [each.type for each in site.deliveries(shown)] == ["integration.paused"]
    assert site.tenant not in retention.over(site.database)


def test_address_secret_and_contact_are_sealed_and_nothing_prints_them(site: Site) -> None:
    shown = site.subscribe("integration.paused", contact="bilgi@kiraci.invalid")
    secret = shown.secret.reveal()
    rows = str(site.execute("SELECT s::text FROM hub.subscriptions s WHERE tenant_id = %s", site.tenant))
    private = Private("https://ornek.com.tr/gizli", shown.secret, contact="bilgi@kiraci.invalid")

    assert secret.startswith("whsec_")
    for part in (secret, "key=k", "bilgi@", "gizli"):
        assert part not in rows + repr(shown) + repr(private) + json.dumps(site.audited())


def test_what_people_do_is_in_the_log(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    work = (site.database, site.keyring, site.tenant, id_of(shown))
    managing.rotate_secret(*work, actor=ACTOR)
    managing.pause(*work, actor=ACTOR)
    managing.resume(*work, actor=ACTOR)
    managing.remove(*work, actor=Actor("test", "operator"))

    assert [action for action, _ in site.audited()] == [
        f"webhook.{what}" for what in ("added", "secret_rotated", "paused", "resumed", "removed")
    ]
    with pytest.raises(HubError, match="webhook_unknown"):
        managing.pause(*work, actor=ACTOR)


def test_wrong_types_and_addresses_are_named(site: Site) -> None:
    with pytest.raises(InvalidInput) as caught:
        site.subscribe("sync.succeeded", contact="kimse")

    assert [problem.code for problem in caught.value.problems] == ["webhook_type_unknown", "mail_address_malformed"]


def test_a_tenant_has_only_so_many(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managing, "MOST_SUBSCRIPTIONS", 1)
    site.subscribe()

    with pytest.raises(HubError, match="webhooks_too_many"):
        site.subscribe()
