"""Invoices by the API, over Nilvera's stand-in: issued once, followed, downloaded by whoever may, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from connectors.sandbox.server import Sandbox
from hub.identity.permissions import Role
from tests.hub.einvoice.issue.conftest import Shop, opened_shop

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door


@pytest.fixture(scope="module")
def shop(door: Door) -> Iterator[Shop]:
    """Tenant `own` issues through Nilvera's stand-in."""
    services = door.services
    with Sandbox(seed=7, start=datetime.now(UTC)) as office:
        yield opened_shop(services.settings, services.database, lambda: door.own, office)
    with services.database.tenant(door.own, "app") as connection:
        connection.execute("DELETE FROM hub.integrations WHERE tenant_id = %s", (door.own,))


@pytest.fixture
def client(door: Door, shop: Shop) -> Iterator[httpx.Client]:
    del shop
    with door.client(Role.OWNER) as opened:
        yield opened


@pytest.fixture(scope="module")
def issued(door: Door, shop: Shop) -> dict[str, Any]:
    with door.client(Role.OWNER) as client:
        answer = client.post("/api/v1/invoices", json={"invoice": shop.values()}, headers=key())
    assert answer.status_code == 201, answer.text
    return answer.json()


def key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}


def test_an_invoice_is_issued_once_under_its_key(client: httpx.Client, shop: Shop, door: Door) -> None:
    same, values = key(), shop.values()
    first = client.post("/api/v1/invoices", json={"invoice": values}, headers=same)
    assert (first.status_code, first.json()["state"], first.json()["kind"]) == (201, "issued", "earchive")
    assert first.json()["warnings"] == []
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute("DELETE FROM hub.api_answers WHERE tenant_id = %s", (door.own,))
    again = client.post("/api/v1/invoices", json={"invoice": values}, headers=same)
    assert again.json()["number"] == first.json()["number"]
    assert client.post("/api/v1/invoices", json={"invoice": values}).json()["code"] == "idempotency_key_missing"
    shown = client.get(first.headers["location"]).json()
    assert [each["kind"] for each in shown["orders"]] == ["nilvera.earchive"]
    assert values["customer"]["identity"] not in first.text + str(shown)


def test_a_rate_of_vat_that_no_law_names_is_told_in_the_answer(client: httpx.Client, shop: Shop) -> None:
    values = shop.values()
    values["lines"][0]["vat_rate"] = "11"
    answer = client.post("/api/v1/invoices", json={"invoice": values}, headers=key())
    assert answer.status_code == 201, answer.text
    assert [(each["code"], each["severity"]) for each in answer.json()["warnings"]] == [
        ("einvoice_vat_rate", "warning")
    ]
    assert "11 %" in answer.json()["warnings"][0]["message"]


def test_a_wrong_invoice_names_its_fields_and_takes_no_number(client: httpx.Client, shop: Shop) -> None:
    values = shop.values()
    values["lines"][0]["quantity"] = "x"
    answer = client.post("/api/v1/invoices", json={"invoice": values}, headers=key())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["invoice.lines.0.quantity"]


def test_the_document_is_what_was_signed_and_only_for_whoever_may_see_people(
    door: Door, client: httpx.Client, issued: dict[str, Any]
) -> None:
    answer = client.get(f"/api/v1/invoices/{issued['number']}/document")
    assert answer.headers["content-type"] == "application/xml"
    assert answer.headers["etag"] == f'"{issued["sha256"]}"'
    assert hashlib.sha256(answer.content).hexdigest() == issued["sha256"]
    for role in (Role.ENGINEER, Role.ANALYST, Role.MACHINE):
        with door.client(role) as other:
            assert other.get(f"/api/v1/invoices/{issued['number']}/document").status_code == 403
    with door.services.database.tenant(door.own, "app") as connection:
        read = connection.execute(
            "SELECT count(*) FROM hub.audit_log WHERE tenant_id = %s AND action = 'einvoice.read' AND object = %s",
            (door.own, f"document:{issued['document_id']}"),
        ).fetchone()
    assert read == (1,)


