from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from connectors.sandbox.meta import hooks, keys, people
from connectors.sandbox.server import Sandbox
from connectors.secret import Secret
from connectors.whatsapp.bodies import told
from connectors.whatsapp.events import IncomingMessage, MessageStatus
from connectors.whatsapp.webhooks import SIGNATURE_HEADER, signature
from tests.connectors.raw_server import http, raw_server
from tests.connectors.whatsapp.sending import TEMPLATE, act, done, phone_of, spec_of, told_of


def posted(sandbox: Sandbox, company: str, path: str, document: dict[str, Any]) -> httpx.Response:
    token = sandbox.credentials(company, "whatsapp")["access_token"]
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{sandbox.url}{path}", json=document, headers={"authorization": f"Bearer {token}"})


def message(sandbox: Sandbox, company: str, **changes: Any) -> httpx.Response:
    document = {
        "messaging_product": "whatsapp",
        "to": "+90 (555) 111-22-33",
        "type": "template",
        "template": {
            "name": "siparis_durumu",
            "language": {"code": "tr"},
            "components": [
                {"type": "BODY", "parameters": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}
            ],
        },
    }
    changed = {name: value for name, value in {**document, **changes}.items() if value is not None}
    return posted(sandbox, company, f"/v23.0/{keys.number_id(sandbox.world.seed, company)}/messages", changed)


def code(answer: httpx.Response) -> int:
    return answer.json()["error"]["code"]


def test_the_same_message_sent_twice_is_two_messages(sandbox: Sandbox) -> None:
    wamids = [message(sandbox, "twice", biz_opaque_callback_data="r").json()["messages"][0]["id"] for _ in range(2)]
    assert len(set(wamids)) == 2
    assert sandbox.world.ledger.counts(provider="whatsapp", company="twice") == {"r": 2}


def test_a_message_id_holds_the_number_as_the_real_ones_do(sandbox: Sandbox) -> None:
    import base64

    wamid = message(sandbox, "ids").json()["messages"][0]["id"]
    assert b"905551112233" in base64.b64decode(wamid.removeprefix("wamid."))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"messaging_product": None}, 100),
        ({"to": None}, 131008),
        ({"to": None, "recipient": "TR.404"}, 131026),
        ({"type": "gif"}, 131051),
        ({"template": None}, 131008),
        ({"biz_opaque_callback_data": "x" * 513}, 131009),
        ({"template": {"name": "siparis_durumu", "language": {"code": "en"}}}, 132001),
        ({"template": {"name": "siparis_durumu", "language": {"code": "tr"}}}, 132000),
        ({"template": {"name": "eski_kampanya", "language": {"code": "tr"}}}, 132015),
        ({"template": {"name": "yeni_kampanya", "language": {"code": "tr"}}}, 132001),
        ({"template": {"name": "fatura", "language": {"code": "tr"}}}, 132012),
        ({"type": "text", "text": {"body": "x"}}, 131047),
    ],
)
def test_what_is_wrong_is_refused_with_metas_code_and_not_done(
    sandbox: Sandbox, changes: dict[str, Any], expected: int
) -> None:
    company = f"wrong-{expected}-{'-'.join(changes)}"
    answer = message(sandbox, company, **changes)
    assert answer.is_error
    assert code(answer) == expected
    assert sandbox.world.ledger.deeds(provider="whatsapp", company=company) == []
    assert sandbox.world.hooks.waiting(company=company) == []


def test_a_wrong_token_reaches_nothing(sandbox: Sandbox) -> None:
    path = f"/v23.0/{keys.number_id(sandbox.world.seed, 'a')}/messages"
    with httpx.Client(trust_env=False) as client:
        answers = [
            client.post(f"{sandbox.url}{path}", json={}, headers=headers)
            for headers in ({}, {"authorization": "Bearer EAAsandbox61xwrong"}, {"authorization": "Basic x"})
        ]
    assert [(answer.status_code, code(answer)) for answer in answers] == [(401, 190)] * 3


def test_a_refusal_by_webhook_follows_an_accepted_message(sandbox: Sandbox) -> None:
    people.meets(sandbox.world, "later-1", "+905551112233", 131049, later=True)
    assert message(sandbox, "later-1").is_success
    ((event,),) = (each.events for each in told_of(sandbox, "later-1"))
    assert isinstance(event, MessageStatus)
    assert (event.fate, event.errors) == ("failed", (131049,))


