"""WhatsApp and Netgsm from their stand-ins' calls to what they do here, over real HTTP and through a real sync."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.registry import PROVIDERS
from connectors.sandbox.meta import hooks, keys, people
from connectors.sandbox.netgsm import pushes
from connectors.sandbox.netgsm.desk import desk_of
from connectors.sandbox.server import Sandbox
from hub.inbox import conversations, endpoints
from hub.keys.vault import Vault
from hub.sync.batch import BatchRequest, Engine, sync_batch
from hub.sync.windows import Asked
from kvkk_policies.gate import Gate
from kvkk_policies.policy import load_policies
from tests.hub.inbox.conftest import ACTOR, Desk, account
from tests.support.shop import NoDetector

PHONE, DIGITS = "+905321234567", "905321234567"
COMPANY = "dukkan"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(seed=11, start=datetime.now(UTC) - timedelta(minutes=5)) as opened:
        yield opened


@pytest.fixture
def engine(desk: Desk) -> Engine:
    policies = load_policies()
    vault = Vault(desk.database, desk.keyring)
    return Engine(desk.database, desk.keyring, vault, Gate(policies, NoDetector()), policies)


def connect(desk: Desk, sandbox: Sandbox, provider: str, **settings: Any) -> str:
    """An active account at the stand-in, and the address that it calls."""
    account((desk.database, desk.keyring), desk.tenant, provider, **sandbox.credentials(COMPANY, provider))
    desk.execute(
        "UPDATE hub.integrations SET settings = %s::jsonb, base_url = %s WHERE tenant_id = %s AND provider = %s",
        json.dumps(settings), sandbox.url, desk.tenant, provider,
    )  # fmt: skip
    return endpoints.issue(desk.database, desk.tenant, provider, actor=ACTOR).path


def deliver(sandbox: Sandbox, client: httpx.Client, path: str, provider: str, **how: Any) -> list[int]:
    """Let the stand-in send what it owes to the address, as Meta only after its challenge was answered."""
    url = str(client.base_url).rstrip("/") + path

    async def send() -> list[int]:
        async with httpx.AsyncClient(trust_env=False) as opened:
            if provider == "whatsapp":
                assert await hooks.subscribe(sandbox.world, COMPANY, url, opened)
            else:
                sandbox.world.hooks.subscribe(provider, COMPANY, url)
            return await sandbox.world.hooks.deliver(opened, **how)

    return asyncio.run(send())


def synced(desk: Desk, engine: Engine, provider: str, **asked: Any) -> list[dict[str, Any]]:
    """Sync the incoming messages, and what landed."""
    request = BatchRequest([desk.tenant], ["incoming_messages"], asked=Asked(**asked))
    result = sync_batch(engine, PROVIDERS[provider], request, run_id="run-1")
    assert result.failed == 0, result
    with desk.database.tenant(desk.tenant, "loader") as connection:
        cursor = connection.execute(
            f"SELECT * FROM landing.{provider}_incoming_messages WHERE tenant_id = %s ORDER BY sent_at".encode(),  # noqa: S608 - our own names
            (desk.tenant,),
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


class TestWhatsApp:
    def test_a_message_opens_the_conversation_and_lands_masked_however_often_it_is_sent(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox, engine: Engine
    ) -> None:
        path = connect(desk, sandbox, "whatsapp", **keys.ids(sandbox.world.seed, COMPANY))
        people.writes(sandbox.world, COMPANY, DIGITS, "Siparişim nerede?")
        people.writes(sandbox.world, COMPANY, "905329999999", "dur")
        assert deliver(sandbox, client, path, "whatsapp", times=3, shuffle_seed=4) == [200] * 6
        assert desk.handle() == {"handled": 2}

        pseudonymiser = desk.keyring.tenant(desk.tenant).pseudonymiser()
        contact = pseudonymiser.one("phone", PHONE)
        with desk.database.tenant(desk.tenant, "app") as connection:
            heard = conversations.last_heard(connection, desk.tenant, {("whatsapp", contact)})
        assert set(heard) == {("whatsapp", contact)}
        assert [channel for channel, _ in desk.told.refusals] == ["whatsapp"]
        ((due,),) = desk.execute(
            "SELECT next_due_at <= now() FROM hub.integrations WHERE tenant_id = %s AND provider = 'whatsapp'",
            desk.tenant,
        )
        assert due is True

        landed = synced(desk, engine, "whatsapp")
        assert sorted(row["writer_phone"] for row in landed) == sorted(
            [contact, pseudonymiser.one("phone", "+905329999999")]
        )
        assert {row["kind"] for row in landed} == {"text"}
        assert DIGITS[2:] not in str(landed)
        assert synced(desk, engine, "whatsapp", full=True) == landed

    def test_statuses_reach_the_outbox_and_those_of_another_number_nobody(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox
    ) -> None:
        path = connect(desk, sandbox, "whatsapp", **keys.ids(sandbox.world.seed, COMPANY))
        someone = people.writes(sandbox.world, COMPANY, DIGITS, "merhaba")
        status = {
            "id": someone,
            "status": "delivered",
            "timestamp": str(int(datetime.now(UTC).timestamp())),
            "recipient_id": DIGITS,
            "biz_opaque_callback_data": "a" * 32,
        }
        hooks.owe(sandbox.world, COMPANY, "messages", {"statuses": [status]})
        foreign = {"metadata": {"phone_number_id": "1" * 15}, "statuses": [{**status, "status": "failed"}]}
        hooks.owe(sandbox.world, COMPANY, "messages", foreign)
        assert set(deliver(sandbox, client, path, "whatsapp")) == {200}
        assert desk.handle() == {"handled": 3}

        ((tenant, provider, heard),) = desk.told.states
        assert (tenant, provider, heard.reference, heard.found.state) == (
            desk.tenant, "whatsapp", "a" * 32, "delivered",
        )  # fmt: skip

    def test_the_challenge_is_answered_to_whoever_knows_the_word_alone(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox
    ) -> None:
        path = connect(desk, sandbox, "whatsapp", **keys.ids(sandbox.world.seed, COMPANY))
        word = sandbox.credentials(COMPANY, "whatsapp")["verify_token"]
        asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": word}
        right = client.get(path, params=asked)
        assert (right.status_code, right.text) == (200, "1158201444")
        assert right.headers["content-type"].startswith("text/plain")
        assert client.get(path, params={**asked, "hub.verify_token": "x"}).status_code == 403
        assert client.get(path).status_code == 403
        assert client.post(path, content=b"{}").status_code == 401
        assert client.post(path, content=b"{}", headers={"x-hub-signature-256": "sha256=0"}).status_code == 403


class TestNetgsm:
    def test_a_text_is_read_from_netgsm_and_a_refusal_heeded_at_once(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox, engine: Engine
    ) -> None:
        path = connect(desk, sandbox, "netgsm")
        netgsm = desk_of(sandbox.world)
        netgsm.receive(COMPANY, DIGITS[2:], "RET")
        netgsm.receive(COMPANY, "5329999999", "Teşekkürler")
        pushes.owe_what_came_about(netgsm)
        assert deliver(sandbox, client, path, "netgsm", times=2) == [200] * 4
        assert desk.handle() == {"handled": 2}

        contact = desk.keyring.tenant(desk.tenant).pseudonymiser().one("phone", PHONE)
        assert desk.told.refusals == [("sms", (("phone", contact),))]
        landed = synced(desk, engine, "netgsm")
        assert contact in {row["sender"] for row in landed}
        assert len(landed) == 2
        assert DIGITS[2:] not in str(landed)

    def test_a_report_is_believed_nothing_of_and_asked_about(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox
    ) -> None:
        path = connect(desk, sandbox, "netgsm")
        report = {"jobid": "17377215342605050417149344", "telno": DIGITS, "durum": "1", "referansID": "b" * 32}
        assert client.get(path, params=report).json() == {"events": 1, "new": 1}
        assert client.post(path, json=[report]).json() == {"events": 1, "new": 0}
        assert client.post(path, data={**report, "durum": "2"}).json() == {"events": 1, "new": 1}
        assert client.get(path).status_code == 400
        assert desk.handle() == {"handled": 2}

        assert desk.told.states == []
        assert {about.reference for about in desk.told.asked} == {"b" * 32}
        assert all(about.provider_reference for about in desk.told.asked)

    def test_what_iys_changed_is_heard_through_netgsm_and_a_refusal_alone_holds(
        self, desk: Desk, client: httpx.Client, sandbox: Sandbox
    ) -> None:
        path = connect(desk, sandbox, "netgsm", iys_brand_code="660001")
        told = {
            "iyscode": "660000", "brandcode": "660001", "type": "MESAJ", "source": "IYS_WEB", "status": "ONAY",
            "consentDate": "2026-03-01 10:00:00", "recipientType": "BIREYSEL", "recipient": PHONE,
            "submitid": "1", "resultstatus": "success",
        }  # fmt: skip
        refused = {**told, "status": "RET", "consentDate": "2026-03-02 10:00:00"}
        foreign = {**refused, "brandcode": "1", "recipient": "+905321234568"}
        unheeded = {**refused, "resultstatus": "failure", "errcode": "H155", "recipient": "+905321234569"}
        allowed = {**told, "recipient": "+905321234570"}
        for new in (3, 0):
            answer = client.post(path, json=[told, refused, foreign, unheeded, allowed])
            assert (answer.status_code, answer.json()) == (200, {"events": 3, "new": new})
        assert client.post(path, json=[unheeded]).json() == {"events": 0, "new": 0}
        assert desk.handle() == {"handled": 3}

        pseudonym = desk.keyring.tenant(desk.tenant).pseudonymiser().one("phone", PHONE)
        states = desk.execute("SELECT recipient, status FROM hub.iys_states WHERE tenant_id = %s", desk.tenant)
        assert states == [(pseudonym, "RET")]
