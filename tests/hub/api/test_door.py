"""The gate: who comes in, for which tenant, with what permission, and what the answers look like."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
from starlette.responses import Response

from hub.api.outermost import Outermost
from hub.errors import HubError
from hub.identity.permissions import Role
from tests.hub.api.attacking import entries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.api.conftest import Door


def test_health_readiness_and_version_are_open_to_all(door: Door) -> None:
    with door.client() as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        ready = client.get("/readyz").json()
        assert {ready[part] for part in ("database", "migrations", "keys")} == {"well"}
        assert client.get("/version").json()["api"] == "v1"


def test_without_a_credential_nothing_is_told(door: Door) -> None:
    with door.client() as client:
        answer = client.get("/api/v1/profile")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert answer.json()["code"] == "credential_missing"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("asked", "spoken", "title"), [("tr", "tr", "Önce oturum açın"), ("en", "en", "Sign in first")]
)
def test_problems_are_in_the_language_asked_for(door: Door, asked: str, spoken: str, title: str) -> None:
    answer = httpx.get(f"{door.url}/api/v1/profile", headers={"Accept-Language": asked})
    assert answer.headers["content-language"] == spoken
    assert answer.json()["title"] == title


def test_the_tenant_comes_from_the_credential(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        assert client.get("/api/v1/profile").json()["tenant_id"] == door.own
        assert client.get("/api/v1/profile", headers={"Hub-Tenant": door.own}).status_code == 200
        refused = client.get("/api/v1/profile", headers={"Hub-Tenant": door.other})
    assert (refused.status_code, refused.json()["code"]) == (403, "tenant_not_yours")


def test_a_name_that_is_no_tenants_is_refused_like_another_tenants(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        refused = [client.get("/api/v1/profile", headers={"Hub-Tenant": name}) for name in (door.other, "nobody")]
    bodies = [{**answer.json(), "request_id": ""} for answer in refused]
    assert bodies[0] == bodies[1]


def test_the_staff_must_name_the_tenant(door: Door) -> None:
    with door.client(Role.PLATFORM_ADMIN) as client:
        answer = client.get("/api/v1/profile")
        assert (answer.status_code, answer.json()["code"]) == (400, "tenant_header_missing")
        assert client.get("/api/v1/profile", headers={"Hub-Tenant": door.other}).json()["tenant_id"] == door.other


def test_a_role_without_the_permission_is_told_which(door: Door) -> None:
    with door.client(Role.ANALYST) as client:
        answer = client.get("/api/v1/users")
    assert answer.status_code == 403
    assert "users.read" in answer.json()["detail"]


def test_refused_calls_are_in_the_callers_audit_log(door: Door) -> None:
    with door.client(Role.ANALYST) as client:
        client.delete(f"/api/v1/api-keys/{uuid4()}")
    analyst = door.people[door.own, Role.ANALYST]
    with door.services.database.tenant(door.own, "app") as connection:
        rows = connection.execute(
            "SELECT object, details->>'code' FROM hub.audit_log WHERE tenant_id = %s AND action = 'api.refused'"
            " AND actor = %s",
            (door.own, f"user:{analyst.user_id}"),
        ).fetchall()
    assert ("route:DELETE /api/v1/api-keys/{key}", "permission_missing") in rows


def test_rights_are_asked_before_the_body_is_looked_at(door: Door) -> None:
    with door.client(Role.ANALYST) as client:
        assert (
            client.post("/api/v1/api-keys", content=b"{", headers={"Content-Type": "application/json"}).status_code
            == 403
        )
    with door.client() as client:
        assert (
            client.post("/api/v1/api-keys", content=b"{", headers={"Content-Type": "application/json"}).status_code
            == 401
        )


def test_a_body_that_is_wrong_names_every_field_and_repeats_no_value(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.post("/api/v1/api-keys", json={"label": "x" * 300, "secret": "hunter2", "scopes": ["root"]})
    assert answer.status_code == 422
    fields = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert fields == {"label": "field_too_long", "secret": "field_unexpected", "scopes.0": "field_not_in_list"}
    assert "actions.send" in answer.text  # of a list that is closed, what stands in it
    assert "hunter2" not in answer.text


@pytest.mark.parametrize(
    "body", ['{"label": "\\u0000", "scopes": ["status.read"]}', '{"label": "\\ud800", "scopes": ["status.read"]}']
)
def test_text_that_no_database_holds_is_the_callers_fault(door: Door, body: str) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.post("/api/v1/api-keys", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_the_same_key_does_a_thing_once_and_answers_alike(door: Door) -> None:
    tenant = {
        "name": "Işık Gıda A.Ş.",
        "subdomain": f"isik-{uuid4().hex[:8]}",
        "tax_number": "1111111114",
        "tax_office": "Kadıköy",
        "kvkk_consent_date": "2026-11-01",
    }
    key = {"Idempotency-Key": uuid4().hex}
    with door.client(Role.PLATFORM_ADMIN) as client:
        first = client.post("/api/v1/tenants", json=tenant, headers=key)
        again = client.post("/api/v1/tenants", json=tenant, headers=key)
        other = client.post("/api/v1/tenants", json={**tenant, "name": "Başka"}, headers=key)
        without = client.post("/api/v1/tenants", json=tenant)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_of_another_call")
    assert (without.status_code, without.json()["code"]) == (409, "subdomain_taken")


def test_a_refused_call_gives_its_key_back(door: Door) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    with door.client(Role.OWNER) as client:
        refused = client.post("/api/v1/api-keys", json={"label": "", "scopes": ["status.read"]}, headers=key)
        made = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read"]}, headers=key)
        again = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read"]}, headers=key)
    assert (refused.status_code, made.status_code) == (422, 201)
    assert (again.status_code, again.json()["code"]) == (409, "idempotent_answer_not_kept")


def test_two_callers_may_use_the_same_key(door: Door) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    body = {"label": "x", "scopes": ["status.read"]}
    for tenant in (door.own, door.other):
        with door.client(Role.OWNER, tenant=tenant) as client:
            assert client.post("/api/v1/api-keys", json=body, headers=key).status_code == 201


def test_bodies_that_are_too_large_or_compressed_are_refused(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        large = client.post("/api/v1/api-keys", json={"label": "x" * 1_100_000})
        packed = client.post("/api/v1/api-keys", content=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert (large.status_code, large.json()["code"]) == (413, "body_too_large")
    assert (packed.status_code, packed.json()["code"]) == (415, "body_compressed")


def test_every_answer_carries_the_headers_that_browsers_heed(door: Door) -> None:
    with door.client() as client:
        for path in ("/healthz", "/api/v1/profile", "/nowhere", "/api/docs"):
            headers = client.get(path).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert headers["referrer-policy"] == "no-referrer"
            assert "server" not in headers


@pytest.mark.parametrize(
    ("public_url", "certificate", "secure"),
    [(None, None, False), ("http://hub.invalid", None, False), ("https://hub.invalid", None, True), (None, "c", True)],
)
def test_browsers_are_told_to_come_by_tls_where_there_is_tls(
    door: Door, public_url: str | None, certificate: str | None, secure: bool
) -> None:
    async def there(scope: Any, receive: Any, send: Any) -> None:
        await Response()(scope, receive, send)

    settings = door.services.settings.model_copy(
        update={"public_url": public_url, "tls_cert_file": certificate and Path(certificate), "allowed_hosts": []}
    )

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app=Outermost(there, settings))
        async with httpx.AsyncClient(transport=transport, base_url=public_url or "http://hub") as client:
            return await client.get("/")

    assert ("strict-transport-security" in asyncio.run(asked()).headers) is secure


def test_a_request_id_is_a_uuid_and_neither_names_anybody_nor_forges_a_line(
    door: Door, raw: Callable[[bytes], bytes]
) -> None:
    for own in ("0191e6b0-7d1a-7c3e-9a60-0a5d2b9c4f11", "6f1c1f2e9d1b4c0d8a53c2a7be0c9f11"):
        with door.client(**{"X-Request-Id": own}) as client:
            assert client.get("/healthz").headers["x-request-id"] == own
    for personal in ("05320000001", "10000000146", "ayse-denemeoglu", "05320000001-05320000001"):
        with door.client(**{"X-Request-Id": personal}) as client:
            assert personal not in client.get("/healthz").headers["x-request-id"]
    answer = raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Request-Id: a b\x01c\r\nConnection: close\r\n\r\n")
    assert b"a b" not in answer


def test_what_is_not_there_is_a_problem_document_too(door: Door) -> None:
    with door.client() as client:
        assert client.get("/nowhere").json()["code"] == "not_found"
        assert client.delete("/healthz").json()["code"] == "method_not_allowed"


def test_health_is_told_however_often_it_is_asked_for(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_many(*_given: object) -> None:
        raise HubError("too_many_calls", retry_seconds=1)

    monkeypatch.setattr(door.services.limiting, "stranger", too_many)
    with door.client() as client:
        assert client.get("/version").status_code == 429
        for path in ("/healthz", "/readyz"):
            assert client.get(path).status_code == 200
            asked = client.head(path)
            assert (asked.status_code, asked.content) == (200, b"")
            assert asked.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/healthz", "GET, HEAD"),
        ("/sign-in", "GET, HEAD, POST"),
        ("/api/v1/api-keys", "GET, POST"),
        ("/api/openapi.json", "GET, HEAD"),
        ("/metrics", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_there_is_told_which_ones_are(door: Door, path: str, allowed: str) -> None:
    with door.client() as client:
        answer = client.request("TRACE", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert answer.json()["code"] == "method_not_allowed"


def test_a_change_is_in_the_audit_log_under_the_id_of_its_call(door: Door) -> None:
    call = uuid4().hex
    with door.client(Role.OWNER, **{"X-Request-Id": call}) as client:
        made = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read"]})
    assert made.status_code == 201
    found = {details.get("request") for *_, details in entries(door, door.own, "api_key_created")}
    assert call in found
    # Nobody's call asked for what was done before the door stood.
    assert None in found


def test_a_refused_token_request_says_why_in_oauths_own_words_too(door: Door) -> None:
    with door.client() as client:
        refused = client.post(
            "/api/v1/auth/token", data={"grant_type": "password", "username": "kimse@ornek.com.tr", "password": "x"}
        )
        half = client.post("/api/v1/auth/token", data={"grant_type": "refresh_token"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert (half.status_code, half.json()["error"]) == (400, "invalid_request")
