"""Consents and legal bases over HTTP: people stay pseudonyms, and another tenant's are not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from hub.identity.permissions import Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

PERSON = {"subject_kind": "email", "subject": "zeynep@ornek.com.tr"}
CONSENT: dict[str, Any] = {
    **PERSON,
    "purpose": "newsletter",
    "data_categories": ["ILETISIM"],
    "retention_period": "P1Y",
    "consent_text": "Bülten almayı kabul ediyorum.",
    "text_version": "v3",
    "notice_id": "aydinlatma-2026-01",
    "given_at": "2026-11-02T10:15:00+03:00",
    "channel": "web",
    "evidence_ref": "form-4711",
}
BASIS: dict[str, Any] = {
    **PERSON,
    "purpose": "credit_check",
    "legal_basis": "contract",
    "data_categories": ["FINANS"],
    "proportionality_note": "Vadeli satıştan önce başka yol yoktur.",
    "notice_id": "aydinlatma-2026-01",
    "valid_from": "2026-11-02T10:15:00+03:00",
}


def test_a_consent_is_recorded_found_proved_and_withdrawn(door: Door) -> None:
    purpose = f"p_{uuid4().hex[:10]}"
    with door.client(Role.DPO) as client:
        made = client.post("/api/v1/consents", json={**CONSENT, "purpose": purpose})
        assert made.status_code == 201, made.text
        assert "zeynep" not in made.text
        found = client.post("/api/v1/consents/search", json={**PERSON, "purpose": purpose}).json()["items"]
        assert found == [made.json()]
        proof = client.get(made.headers["location"]).json()
        assert (proof["consent_text"], proof["text_verified"]) == (CONSENT["consent_text"], True)
        path = f"{made.headers['location']}/withdraw"
        assert client.post(path, json={"channel": "call_centre"}).json()["withdrawn_at"]
        again = client.post(path, json={"channel": "call_centre"})
        assert (again.status_code, again.json()["code"]) == (409, "consent_already_withdrawn")


def test_consents_are_listed_page_by_page_each_once(door: Door) -> None:
    purpose = f"p_{uuid4().hex[:10]}"
    times = ["2026-11-02T10:15:00+03:00", "2026-11-02T10:15:00+03:00", "2026-11-03T10:15:00+03:00"]
    batch = [{**CONSENT, "purpose": purpose, "given_at": time} for time in times]
    with door.client(Role.MACHINE) as client:
        made = client.post("/api/v1/consents/batch", json={"consents": batch})
        assert made.status_code == 201, made.text
        pages: list[list[str]] = []
        cursor: str | None = None
        while cursor is not None or not pages:
            asked = {"purpose": purpose, "limit": "1"} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/consents", params=asked).json()
            pages.append([each["consent_id"] for each in page["items"]])
            cursor = page["next"]
    assert [len(page) for page in pages] == [1, 1, 1]
    assert pages[0] == [made.json()[2]["consent_id"]]
    assert {each for page in pages for each in page} == {each["consent_id"] for each in made.json()}


def test_of_a_batch_with_a_wrong_consent_none_is_recorded(door: Door) -> None:
    purpose = f"p_{uuid4().hex[:10]}"
    wrong = {**CONSENT, "purpose": purpose, "data_categories": ["BILINMEYEN"]}
    unknown = {**CONSENT, "purpose": purpose, "supersedes_id": str(uuid4())}
    with door.client(Role.DPO) as client:
        refused = client.post("/api/v1/consents/batch", json={"consents": [{**CONSENT, "purpose": purpose}, wrong]})
        late = client.post("/api/v1/consents/batch", json={"consents": [{**CONSENT, "purpose": purpose}, unknown]})
        left = client.get("/api/v1/consents", params={"purpose": purpose}).json()["items"]
    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["consents.1.data_categories"]
    assert (late.status_code, late.json()["code"]) == (404, "consent_unknown")
    assert left == []


def test_all_of_a_persons_consents_to_a_purpose_are_withdrawn_and_no_others(door: Door) -> None:
    purpose = f"p_{uuid4().hex[:10]}"
    other = {**CONSENT, "purpose": purpose, "subject": "ali@ornek.com.tr"}
    with door.client(Role.DPO) as client:
        made = client.post("/api/v1/consents/batch", json={"consents": [{**CONSENT, "purpose": purpose}, other]}).json()
        asked = {**PERSON, "purpose": purpose, "channel": "email"}
        ended = client.post("/api/v1/consents/withdraw", json=asked).json()
        assert client.post("/api/v1/consents/withdraw", json=asked).json() == []
        active = client.get("/api/v1/consents", params={"purpose": purpose, "active": "true"}).json()["items"]
    assert [each["consent_id"] for each in ended] == [made[0]["consent_id"]]
    assert [each["consent_id"] for each in active] == [made[1]["consent_id"]]


def test_another_tenants_consent_is_not_there(door: Door) -> None:
    with door.client(Role.DPO, tenant=door.other) as client:
        made = client.post("/api/v1/consents", json=CONSENT).headers["location"]
    with door.client(Role.DPO) as client:
        for answer in (client.get(made), client.post(f"{made}/withdraw", json={"channel": "web"})):
            assert (answer.status_code, answer.json()["code"]) == (404, "consent_unknown")


@pytest.mark.parametrize("given_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-11-02T10:15:00"])
def test_times_that_cannot_be_kept_are_refused_by_name(door: Door, given_at: str) -> None:
    with door.client(Role.DPO) as client:
        answer = client.post("/api/v1/consents", json={**CONSENT, "given_at": given_at})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["given_at"]


@pytest.mark.parametrize("cursor", ["WyJhIiwgImIiXQ", "WzEsIDJd", "x"])
def test_a_cursor_that_no_such_list_gave_out_is_refused(door: Door, cursor: str) -> None:
    with door.client(Role.DPO) as client:
        answer = client.get("/api/v1/consents", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "cursor_malformed")


def test_a_wrong_identifier_is_refused_and_not_repeated(door: Door) -> None:
    with door.client(Role.DPO) as client:
        answer = client.post("/api/v1/consents", json={**CONSENT, "subject_kind": "tckn", "subject": "10000000145"})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["code"]) == (422, "subject", "subject_malformed")
    assert "10000000145" not in answer.text


def test_a_legal_basis_is_recorded_by_who_calls_and_ends_once(door: Door) -> None:
    purpose = f"p_{uuid4().hex[:10]}"
    dpo = f"user:{door.people[door.own, Role.DPO].user_id}"
    with door.client(Role.DPO) as client:
        made = client.post("/api/v1/legal-bases", json={**BASIS, "purpose": purpose})
        assert made.status_code == 201, made.text
        assert (made.json()["recorded_by"], "zeynep" in made.text) == (dpo, False)
        assert client.get("/api/v1/legal-bases", params={"purpose": purpose}).json()["items"] == [made.json()]
        found = client.post("/api/v1/legal-bases/search", json={**PERSON, "purpose": purpose, "active": True})
        assert found.json()["items"] == [made.json()]
        path = f"/api/v1/legal-bases/{made.json()['basis_id']}/end"
        assert client.post(path, json={"reason": "contract_over"}).json()["ended_by"] == dpo
        assert client.post(path, json={}).status_code == 409
    with door.client(Role.DPO, tenant=door.other) as client:
        assert client.post(path, json={}).json()["code"] == "basis_unknown"
    with door.services.database.tenant(door.own, "app") as connection:
        actors = connection.execute(
            "SELECT DISTINCT actor, actor_role FROM hub.audit_log WHERE tenant_id = %s AND object = %s",
            (door.own, f"basis:{made.json()['basis_id']}"),
        ).fetchall()
    assert actors == [(dpo, "dpo")]