def test_the_page_of_an_invoice_is_shut_in(client: httpx.Client, issued: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/invoices/{issued['ettn']}/view")
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"].split("; ")
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert not [each for each in policy if each.startswith("script-src")]
    assert issued["number"] in answer.text


def test_invoices_are_listed_by_state_and_another_tenants_are_not_there(
    door: Door, client: httpx.Client, issued: dict[str, Any]
) -> None:
    listed = client.get("/api/v1/invoices?state=issued").json()["items"]
    assert issued["number"] in {each["number"] for each in listed}
    assert client.get("/api/v1/invoices?state=void").json() == {"items": [], "next": None}
    path = f"/api/v1/invoices/{issued['document_id']}"
    with door.client(Role.OWNER, tenant=door.other) as stranger:
        assert stranger.get("/api/v1/invoices").json()["items"] == []
        for answer in (
            stranger.get(path),
            stranger.get(f"{path}/document"),
            stranger.get(f"{path}/view"),
            stranger.post(f"{path}/void"),
            stranger.post(f"{path}/cancel", json={"reason": "x"}, headers=key()),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, "einvoice_document_unknown")


def test_what_cannot_be_done_with_a_document_is_a_conflict_and_says_in_words_why(
    door: Door, client: httpx.Client, shop: Shop, issued: dict[str, Any]
) -> None:
    path = f"/api/v1/invoices/{issued['number']}"
    reason = {"reason": "Sipariş iptal edildi"}
    registered = client.post("/api/v1/invoices", json={"invoice": shop.values(shop.buyer("one"))}, headers=key())
    assert registered.json()["kind"] == "einvoice", registered.text
    of_two = client.post(f"{registered.headers['location']}/cancel", json=reason, headers=key())
    with door.client(Role.OWNER, **{"Accept-Language": "tr"}) as turkish:
        void, early = turkish.post(f"{path}/void"), turkish.post(f"{path}/cancel", json=reason, headers=key())
    for answer, code in (
        (void, "einvoice_document_cannot"),
        (early, "einvoice_cancel_early"),
        (of_two, "einvoice_cancel_by_both"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, code)
    for answer in (void, early):
        assert "issued" not in answer.json()["detail"]
        assert "düzenlendi" in answer.json()["detail"]


def test_a_document_and_an_invoice_are_checked_in_the_language_asked_for(
    door: Door, client: httpx.Client, shop: Shop, issued: dict[str, Any]
) -> None:
    content = client.get(f"/api/v1/invoices/{issued['number']}/document").content
    xml = {"Content-Type": "application/xml"}
    assert client.post("/api/v1/invoices/check", json=shop.values()).json()["valid"] is True
    broken = content.replace(b"<cbc:IssueDate>", b"<cbc:IssueDay>").replace(b"</cbc:IssueDate>", b"</cbc:IssueDay>")
    english = client.post("/api/v1/invoices/check", content=broken, headers=xml).json()
    with door.client(Role.OWNER, **{"Accept-Language": "tr"}) as turkish_client:
        turkish = turkish_client.post("/api/v1/invoices/check", content=broken, headers=xml).json()
    assert english["valid"] is False
    assert [each["code"] for each in english["findings"]] == [each["code"] for each in turkish["findings"]]
    assert english["findings"][0]["message"] != turkish["findings"][0]["message"]
    unreadable = client.post("/api/v1/invoices/check", content=b"<a", headers=xml).json()
    assert [each["code"] for each in unreadable["findings"]] == ["xml_malformed"]
    for content_, media_type, code in (
        (b"{", "application/json", "einvoice_not_json"),
        (b"x", "text/plain", "body_not_json"),
    ):
        answer = client.post("/api/v1/invoices/check", content=content_, headers={"Content-Type": media_type})
        assert answer.json()["code"] == code
    wrong = client.post("/api/v1/invoices/check", json={**shop.values(), "lines": [{"name": "x"}]}).json()
    assert "lines.0.quantity" in {error["field"] for error in wrong["errors"]}


def test_a_payment_that_is_not_there_is_not_invoiced(client: httpx.Client) -> None:
    body = {"payment_id": "999", "customer": {"identity": "11111111111"}, "vat_rate": "20"}
    answer = client.post("/api/v1/invoices/from-payment", json=body, headers=key())
    assert (answer.status_code, answer.json()["code"]) == (404, "payment_unknown")


def test_what_came_in_is_listed_without_names_and_answered(client: httpx.Client, shop: Shop) -> None:
    found = client.get("/api/v1/incoming-invoices?days=9")
    assert found.status_code == 200, found.text
    waiting = next(each for each in found.json()["items"] if each["may_answer"])
    path = f"/api/v1/incoming-invoices/{waiting['ettn']}"
    without = client.post(f"{path}/answer", json={"verdict": "rejected"}, headers=key())
    assert [error["field"] for error in without.json()["errors"]] == ["note"]
    queued = client.post(f"{path}/answer", json={"verdict": "accepted"}, headers=key())
    assert queued.status_code == 202
    assert client.get(f"/api/v1/actions/{queued.json()['action_id']}").json()["kind"] == "nilvera.answer"
    other = client.post(f"{path}/answer", json={"verdict": "rejected", "note": "Mal gelmedi"}, headers=key())
    assert (other.status_code, other.json()["code"]) == (409, "einvoice_incoming_answered")
    unknown = client.get(f"/api/v1/incoming-invoices/{uuid4()}/document")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "einvoice_incoming_unknown")
    fetched = client.get(f"{path}/document")
    assert fetched.headers["content-type"] == "application/xml"
    assert "sandbox" in fetched.headers["content-security-policy"]
    del shop


def test_the_tax_offices_list_is_asked_without_a_name_in_the_answer(client: httpx.Client, shop: Shop) -> None:
    registered = client.post("/api/v1/taxpayers/lookup", json={"number": shop.buyer("one")}).json()
    assert (registered["registered"], len(registered["mailboxes"])) == (True, 1)
    assert client.post("/api/v1/taxpayers/lookup", json={"number": "1234567891"}).status_code == 422
