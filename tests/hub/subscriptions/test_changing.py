"""A subscription that is given another address, other types or another contact: what follows it, and what does not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from hub.errors import HubError
from hub.subscriptions import changing, managing, queue
from hub.subscriptions.managing import Opened, Shown
from hub.subscriptions.reach import Reach
from hub.subscriptions.sending import judged
from hub.subscriptions.vocabulary import DISABLED_AFTER
from hub.validation import InvalidInput
from tests.hub.subscriptions.conftest import ACTOR, Site, id_of
from tests.hub.subscriptions.receiver import Answer, receiving


def change(site: Site, shown: Shown, *, seen: Any = None, reach: Reach | None = None, **changes: Any) -> Opened:
    return asyncio.run(
        changing.change(
            site.database,
            site.keyring,
            reach or site.reach,
            site.tenant,
            id_of(shown),
            changes,
            actor=ACTOR,
            seen=seen,
        )
    )


def opened(site: Site, shown: Shown) -> Opened:
    return managing.get(site.database, site.keyring, site.tenant, id_of(shown))


def test_what_waits_goes_to_the_new_address_under_the_same_secret(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.receiver.answers = [Answer(500)]
    (event,) = site.happen()
    site.drain()
    assert site.read(shown).failing_since is not None

    with receiving() as elsewhere:
        site.ports.add(elsewhere.port)
        after = change(site, shown, address=elsewhere.address)
        assert (after.address, after.subscription.state) == (elsewhere.address, "active")
        assert site.read(shown).failing_since is None
        site.drain()  # at once: nobody has failed there

        (call,) = elsewhere.calls
    assert call.verified(shown.secret.reveal())["id"] == event
    assert len(site.receiver.calls) == 1


def test_one_that_was_disabled_is_told_again_at_its_new_address_once_it_is_resumed(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.receiver.answers = [Answer(410)]
    site.happen()
    site.drain()
    assert site.read(shown).state == "disabled"

    with receiving() as elsewhere:
        site.ports.add(elsewhere.port)
        assert change(site, shown, address=elsewhere.address).subscription.state == "disabled"
        assert site.happen() == []  # a person has not said so yet
        managing.resume(site.database, site.keyring, site.tenant, id_of(shown), actor=ACTOR)
        (event,) = site.happen()
        site.drain()
        assert [call.event_id for call in elsewhere.calls] == [event]


@pytest.mark.parametrize("answer", [410, 503])
def test_what_the_old_address_answers_late_says_nothing_of_the_new_one(site: Site, answer: int) -> None:
    shown = site.subscribe("integration.paused")
    (event,) = site.happen()
    (leased,) = queue.lease(site.database, most=1, share=1)

    with receiving() as elsewhere:
        site.ports.add(elsewhere.port)
        change(site, shown, address=elsewhere.address)
        with site.database.tenant(site.tenant, "app") as connection:
            queue.settle(connection, site.keyring.tenant(site.tenant), leased, event, 0, judged(answer, "60"))
        found = site.read(shown)
        assert (found.state, found.failing_since, found.rests_until) == ("active", None, None)
        site.drain()
        assert elsewhere.ids == [event]


def test_other_types_count_from_now_on_and_others_are_not_told(site: Site) -> None:
    shown = site.subscribe("sync.failed")
    assert site.happen() == []
    change(site, shown, types=["request.opened", "integration.paused", "integration.paused"])
    assert site.read(shown).types == ["integration.paused", "request.opened"]
    assert len(site.happen()) == 1
    change(site, shown, types=["sync.failed"])
    assert site.happen() == []


def test_what_is_not_named_stays_and_a_contact_can_be_taken_away(site: Site) -> None:
    shown = site.subscribe("sync.failed", contact="bilgi@kiraci.invalid")
    before = opened(site, shown)
    change(site, shown, contact="yeni@kiraci.invalid")
    assert changing.fields_of(opened(site, shown)) == changing.fields_of(before) | {"contact": "yeni@kiraci.invalid"}
    change(site, shown, contact=None)
    assert changing.fields_of(opened(site, shown)) == changing.fields_of(before) | {"contact": None}


def test_of_two_who_saw_the_same_one_changes_it(site: Site) -> None:
    shown = site.subscribe("sync.failed")
    seen = changing.fields_of(opened(site, shown))
    change(site, shown, seen=seen, contact="bir@kiraci.invalid")
    with pytest.raises(HubError, match="version_differs"):
        change(site, shown, seen=seen, types=["sync.recovered"])
    assert site.read(shown).types == ["sync.failed"]


def test_a_new_address_is_looked_at_like_the_first_one_and_a_refused_change_changes_nothing(site: Site) -> None:
    shown = site.subscribe("sync.failed", contact="bilgi@kiraci.invalid")
    before = changing.fields_of(opened(site, shown))

    async def inside(_host: str, _port: int) -> Sequence[str]:
        return ["203.0.113.9", "10.0.0.7"]

    refused: list[str] = []
    for changes, reach in (
        ({"address": "https://ornek.com.tr/kopru"}, Reach(resolve=inside)),
        ({"address": "https://169.254.169.254/latest"}, None),
        ({"address": "http://ornek.com.tr:99/"}, None),
        ({"address": "https://kim:parola@ornek.com.tr/"}, None),
        ({"address": ""}, None),
    ):
        with pytest.raises(HubError) as error:
            change(site, shown, reach=reach, **changes)
        refused.append(error.value.code)
    assert refused == [
        "webhook_address_internal",
        "webhook_address_internal",
        "webhook_port_refused",
        "webhook_address_malformed",
        "webhook_address_malformed",
    ]
    for changes in ({"types": []}, {"types": ["sync.nothing"]}, {"contact": "kimse"}):
        with pytest.raises(InvalidInput):
            change(site, shown, **changes)
    assert changing.fields_of(opened(site, shown)) == before


def test_a_name_server_that_does_not_answer_holds_nobody_for_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(managing, "RESOLVE_SECONDS", 0.01)

    async def never(_host: str, _port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(HubError, match="webhook_name_unknown"):
        site.subscribe(address="https://ornek.com.tr/", reach=Reach(resolve=never))


def test_a_change_is_in_the_log_without_address_and_contact_and_what_changes_nothing_is_not(site: Site) -> None:
    shown = site.subscribe("sync.failed", contact="bilgi@kiraci.invalid")
    change(site, shown, types=["sync.failed"], address=site.receiver.address)
    assert [action for action, _ in site.audited()] == ["webhook.added"]

    with receiving() as elsewhere:
        site.ports.add(elsewhere.port)
        change(site, shown, address=elsewhere.address, contact="yeni@kiraci.invalid", types=["sync.recovered"])
    action, details = site.audited()[-1]
    assert action == "webhook.changed"
    assert details["fields"] == ["address", "contact", "types"]
    assert (details["host"], details["types"]) == ("127.0.0.1", ["sync.recovered"])
    assert not [part for part in ("key=k", "kiraci.invalid", "/kopru") if part in json.dumps(site.audited())]


def test_another_address_begins_the_five_days_anew(site: Site) -> None:
    shown = site.subscribe("integration.paused")
    site.happen()
    site.receiver.answers = [Answer(500)] * 2
    site.drain()
    site.pass_time(DISABLED_AFTER + timedelta(hours=1))
    with receiving() as elsewhere:
        elsewhere.answers = [Answer(500)]
        site.ports.add(elsewhere.port)
        change(site, shown, address=elsewhere.address)
        site.drain()
        assert len(elsewhere.calls) == 1
    assert site.read(shown).state == "active"
