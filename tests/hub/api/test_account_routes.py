"""What a tenant's accounts hold, asked and answered over stand-ins: payment links, credit, templates, cursors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from connectors.sandbox.meta import keys as meta
from connectors.sandbox.server import Sandbox
from hub.identity.permissions import Role
from hub.outbox.at_once import at_once
from hub.outbox.open import open_outbox
from hub.sync.fetch import http_client
from tests.connectors.iyzico.test_checks import PNG

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

COMPANY = "api-accounts"
NAME = "Ayşe Yılmaz'a özel kitap"
LINK = {"name": NAME, "description": "Bir adet", "amount": "120.50", "currency": "TRY", "image": PNG}


@pytest.fixture(scope="module")
def stand_ins(door: Door) -> Iterator[Sandbox]:
    """Tenant `own` has an account at iyzico's, Netgsm's and Meta's stand-ins."""
    with Sandbox(seed=7) as running:
        settings = {"iyzico": {}, "netgsm": {"msgheader": "FIRMA"}, "whatsapp": meta.ids(7, COMPANY)}
        for provider, values in settings.items():
            secrets = json.dumps(running.credentials(COMPANY, provider)).encode()
            sealed = door.services.keyring.tenant(door.own).seal("integration", provider, secrets)
            with door.services.database.tenant(door.own, "app") as connection:
                connection.execute(
                    "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher,"
                    " settings, state) VALUES (%s, %s, 'sandbox', %s, %s, %s, 'active')",
                    (door.own, provider, running.url, sealed, json.dumps(values)),
                )
        yield running
        with door.services.database.tenant(door.own, "app") as connection:
            for table in ("action_attempts", "actions", "action_holds", "sync_state", "integrations"):
                connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (door.own,))  # noqa: S608


@pytest.fixture
def client(door: Door, stand_ins: Sandbox) -> Iterator[httpx.Client]:
    del stand_ins
    with door.client(Role.OWNER) as opened:
        yield opened


def asked_for(client: httpx.Client, kind: str, payload: dict[str, Any]) -> str:
    """The path of an action."""
    answer = client.post(
        "/api/v1/actions", json={"kind": kind, "payload": payload}, headers={"Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 202, answer.text
    return answer.headers["location"]


def do(door: Door, path: str) -> None:
    """What the outbox's next round does."""

    async def run() -> None:
        async with http_client() as http:
            outbox = open_outbox(door.services.database, door.services.keyring)
            await at_once(outbox, door.own, UUID(path.rpartition("/")[2]), http)

    asyncio.run(run())


def test_a_links_address_is_read_by_who_may_ask_for_one_and_is_in_no_list(client: httpx.Client, door: Door) -> None:
    path = asked_for(client, "iyzico.payment_link", LINK)
    early = client.get(f"{path}/link")
    assert (early.status_code, early.json()["code"]) == (409, "action_link_not_made")
    do(door, path)
    with door.client(Role.MACHINE) as machine:
        found = machine.get(f"{path}/link").json()
    assert found["url"] == f"https://sandbox.iyzi.link/{found['token']}"
    listed = client.get("/api/v1/actions", params={"kind": "iyzico.payment_link"})
    shown = client.get(path)
    assert shown.json()["state"] == "delivered"
    log = client.get("/api/v1/audit", params={"action": "action.link_read"})
    for answer in (listed, shown, log):
        assert not [each for each in (found["url"], found["token"], "Ayşe") if each in answer.text]
    assert [each["object"] for each in log.json()["items"]] == [f"action:{path.rpartition('/')[2]}"]
    for role in (Role.ANALYST, Role.DPO):
        with door.client(role) as reader:
            assert reader.get(path).status_code == 200
            assert reader.get(f"{path}/link").status_code == 403
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        assert stranger.get(f"{path}/link").json()["code"] == "action_unknown"
    disabling = asked_for(client, "iyzico.payment_link_disable", {"token": found["token"]})
    assert client.get(f"{disabling}/link").json()["code"] == "action_link_unknown"
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute("UPDATE hub.actions SET private_cipher = NULL WHERE tenant_id = %s", (door.own,))
    gone = client.get(f"{path}/link")
    assert (gone.status_code, gone.json()["code"]) == (404, "action_link_gone")


def test_credit_sender_names_and_templates_are_asked_of_the_provider(client: httpx.Client, door: Door) -> None:
    balance = client.get("/api/v1/messages/sms/balance")
    assert balance.status_code == 200, balance.text
    assert float(balance.json()["credit"]) > 0
    assert client.get("/api/v1/messages/sms/headers").json()["headers"]
    templates = client.get("/api/v1/messages/whatsapp/templates").json()
    assert {each["status"] for each in templates} >= {"APPROVED", "PAUSED"}
    assert [each["name"] for each in templates] == sorted(each["name"] for each in templates)
    assert {each["sendable"] for each in templates if each["status"] == "PAUSED"} == {False}
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        for path in ("sms/balance", "sms/headers", "whatsapp/templates"):
            answer = stranger.get(f"/api/v1/messages/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "integration_missing")


def test_a_provider_that_refuses_the_credentials_is_told_as_502(
    client: httpx.Client, door: Door, stand_ins: Sandbox
) -> None:
    wrong = json.dumps({**stand_ins.credentials(COMPANY, "netgsm"), "password": "wrong"}).encode()
    sealed = door.services.keyring.tenant(door.own).seal("integration", "netgsm", wrong)
    change = "UPDATE hub.integrations SET credentials_cipher = %s WHERE tenant_id = %s AND provider = 'netgsm'"
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute(change, (sealed, door.own))
    answer = client.get("/api/v1/messages/sms/balance")
    assert (answer.status_code, answer.json()["code"]) == (502, "credentials_rejected")


def test_a_stream_is_read_again_from_its_start(client: httpx.Client, door: Door) -> None:
    own = {"tenant": door.own}
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute(
            "INSERT INTO hub.sync_state (tenant_id, provider, stream) VALUES (%(tenant)s, 'iyzico', 'transactions')",
            own,
        )
    with door.services.database.tenant(door.own, "loader") as connection:
        connection.execute("UPDATE hub.sync_state SET synced_until = now() WHERE tenant_id = %(tenant)s", own)
    path = "/api/v1/integrations/iyzico/reset-cursor"
    assert [each["field"] for each in client.post(path, json={"stream": "nope"}).json()["errors"]] == ["stream"]
    assert client.post(path, json={"stream": "transactions"}).json() == {"streams": ["transactions"]}
    assert client.post(path, json={}).json() == {"streams": []}
    with door.client(Role.ENGINEER, tenant=door.other) as stranger:
        assert stranger.post(path, json={}).json()["code"] == "integration_missing"
