"""Tenants through the API: the directory in Turkish order, plans for the staff, profiles for their companies."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from hub.identity.permissions import Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door


def new(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "subdomain": f"t-{uuid4().hex[:10]}",
        "tax_number": "1111111114",
        "tax_office": "Kadıköy",
        "kvkk_consent_date": "2026-11-01",
    }


def test_the_directory_is_in_turkish_order_and_found_whatever_the_case_and_marks(door: Door) -> None:
    mark = uuid4().hex[:8]
    names = ["Çınar", "Cem", "Dağ", "Irmak", "İzmir", "Işık", "Şule", "Su", "Ümit", "Uğur", "Zeytin"]
    with door.client(Role.PLATFORM_ADMIN) as client:
        for name in names:
            assert client.post("/api/v1/tenants", json=new(f"{name} {mark}")).status_code == 201
        found: list[str] = []
        cursor = None
        while True:
            params = {"search": mark.upper(), "limit": 4} | ({"cursor": cursor} if cursor else {})
            page = client.get("/api/v1/tenants", params=params).json()
            found += [each["name"].split()[0] for each in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        one = client.get("/api/v1/tenants", params={"search": f"IŞIK {mark}"}).json()["items"]
        two = client.get("/api/v1/tenants", params={"search": f"isik {mark}"}).json()["items"]
        apart = unicodedata.normalize("NFD", f"  Işık {mark}")  # as macOS gives file names, and forms made of them
        three = client.get("/api/v1/tenants", params={"search": apart}).json()["items"]
    assert found == ["Cem", "Çınar", "Dağ", "Irmak", "Işık", "İzmir", "Su", "Şule", "Uğur", "Ümit", "Zeytin"]
    for each in (one, two, three):
        assert [tenant["name"] for tenant in each] == [f"Işık {mark}"]


def test_the_staff_change_a_plan_and_what_is_not_named_stays(door: Door) -> None:
    with door.client(Role.PLATFORM_ADMIN) as client:
        tenant = client.post("/api/v1/tenants", json=new("Plan A.Ş.")).json()["tenant_id"]
        path = f"/api/v1/tenants/{tenant}"
        before = client.get(path)
        seen = {"If-Match": before.headers["etag"]}
        after = client.patch(path, json={"plan": "professional", "limits": {"analysts": 3}}, headers=seen)
        late = client.patch(path, json={"plan": "trial"}, headers=seen)
        shown = client.get(path)
        wrong = client.patch(path, json={"limits": {"nothing": 1}})
        empty = client.patch(path, json={"name": ""})
    assert (after.status_code, after.json()["plan"], after.json()["name"]) == (200, "professional", "Plan A.Ş.")
    assert [each.json()["limits"] for each in (before, after, shown)] == [{}, {"analysts": 3}, {"analysts": 3}]
    assert (late.status_code, late.json()["code"]) == (412, "version_differs")
    assert wrong.json()["errors"][0]["code"] == "field_unknown_limit"
    assert empty.json()["errors"][0]["field"] == "name"


@pytest.mark.parametrize("body", [{"plan": "enterprise"}, {"limits": {"analysts": 99}}, {"active": False}])
def test_a_company_does_not_raise_its_own_plan(door: Door, body: dict[str, Any]) -> None:
    with door.client(Role.OWNER) as client:
        before = client.get("/api/v1/profile").json()
        refused = client.patch("/api/v1/profile", json=body)
        assert refused.status_code == 422
        assert client.get("/api/v1/profile").json() == before
        changed = client.patch("/api/v1/profile", json={"tax_office": "Üsküdar"})
    assert changed.status_code == 200


def test_an_account_is_stored_tested_by_name_and_never_shown(door: Door) -> None:
    account = {
        "environment": "sandbox",
        "credentials": {"api_key": "sandbox-key", "secret_key": "sandbox-secret-of-mine"},
    }
    with door.client(Role.ENGINEER) as client:
        stored = client.put("/api/v1/integrations/iyzico", json=account)
        shown = client.get("/api/v1/integrations/iyzico")
        listed = client.get("/api/v1/integrations")
        early = client.post("/api/v1/integrations/iyzico/sync")
        nobodys = client.get("/api/v1/integrations/nowhere")
    assert (stored.status_code, stored.json()["state"]) == (200, "new")
    assert all("sandbox-secret-of-mine" not in answer.text for answer in (stored, shown, listed))
    assert (early.status_code, early.json()["code"]) == (409, "integration_not_active")
    assert (nobodys.status_code, nobodys.json()["code"]) == (404, "provider_unknown")
