"""What is answered 2xx is durable, whatever is sent and however often; what is not from there leads nowhere."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import httpx
import pytest

from connectors.iyzico.signing import direct_webhook_signature
from connectors.iyzico.webhooks import HEADER
from connectors.secret import Secret
from connectors.webhooks import MOST_BYTES, Call
from hub.errors import HubError
from hub.inbox import endpoints, events
from hub.inbox.receive import Receiver
from hub.inbox.receiver import receiver_app
from tests.hub.inbox.conftest import ACTOR, Desk, account, payment


def post(client: httpx.Client, path: str, call: tuple[bytes, dict[str, str]]) -> httpx.Response:
    return client.post(path, content=call[0], headers=call[1])


def test_a_call_is_stored_sealed_and_a_second_one_changes_nothing(desk: Desk, client: httpx.Client) -> None:
    first = post(client, desk.address.path, payment(1))
    second = post(client, desk.address.path, payment(1))

    assert (first.status_code, first.json()) == (200, {"events": 1, "new": 1})
    assert (second.status_code, second.json()) == (200, {"events": 1, "new": 0})
    assert first.headers["cache-control"] == "no-store"
    ((event_id, kind, signature, cipher),) = desk.execute(
        "SELECT event_id, kind, signature, payload_cipher FROM hub.inbox_events WHERE tenant_id = %s", desk.tenant
    )
    assert (kind, signature) == ("API_AUTH", "verified")
    assert "ref-1" not in event_id
    assert b"SIP-1" not in bytes(cipher)
    assert desk.events() == [("received", "", 0)]


@pytest.mark.parametrize("count", [60, pytest.param(10_000, marks=pytest.mark.prove)])
def test_every_2xx_has_a_row_and_every_row_one_effect(desk: Desk, client: httpx.Client, count: int) -> None:
    """R5: 30 % doubled, shuffled, 5 % badly signed."""
    chance = random.Random(5)
    numbers = list(range(count))
    forged = set(chance.sample(numbers, count // 20))
    calls = [(number, payment(number)) for number in numbers]
    calls = [(number, (body, {HEADER: "0" * 64} if number in forged else headers)) for number, (body, headers) in calls]
    calls += chance.sample(calls, count * 3 // 10)
    chance.shuffle(calls)

    answered = [(number, post(client, desk.address.path, call).status_code) for number, call in calls]
    taken = {number for number, status in answered if status == 200}
    counts: Counter[str] = Counter()
    while turn := desk.handle():
        counts += turn

    assert taken == set(numbers) - forged
    assert {status for number, status in answered if number in forged} == {403}
    assert len(desk.events()) == len(taken)
    assert counts == {"handled": len(taken)}
    assert {state for state, _, _ in desk.events()} == {"handled"}


def test_two_processes_that_are_sent_the_same_events_at_once_store_them_once(desk: Desk) -> None:
    apps = [receiver_app(Receiver(desk.database, desk.keyring, desk.daily_keys)) for _ in range(2)]

    async def send() -> list[httpx.Response]:
        transports = [httpx.ASGITransport(app) for app in apps]
        clients = [httpx.AsyncClient(transport=each, base_url="http://hub") for each in transports]
        posts = [
            client.post(desk.address.path, content=payment(number)[0], headers=payment(number)[1])
            for number in range(8)
            for client in clients
        ]
        return list(await asyncio.gather(*posts))

    answers = asyncio.run(send())

    assert {each.status_code for each in answers} == {200}
    assert sum(each.json()["new"] for each in answers) == 8
    assert len(desk.events()) == 8


class TestNothingIsAnswered2xxBeforeItIsDurable:
    def test_a_failing_store_is_answered_503_and_the_next_attempt_is_taken(
        self, desk: Desk, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def fail(*_arguments: Any, **_more: Any) -> int:
            raise RuntimeError("SIP-1 at /hooks")

        with monkeypatch.context() as broken, caplog.at_level(logging.DEBUG):
            broken.setattr(events, "sealed", fail)
            refused = post(client, desk.address.path, payment(1))

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert desk.events() == []
        assert "RuntimeError" in caplog.text
        assert "SIP-1" not in caplog.text
        assert desk.address.secret not in caplog.text
        assert post(client, desk.address.path, payment(1)).json() == {"events": 1, "new": 1}

    def test_a_process_that_dies_between_commit_and_answer_is_asked_again_and_has_it_already(
        self, desk: Desk, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        take = Receiver.take

        async def die_after(self: Receiver, door: Any, call: Any, **more: Any) -> Any:
            await take(self, door, call, **more)
            raise ConnectionResetError

        with monkeypatch.context() as broken:
            broken.setattr(Receiver, "take", die_after)
            lost = post(client, desk.address.path, payment(1))

        assert lost.status_code == 503
        assert desk.events() == [("received", "", 0)]
        assert post(client, desk.address.path, payment(1)).json() == {"events": 1, "new": 0}
        assert desk.handle() == {"handled": 1}


class TestAnAddress:
    def test_that_leads_nowhere_is_answered_alike_for_every_reason(self, desk: Desk, client: httpx.Client) -> None:
        account((desk.database, desk.keyring), desk.tenant, "bulutfon", api_key="k")
        secret = desk.address.secret
        ended = desk.issue(rotate=True, at_once=True)
        gone = [f"/hooks/iyzico/{secret}", f"/hooks/bulutfon/{ended.secret}", f"/hooks/nobody/{ended.secret}"]
        never = ["/hooks/iyzico/", "/hooks/iyzico/x", "/hooks/iyzico/%00", "/hooks/iyzico/%ff%fe", "/"]
        answers = [post(client, path, payment(1)) for path in gone + never]
        answers += [client.get(gone[0]), client.put(ended.path)]
        answers.append(client.post(gone[1], json={"event_type": "call_hangup", "uuid": "1"}))
        desk.execute("UPDATE hub.tenants SET active = false WHERE tenant_id = %s", desk.tenant)
        answers.append(post(client, ended.path, payment(1)))
        desk.execute("UPDATE hub.tenants SET active = true WHERE tenant_id = %s", desk.tenant)
        desk.execute("DELETE FROM hub.integrations WHERE tenant_id = %s AND provider = 'iyzico'", desk.tenant)
        answers.append(post(client, ended.path, payment(1)))

        assert {(each.status_code, each.text) for each in answers} == {(404, '{"error":"not_found"}')}
        assert len({tuple(sorted(each.headers.keys())) for each in answers}) == 1
        assert desk.events() == []

    def test_with_a_slash_too_many_sends_nobody_anywhere(self, desk: Desk, client: httpx.Client) -> None:
        answer = client.post(f"{desk.address.path}/", content=payment(1)[0], headers={"host": "elsewhere.example"})
        assert (answer.status_code, answer.text) == (404, '{"error":"not_found"}')
        assert "location" not in answer.headers

    def test_that_is_only_looked_at_takes_no_event_in(self, desk: Desk, client: httpx.Client) -> None:
        account((desk.database, desk.keyring), desk.tenant, "netgsm", usercode="u", password="p")
        path = endpoints.issue(desk.database, desk.tenant, "netgsm", actor=ACTOR).path
        said = {"jobid": "1", "status": "1", "number": "905321234567"}
        assert client.head(path, params=said).status_code == 404
        assert desk.events() == []
        assert client.get(path, params=said).json() == {"events": 1, "new": 1}

    def test_of_before_a_rotation_works_until_the_overlap_is_over(self, desk: Desk, client: httpx.Client) -> None:
        new = desk.issue(rotate=True)
        old = desk.address
        assert new.secret != old.secret
        assert [post(client, each.path, payment(n)).status_code for n, each in enumerate((old, new))] == [200, 200]

        desk.execute(
            "UPDATE hub.webhook_endpoints SET valid_until = now() WHERE tenant_id = %s AND valid_until IS NOT NULL",
            desk.tenant,
        )
        assert [post(client, each.path, payment(n)).status_code for n, each in enumerate((old, new))] == [404, 200]

    def test_is_not_made_twice_by_accident_and_is_not_kept_in_clear(self, desk: Desk) -> None:
        with pytest.raises(HubError, match="webhook_exists"):
            desk.issue()
        with pytest.raises(HubError, match="webhook_never_sent"):
            endpoints.issue(desk.database, desk.tenant, "arvento", actor=ACTOR)
        with pytest.raises(HubError, match="integration_missing"):
            endpoints.issue(desk.database, desk.tenant, "bulutfon", actor=ACTOR)
        rows = desk.execute("SELECT * FROM hub.webhook_endpoints WHERE tenant_id = %s", desk.tenant)
        assert desk.address.secret.encode() not in repr(rows).encode()
        assert desk.address.secret not in repr(desk.address)


class TestARememberedDoor:
    """An address and its account are remembered for some seconds, and nobody gets in or is kept out by that."""

    def test_of_an_account_with_another_key_now_refuses_the_old_one_and_takes_the_new_one(
        self, desk: Desk, client: httpx.Client
    ) -> None:
        assert post(client, desk.address.path, payment(1)).status_code == 200
        other = desk.keyring.tenant(desk.tenant).seal("integration", "iyzico", b'{"api_key":"k","secret_key":"new"}')
        desk.execute("UPDATE hub.integrations SET credentials_cipher = %s WHERE tenant_id = %s", other, desk.tenant)
        body, headers = payment(2)
        fields = {"event_type": "API_AUTH", "payment_id": "22484059", "conversation_id": "SIP-2", "status": "SUCCESS"}
        renewed = {**headers, HEADER: direct_webhook_signature(Secret("new"), **fields)}

        assert post(client, desk.address.path, (body, headers)).status_code == 403
        assert len(desk.events()) == 1
        assert post(client, desk.address.path, (body, renewed)).json() == {"events": 1, "new": 1}

    def test_that_closed_takes_nothing_that_came_at_the_same_time(self, desk: Desk, client: httpx.Client) -> None:
        post(client, desk.address.path, payment(1))
        desk.execute("UPDATE hub.tenants SET active = false WHERE tenant_id = %s", desk.tenant)
        answers = [post(client, desk.address.path, payment(number)).status_code for number in (1, 2)]
        desk.execute("UPDATE hub.tenants SET active = true WHERE tenant_id = %s", desk.tenant)

        assert answers == [404, 404]
        assert len(desk.events()) == 1
        assert post(client, desk.address.path, payment(2)).json() == {"events": 1, "new": 1}

    def test_is_not_looked_up_for_each_call(
        self, desk: Desk, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        looked: list[str] = []
        whose = endpoints.whose

        def counted(database: Any, provider: str, sought: bytes) -> str | None:
            looked.append(provider)
            return whose(database, provider, sought)

        monkeypatch.setattr(endpoints, "whose", counted)
        for number in range(5):
            assert post(client, desk.address.path, payment(number)).status_code == 200
        assert looked == ["iyzico"]


def test_calls_that_come_together_are_stored_together_and_answered_each_for_itself(desk: Desk) -> None:
    """Twelve calls, of which five are the same, and a new one by a door that is not as it was: it is opened again."""

    async def send() -> list[int]:
        receiver = desk.receiver
        door = await receiver.door("iyzico", desk.address.secret)
        assert door is not None
        calls = [Call(payment(number)[0], payment(number)[1]) for number in [*range(8), 0, 0, 0, 0]]
        stale = replace(door, named={**door.named, "cipher": b"of before"})
        found = await asyncio.gather(
            *(receiver.take(door, each) for each in calls), receiver.take(stale, Call(*payment(8)))
        )
        return [each.new for each in found]

    new = asyncio.run(send())
    assert (len(new), sum(new), new[-1]) == (13, 9, 1)
    assert len(desk.events()) == 9


class TestACall:
    def test_that_another_tenant_sends_to_its_own_address_reaches_nobody_else(
        self, desk: Desk, client: httpx.Client, make_tenant: Any
    ) -> None:
        post(client, desk.address.path, payment(1))
        other = make_tenant()
        with desk.database.tenant(other, "app") as connection:
            row = connection.execute("SELECT count(*) FROM hub.inbox_events").fetchone()
        assert row == (0,)

    def test_without_a_signature_is_refused_unless_the_account_allows_it(
        self, desk: Desk, client: httpx.Client
    ) -> None:
        bare = payment(1)[0], {}
        assert post(client, desk.address.path, bare).status_code == 401
        desk.execute(
            "UPDATE hub.integrations SET settings = '{\"webhook_unsigned\": true}' WHERE tenant_id = %s", desk.tenant
        )
        assert post(client, desk.address.path, bare).status_code == 200
        rows = desk.execute("SELECT signature FROM hub.inbox_events WHERE tenant_id = %s", desk.tenant)
        assert rows == [("unsigned",)]

    def test_under_an_empty_key_is_refused_whatever_it_is_signed_with(self, desk: Desk, client: httpx.Client) -> None:
        empty = desk.keyring.tenant(desk.tenant).seal("integration", "iyzico", b'{"api_key":"k","secret_key":""}')
        desk.execute("UPDATE hub.integrations SET credentials_cipher = %s WHERE tenant_id = %s", empty, desk.tenant)
        assert post(client, desk.address.path, payment(1)).status_code == 403

    def test_that_is_too_long_or_says_nothing_is_refused(self, desk: Desk, client: httpx.Client) -> None:
        body, headers = payment(1)
        assert post(client, desk.address.path, (body + b" " * MOST_BYTES, headers)).status_code == 413
        desk.execute(
            "UPDATE hub.integrations SET settings = '{\"webhook_unsigned\": true}' WHERE tenant_id = %s", desk.tenant
        )
        for nonsense in (b"", b"[]", b"{}", b"\xff", b"[" * 100_000):
            assert post(client, desk.address.path, (nonsense, {})).status_code == 400
        assert desk.events() == []

    def test_whose_body_does_not_come_is_not_waited_for(self, desk: Desk) -> None:
        async def never() -> Any:
            yield b"{"
            await asyncio.Event().wait()

        async def send() -> int:
            app = receiver_app(desk.receiver, body_seconds=0.05)
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:
                return (await client.post(desk.address.path, content=never())).status_code

        # In memory, the transport hands over what there is and waits for more as a socket would.
        assert asyncio.run(asyncio.wait_for(send(), 30)) == 408