def test_its_hooks_are_signed_and_escaped_as_metas(sandbox: Sandbox) -> None:
    people.writes(sandbox.world, "signed", phone_of(sandbox, "signed"), "Kargom nerede? Çabuk 🚚")
    (hook,) = sandbox.world.hooks.waiting(provider="whatsapp", company="signed")
    secret = Secret(sandbox.credentials("signed", "whatsapp")["app_secret"])
    assert signature(secret, hook.body, hook.headers[SIGNATURE_HEADER.lower()]) == "right"
    assert hook.body.isascii()
    (event,) = told(hook.body).events
    assert isinstance(event, IncomingMessage)
    assert event.text == "Kargom nerede? Çabuk 🚚"


def test_a_person_with_a_user_name_may_write_without_a_number(sandbox: Sandbox) -> None:
    phone = phone_of(sandbox, "hidden")
    people.writes(sandbox.world, "hidden", phone, hide_number=True)
    ((event,),) = (each.events for each in told_of(sandbox, "hidden"))
    assert isinstance(event, IncomingMessage)
    assert event.person.phone is None
    assert event.person.user_id == keys.user_id(sandbox.world.seed, "hidden", phone.removeprefix("+"))


def test_an_address_gets_events_only_after_it_answered_the_challenge(sandbox: Sandbox) -> None:
    async def run(answer: bytes) -> bool:
        async with raw_server(http(200, answer)) as server, httpx.AsyncClient(trust_env=False) as client:
            return await hooks.subscribe(sandbox.world, "asks", f"{server.url}/hook", client)

    assert not asyncio.run(run(b"42"))

    async def echoing() -> tuple[bool, list[int]]:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            query = httpx.QueryParams(head.split(b" ")[1].decode().partition("?")[2])
            writer.write(http(200, query.get("hub.challenge", "").encode()))
            await writer.drain()
            writer.close()

        listening = await asyncio.start_server(echo, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/"
        async with listening, httpx.AsyncClient(trust_env=False) as client:
            taken = await hooks.subscribe(sandbox.world, "asks", url, client)
            people.writes(sandbox.world, "asks", "+905551112233")
            return taken, await sandbox.world.hooks.deliver(client)

    assert asyncio.run(echoing()) == (True, [200])


def test_another_process_learns_the_ids_and_lets_people_write(sandbox: Sandbox) -> None:
    phone = phone_of(sandbox, "far")
    with httpx.Client(trust_env=False, base_url=f"{sandbox.url}/_sandbox/whatsapp/far") as client:
        assert client.get("/settings").json() == keys.ids(sandbox.world.seed, "far")
        wrote = client.post("/incoming", json={"phone": phone, "text": "Merhaba"})
        refused = client.post("/refusals", json={"phone": phone, "code": 131056})
        wrong = client.post("/incoming", content=b"[")
    assert (wrote.status_code, refused.status_code, wrong.status_code) == (201, 201, 422)
    assert len(sandbox.world.hooks.waiting(company="far")) == 1
    connection = spec_of(sandbox, "far")
    kinds = [type(done(connection, "whatsapp.template", act({"to": phone, **TEMPLATE}))).__name__ for _ in range(2)]
    assert kinds == ["Refused", "Taken"]


def test_a_new_template_waits_for_its_approval(sandbox: Sandbox) -> None:
    waba_id = keys.waba_id(sandbox.world.seed, "new")
    made = {
        "name": "yeni",
        "language": "tr",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Merhaba"}],
    }
    answer = posted(sandbox, "new", f"/v23.0/{waba_id}/message_templates", made)
    assert answer.json()["status"] == "PENDING"
    filled = {"name": "yeni", "language": {"code": "tr"}}
    assert code(message(sandbox, "new", template=filled)) == 132001
    people.template_becomes(sandbox.world, "new", "yeni", "APPROVED")
    assert message(sandbox, "new", template=filled).is_success
    assert json.loads(sandbox.world.hooks.waiting(company="new")[0].body)["entry"][0]["id"] == waba_id
