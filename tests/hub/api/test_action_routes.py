"""Messages and actions by the API, over Netgsm's stand-in: what goes out, what is told of it, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from connectors.sandbox.server import Sandbox
from hub.identity.permissions import Role

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

COMPANY = "api-sms"
PHONE = "+905321234567"


@pytest.fixture(scope="module")
def netgsm(door: Door) -> Iterator[Sandbox]:
    """Both tenants have an account at the stand-in."""
    with Sandbox(seed=7) as running:
        credentials = json.dumps(running.credentials(COMPANY, "netgsm")).encode()
        settings = json.dumps({"msgheader": "FIRMA", "sms_part_price": "0.20", "reports_per_minute": 100_000})
        for tenant in (door.own, door.other):
            sealed = door.services.keyring.tenant(tenant).seal("integration", "netgsm", credentials)
            with door.services.database.tenant(tenant, "app") as connection:
                connection.execute(
                    "INSERT INTO hub.integrations (tenant_id, provider, environment, base_url, credentials_cipher,"
                    " settings, state) VALUES (%s, 'netgsm', 'sandbox', %s, %s, %s, 'active')",
                    (tenant, running.url, sealed, settings),
                )
        yield running
        for tenant in (door.own, door.other):
            with door.services.database.tenant(tenant, "app") as connection:
                for table in ("action_attempts", "actions", "action_holds", "integrations"):
                    connection.execute(f"DELETE FROM hub.{table} WHERE tenant_id = %s", (tenant,))  # noqa: S608


@pytest.fixture
def client(door: Door, netgsm: Sandbox) -> Iterator[httpx.Client]:
    del netgsm
    with door.client(Role.OWNER) as opened:
        yield opened


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def sms(*texts: str, **more: Any) -> dict[str, Any]:
    return {"messages": [{"to": PHONE, "text": text, **more} for text in texts]}


def fields(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


def test_messages_are_queued_once_under_the_calls_key(client: httpx.Client, door: Door) -> None:
    same = key()
    first = client.post("/api/v1/messages/sms", json=sms("Bir", "İki"), headers=same)
    assert first.status_code == 202
    batch = first.json()
    assert [each["state"] for each in batch["actions"]] == ["pending", "pending"]
    # A day later the API has forgotten the call, and the outbox has not.
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute("DELETE FROM hub.api_answers WHERE tenant_id = %s", (door.own,))
    again = client.post("/api/v1/messages/sms", json=sms("Bir", "İki"), headers=same).json()
    assert [each["action_id"] for each in again["actions"]] == [each["action_id"] for each in batch["actions"]]
    assert all(each["repeated"] for each in again["actions"])
    other = client.post("/api/v1/messages/sms", json=sms("Bir", "Üç"), headers=same)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_of_another_call")
    listed = client.get("/api/v1/actions", params={"batch": batch["batch_id"]}).json()["items"]
    assert {each["action_id"] for each in listed} == {each["action_id"] for each in batch["actions"]}


def test_without_a_key_nothing_is_sent(client: httpx.Client) -> None:
    for path, body in (("messages/sms", sms("Bir")), ("actions", {"kind": "netgsm.sms", "payload": {}})):
        answer = client.post(f"/api/v1/{path}", json=body)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_wrong_messages_are_named_by_their_place_and_nothing_is_queued(client: httpx.Client) -> None:
    body = {"messages": [{"to": PHONE, "text": "Bir"}, {"to": "+442071234567", "text": "x"}, {"to": PHONE}]}
    assert fields(client.post("/api/v1/messages/sms", json=body, headers=key())) == {
        "messages.2.text": "template_or_text"
    }
    answer = client.post("/api/v1/messages/sms", json={"messages": body["messages"][:2]}, headers=key())
    assert fields(answer) == {"messages.1.to": "sms_phone_not_mobile"}
    assert "2071234567" not in answer.text
    alone = client.post("/api/v1/messages/sms", json={"messages": body["messages"][1:2]}, headers=key())
    assert fields(alone) == {"messages.0.to": "sms_phone_not_mobile"}


def test_a_template_makes_each_text(client: httpx.Client) -> None:
    template = {
        "name": "hazir",
        "channel": "sms",
        "kind": "transactional",
        "text": "Sipariş {{ no }} hazır.",
        "variables": {"no": "text"},
    }
    assert client.post("/api/v1/templates", json=template).status_code == 201
    wording = {"name": "hazir", "variables": {"no": "A-7"}}
    sent = client.post(
        "/api/v1/messages/sms", json={"messages": [{"to": PHONE, "template": wording}]}, headers=key()
    ).json()
    shown = client.get(f"/api/v1/actions/{sent['actions'][0]['action_id']}").json()
    assert (shown["template"], shown["summary"]["characters"]) == ("hazir", 20)  # ş and ı count two
    wrong = {"messages": [{"to": PHONE, "template": {"name": "hazir", "variables": {}}}]}
    assert list(fields(client.post("/api/v1/messages/sms", json=wrong, headers=key()))) == ["messages.0.variables.no"]


def test_a_one_time_password_is_sent_while_the_caller_waits(client: httpx.Client, netgsm: Sandbox) -> None:
    before = len(netgsm.world.ledger.deeds(provider="netgsm", company=COMPANY, what="otp"))
    answer = client.post("/api/v1/messages/otp", json={"to": PHONE, "text": "Kodunuz: 482913"}, headers=key())
    assert answer.status_code == 202
    assert answer.json()["state"] == "accepted"
    assert PHONE not in answer.text
    assert "482913" not in answer.text
    assert len(netgsm.world.ledger.deeds(provider="netgsm", company=COMPANY, what="otp")) == before + 1
    shown = client.get(answer.headers["location"]).json()
    assert [each["outcome"] for each in shown["attempts_made"]] == ["taken"]


def test_a_password_says_its_words_for_its_own_channel(client: httpx.Client) -> None:
    body = {"to": PHONE, "channel": "whatsapp", "text": "Kod"}
    found = fields(client.post("/api/v1/messages/otp", json=body, headers=key()))
    assert found == {"code": "otp_code_missing", "text": "field_unexpected"}


def test_a_text_is_priced_and_not_sent(client: httpx.Client) -> None:
    found = client.post("/api/v1/messages/sms/price", json={"text": "İyi günler Ayşe"}).json()
    assert [each["encoding"] for each in found] == ["GSM", "TR", "UNICODE"]
    assert [each["chosen"] for each in found] == [False, True, False]
    assert found[1]["cost"] == "0.20"


def test_the_kinds_own_rules_check_a_payload(client: httpx.Client) -> None:
    body = {"kind": "netgsm.sms", "payload": {"to": "x", "text": "Bir", "who": 1}}
    found = fields(client.post("/api/v1/actions", json=body, headers=key()))
    assert found == {"payload.to": "sms_phone_not_mobile", "payload.who": "field_unknown"}
    unknown = client.post("/api/v1/actions", json={"kind": "netgsm.fax", "payload": {}}, headers=key())
    assert (unknown.status_code, unknown.json()["code"]) == (422, "action_kind_unknown")


@pytest.mark.parametrize("kind", ["findeks.report", "nilvera.einvoice"])
def test_what_has_rules_of_its_own_is_not_asked_for_here(client: httpx.Client, kind: str) -> None:
    answer = client.post("/api/v1/actions", json={"kind": kind, "payload": {"consent_id": "1"}}, headers=key())
    assert answer.json()["code"] == "action_kind_elsewhere"


def test_many_actions_are_all_or_none(client: httpx.Client) -> None:
    right = {"kind": "netgsm.sms", "payload": {"to": PHONE, "text": "Bir", "commercial": False}}
    wrong = {**right, "payload": {"to": PHONE, "text": "Bir"}, "not_after": "2020-01-01T00:00:00+03:00"}
    refused = client.post("/api/v1/actions/batch", json={"actions": [right, wrong]}, headers=key())
    assert fields(refused) == {"actions.1.not_after": "field_in_the_past"}
    done = client.post("/api/v1/actions/batch", json={"actions": [right, right]}, headers=key())
    assert done.status_code == 202
    assert len({each["action_id"] for each in done.json()["actions"]}) == 2


def test_lists_go_page_by_page_newest_first(client: httpx.Client) -> None:
    client.post("/api/v1/messages/sms", json=sms("a", "b", "c"), headers=key())
    wanted = {"kind": "netgsm.sms", "state": "pending", "limit": 2}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = client.get("/api/v1/actions", params={**wanted, **({"cursor": cursor} if cursor else {})}).json()
        seen += [each["action_id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) >= 3
    foreign = client.get("/api/v1/actions", params={"cursor": "WyJhIiwiYiJd"})
    assert (foreign.status_code, foreign.json()["code"]) == (400, "cursor_malformed")


def test_a_person_decides_what_becomes_of_an_action(client: httpx.Client, door: Door) -> None:
    sent = client.post("/api/v1/messages/sms", json=sms("Geri al"), headers=key()).json()
    path = f"/api/v1/actions/{sent['actions'][0]['action_id']}"
    assert client.post(f"{path}/reconcile").json()["code"] == "action_not_stuck"
    withdrawn = client.post(f"{path}/withdraw").json()
    assert (withdrawn["state"], withdrawn["reason"]) == ("failed", "withdrawn")
    assert withdrawn["reason_text"] != "withdrawn"
    conflict = client.post(f"{path}/withdraw")
    assert (conflict.status_code, conflict.json()["code"]) == (409, "action_not_waiting")
    assert client.post(f"{path}/retry").json()["state"] == "pending"
    client.post(f"{path}/withdraw")
    untried = client.post(f"{path}/settle", json={"became": "delivered"})
    assert (untried.status_code, untried.json()["code"]) == (409, "action_never_tried")
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        for tail in ("", "/withdraw", "/retry", "/reconcile"):
            answer = stranger.post(path + tail) if tail else stranger.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "action_unknown")


def test_a_cap_is_set_and_what_was_used_is_told(client: httpx.Client) -> None:
    for given, kept in (("12.505", "12.505"), ("1e3", "1000.00"), ("250", "250.00")):
        put = client.put("/api/v1/spend/caps/netgsm", json={"daily_amount": given})
        shown = client.get("/api/v1/spend/caps/netgsm")
        assert put.json() == shown.json()
        assert (put.headers["etag"], put.json()["daily_amount"]) == (shown.headers["etag"], kept)
    assert client.get("/api/v1/spend/caps").json() == [
        {"provider": "netgsm", "currency": "TRY", "daily_count": None, "daily_amount": "250.00"}
    ]
    client.post("/api/v1/messages/otp", json={"to": PHONE, "text": "Kodunuz: 482913"}, headers=key())
    assert client.get("/api/v1/spend").json()[0]["provider"] == "netgsm"
    assert client.put("/api/v1/spend/caps/nobody", json={}).status_code == 404
    client.put("/api/v1/spend/caps/netgsm", json={})


def test_a_machine_sends_and_an_analyst_only_reads(door: Door, netgsm: Sandbox) -> None:
    del netgsm
    with door.client(Role.MACHINE) as machine:
        assert machine.post("/api/v1/messages/sms", json=sms("Bir"), headers=key()).status_code == 202
    with door.client(Role.ANALYST) as analyst:
        assert analyst.get("/api/v1/actions").status_code == 200
        assert analyst.post("/api/v1/messages/sms", json=sms("Bir"), headers=key()).status_code == 403


def test_deep_bodies_and_far_times_are_the_callers_fault(client: httpx.Client) -> None:
    deep = '{"kind": "netgsm.sms", "payload": {"x": ' + "[" * 400 + "]" * 400 + "}}"
    headers = {**key(), "Content-Type": "application/json"}
    assert client.post("/api/v1/actions", content=deep, headers=headers).status_code == 422
    body = {"kind": "netgsm.sms", "payload": {}, "not_after": "0001-01-01T00:00:00+14:00"}
    assert fields(client.post("/api/v1/actions", json=body, headers=key())) == {"not_after": "field_not_a_date"}
