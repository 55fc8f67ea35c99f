"""What a credential is told of itself, and what is left of it while its tenant is suspended."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from hub.control import tenants
from hub.identity import api_keys
from hub.identity.permissions import PLATFORM_LEVEL, PLATFORM_ROLES, ROLES, WHILE_SUSPENDED, Permission, Role
from tests.hub.api.conftest import OPERATOR, PASSWORD

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")


def with_bearer(door: Door, bearer: str, **headers: str) -> httpx.Client:
    sent = {"Accept-Language": "en", "Authorization": f"Bearer {bearer}", **headers}
    return httpx.Client(base_url=f"{door.url}/api/v1", headers=sent, timeout=30)


@pytest.fixture
def key(door: Door) -> api_keys.Made:
    new = api_keys.NewKey(label="muhasebe", scopes=frozenset({Permission.DATA_READ, Permission.USAGE_READ}), days=30)
    return api_keys.create(door.services.database, door.own, new, actor=OPERATOR)


def test_a_key_is_told_who_it_is_whatever_its_scopes_and_no_secret(door: Door, key: api_keys.Made) -> None:
    granted = door.services.sign_in.client(
        str(key.key.key_id), key.secret, scopes=frozenset({Permission.USAGE_READ}), source=None
    )
    with with_bearer(door, key.secret) as client:
        by_key = client.get("/me")
        assert client.get("/me/sessions").json()["code"] == "permission_missing"  # it has no account
    with with_bearer(door, granted.access_token) as client:
        by_token = client.get("/me").json()

    told = by_key.json()
    assert (told["kind"], told["key_id"], told["tenant_id"]) == ("machine", str(key.key.key_id), door.own)
    assert (told["label"], told["role"], told["tenant_suspended"]) == ("muhasebe", "machine", False)
    assert told["scopes"] == ["data.read", "usage.read"]
    assert told["permissions"] == ["data.read", "self.read", "usage.read"]
    assert by_token | {"permissions": told["permissions"]} == told
    assert by_token["permissions"] == ["self.read", "usage.read"]
    assert datetime.fromisoformat(told["expires_at"]) == key.key.expires_at > datetime.now(UTC)
    assert key.secret not in by_key.text
    assert key.secret.startswith(told["prefix"])


def test_a_key_that_does_not_work_is_told_so_and_not_whether_there_is_one(door: Door, key: api_keys.Made) -> None:
    expired = api_keys.create(
        door.services.database, door.own, api_keys.NewKey(label="x", scopes=key.key.scopes), actor=OPERATOR
    )
    api_keys.revoke(door.services.database, door.own, key.key.key_id, actor=OPERATOR)
    with door.services.database.tenant(door.own, "app") as connection:
        connection.execute(
            "UPDATE hub.api_keys SET expires_at = now() WHERE tenant_id = %s AND key_id = %s",
            (door.own, expired.key.key_id),
        )
    told: list[dict[str, Any]] = []
    for wrong in (key.secret, expired.secret, key.secret[:-1], "uydurma"):
        for headers in ({"Authorization": f"Bearer {wrong}"}, {"X-API-Key": wrong}):
            answer = httpx.get(f"{door.url}/api/v1/me", headers={"Accept-Language": "en", **headers}, timeout=30)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == 'Bearer realm="kopru", error="invalid_token"'
            told.append({name: value for name, value in answer.json().items() if name != "request_id"})
    assert all(each == told[0] for each in told)
    assert told[0]["code"] == "api_key_invalid"
    assert "API key" in told[0]["detail"]
    assert "Sign in" not in told[0]["detail"]


def test_a_client_that_is_refused_is_told_in_oauths_words_and_how_to_come(door: Door, key: api_keys.Made) -> None:
    pair = base64.b64encode(f"{uuid4()}:{key.secret}".encode()).decode()
    answer = httpx.post(
        f"{door.url}/api/v1/auth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
        timeout=30,
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "client_refused")
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"] == 'Basic realm="kopru"'


def test_errors_that_list_what_is_allowed_name_to_a_tenant_nothing_of_the_platforms(door: Door) -> None:
    platforms = {role.value for role in PLATFORM_ROLES} | {permission.value for permission in PLATFORM_LEVEL}
    nobody = uuid4()
    asked = [
        ("POST", "/users", {"email": "a@ornek.com.tr", "name": "A", "role": "chief"}),
        ("PUT", f"/users/{nobody}/role", {"role": "chief"}),
        ("POST", "/api-keys", {"label": "x", "scopes": ["everything"]}),
    ]
    with door.client(Role.OWNER) as client:
        found = [client.request(method, f"/api/v1{path}", json=body) for method, path, body in asked]
    details = [answer.json()["errors"][0]["detail"] for answer in found]
    assert [answer.status_code for answer in found] == [422] * 3
    assert [each for each in details if any(word in each for word in platforms)] == []
    assert details[0] == details[1] == "must be one of owner, engineer, analyst, dpo."
    assert all(scope in details[2] for scope in ROLES[Role.MACHINE])
    assert "keys.manage" not in details[2]

    with door.client(Role.PLATFORM_ADMIN) as client:
        staff = [
            client.post("/api/v1/staff", json={"email": "a@ornek.com.tr", "name": "A", "role": "owner"}),
            client.put(f"/api/v1/staff/{nobody}/role", json={"role": "owner"}),
        ]
    assert {answer.json()["errors"][0]["detail"] for answer in staff} == {
        "must be one of platform_admin, platform_analyst."
    }


def test_the_operators_staff_work_in_a_suspended_tenant_and_resuming_lets_it_go_on(
    door: Door, suspended: tuple[str, str, dict[str, str]]
) -> None:
    tenant_id, _email, bearers = suspended
    with door.client(Role.PLATFORM_ADMIN, tenant=tenant_id) as client:
        assert client.patch("/api/v1/profile", json={"tax_office": "Üsküdar"}).status_code == 200
    with with_bearer(door, bearers["session"]) as client:
        change = {"tax_office": "Kadıköy"}
        told = client.patch("/profile", json=change)
        assert (told.status_code, told.json()["code"]) == (403, "suspended_reads_only")
        tenants.resume(door.services.database, tenant_id, actor=OPERATOR)
        door.services.sign_in._recognition._users._found.clear()  # what is known for five seconds
        assert client.patch("/profile", json=change).status_code == 200
        assert client.get("/me").json()["tenant_suspended"] is False


def test_the_page_of_ones_own_says_that_the_company_is_suspended(
    door: Door, suspended: tuple[str, str, dict[str, str]]
) -> None:
    _tenant_id, email, _bearers = suspended
    with httpx.Client(
        base_url=door.url, headers={"Accept-Language": "en"}, follow_redirects=True, timeout=30
    ) as browser:
        page = browser.post(
            "/sign-in", data={"login": email, "password": PASSWORD}, headers={"Sec-Fetch-Site": "same-origin"}
        )
    assert page.status_code == 200
    assert '<p role="alert">Your company is suspended' in page.text


def test_what_goes_on_while_suspended_reaches_no_provider() -> None:
    """The table itself: what would set the hub to work at a provider is not among what goes on."""
    working = {
        Permission.INTEGRATIONS_MANAGE,
        Permission.SYNCS_START,
        Permission.INBOX_REPLAY,
        Permission.ACTIONS_SEND,
        Permission.INVOICES_ISSUE,
        Permission.INVOICES_READ,  # asking who is a taxpayer asks an integrator
    }
    assert not working & WHILE_SUSPENDED
