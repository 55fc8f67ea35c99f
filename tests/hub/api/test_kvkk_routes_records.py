"""The audit log, the inventory and a tenant's choices over HTTP."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from hub.identity.permissions import Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

PLACE = "/api/v1/policies/overrides/iyzico/subscription_customers/gsm_number"
CHOICE: dict[str, Any] = {"action": "keep", "legal_basis": "contract", "retention": "P1Y"}


def test_the_log_is_read_page_by_page_newest_first_and_found_by_who_and_what(door: Door) -> None:
    with door.client(Role.DPO) as client:
        for reason in ("a", "b"):
            client.put(PLACE, json={**CHOICE, "retention": "P1Y" if reason == "a" else "P2Y"})
        asked = {"action": "policy_override.set", "actor": f"user:{door.people[door.own, Role.DPO].user_id}"}
        first = client.get("/api/v1/audit", params={**asked, "limit": "1"}).json()
        second = client.get("/api/v1/audit", params={**asked, "limit": "1", "cursor": first["next"]}).json()
        assert (first["items"][0]["details"]["retention"], second["items"][0]["details"]["retention"]) == ("P2Y", "P1Y")
        assert first["items"][0]["actor_role"] == "dpo"
        later = client.get("/api/v1/audit", params={**asked, "since": "2190-01-01T00:00:00Z"}).json()
        earlier = client.get("/api/v1/audit", params={**asked, "until": "1990-01-01T00:00:00Z"}).json()
        nobody = client.get("/api/v1/audit", params={**asked, "actor": "user:nobody"}).json()
        client.delete(PLACE)
    assert [each["items"] for each in (later, earlier, nobody)] == [[], [], []]


def test_each_tenant_reads_and_verifies_its_own_log_alone(door: Door) -> None:
    with door.client(Role.DPO, tenant=door.other) as client:
        client.put(PLACE, json=CHOICE)
        verdict = client.get("/api/v1/audit/verification").json()
        client.delete(PLACE)
    asked = {"actor": f"user:{door.people[door.other, Role.DPO].user_id}"}
    with door.client(Role.DPO) as client:
        assert client.get("/api/v1/audit", params=asked).json()["items"] == []
        own = client.get("/api/v1/audit/verification").json()
        assert client.get("/api/v1/platform/audit").status_code == 403
    assert (verdict["intact"], verdict["findings"]) == (True, [])
    assert verdict["entries"] > 0
    assert own["intact"] is True


def test_the_platforms_log_is_its_administrators(door: Door) -> None:
    with door.client(Role.PLATFORM_ADMIN) as client:
        page = client.get("/api/v1/platform/audit", params={"limit": "2"}).json()
        assert [each["seq"] for each in page["items"]] == sorted((each["seq"] for each in page["items"]), reverse=True)
        assert client.get("/api/v1/platform/audit/verification").json()["intact"] is True
    with door.client(Role.PLATFORM_ANALYST) as client:
        assert client.get("/api/v1/platform/audit").status_code == 403


@pytest.mark.parametrize(
    ("asked", "media_type", "begins"),
    [
        ({"headers": {"Accept": "text/csv"}}, "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ({"headers": {"Accept": "application/json;q=0.1, text/*"}}, "text/csv; charset=utf-8", b"\xef\xbb\xbf"),
        ({"params": {"format": "html"}}, "text/html; charset=utf-8", b"<!doctype html>"),
        ({"params": {"format": "json"}, "headers": {"Accept": "text/csv"}}, "application/json", b"{"),
        ({}, "application/json", b"{"),
    ],
)
def test_the_inventory_comes_in_the_form_asked_for(
    door: Door, asked: dict[str, Any], media_type: str, begins: bytes
) -> None:
    with door.client(Role.ANALYST) as client:
        answer = client.get("/api/v1/inventory", **asked)
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.content.startswith(begins)


def test_the_inventory_is_a_workbook_too_and_speaks_the_language_asked_for(door: Door) -> None:
    with door.client(Role.DPO) as client:
        book = client.get("/api/v1/inventory", params={"format": "xlsx"}, headers={"Accept-Language": "tr"})
    assert "attachment" in book.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(book.content)) as packed:
        assert "Envanter" in packed.read("xl/workbook.xml").decode()


def test_a_choice_is_made_listed_taken_back_and_remembered(door: Door) -> None:
    owner = f"user:{door.people[door.own, Role.OWNER].user_id}"
    with door.client(Role.OWNER) as client:
        made = client.put(PLACE, json=CHOICE)
        assert (made.status_code, made.json()["needs_sync"]) == (200, True), made.text
        (listed,) = client.get("/api/v1/policies/overrides").json()
        assert (listed["column"], listed["action"], listed["decided_by"]) == ("gsm_number", "keep", owner)
        assert client.delete(PLACE).status_code == 200
        again = client.delete(PLACE)
        assert (again.status_code, again.json()["code"]) == (404, "override_missing")
        first = client.get("/api/v1/policies/overrides/history", params={"limit": "1"}).json()
        next_page = {"limit": "1", "cursor": first["next"]}
        second = client.get("/api/v1/policies/overrides/history", params=next_page).json()
    assert [page["items"][0]["decision"] for page in (first, second)] == ["removed", "set"]


@pytest.mark.parametrize(
    ("path", "changes", "status", "code"),
    [
        (PLACE, {"action": "vault"}, 422, "override_not_allowed"),
        (PLACE, {"params": {"last": 1e300}}, 422, "override_params"),
        (PLACE, {"legal_basis": "because"}, 422, "input_invalid"),
        (PLACE.replace("gsm_number", "nothing"), {}, 404, "override_column_unknown"),
        (PLACE.replace("iyzico", "nobody"), {}, 404, "provider_unknown"),
    ],
)
def test_what_a_policy_does_not_allow_is_refused(
    door: Door, path: str, changes: dict[str, Any], status: int, code: str
) -> None:
    with door.client(Role.DPO) as client:
        answer = client.put(path, json=CHOICE | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_choices_are_the_controllers_and_not_the_operators(door: Door) -> None:
    with door.client(Role.PLATFORM_ADMIN, tenant=door.own) as client:
        assert client.put(PLACE, json=CHOICE).status_code == 403
    with door.client(Role.ENGINEER) as client:
        assert client.delete(PLACE).status_code == 403
