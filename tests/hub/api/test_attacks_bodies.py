"""What a call carries: fields that are not the caller's to set, SQL, templates, endless numbers, addresses inside."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import Permission, Role

if TYPE_CHECKING:
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "extra",
    [
        {"role": "platform_admin"},
        {"tenant_id": "tplatform222"},
        {"is_admin": True},
        {"permissions": ["tenants.manage"]},
        {"__proto__": {"role": "owner"}},
        {"constructor": 1},
    ],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/users", {"email": "yeni@ornek.com.tr", "name": "Yeni", "role": "analyst"}),
        ("/api/v1/api-keys", {"label": "x", "scopes": ["status.read"]}),
    ],
)
def test_fields_that_are_not_the_callers_to_set_are_refused(
    door: Door, path: str, body: dict[str, Any], extra: dict[str, Any]
) -> None:
    with door.client(Role.OWNER) as client:
        before = client.get(path).json()
        answer = client.post(path, json=body | extra)
        assert answer.status_code == 422
        assert client.get(path).json() == before


@pytest.mark.parametrize("role", ["platform_admin", "platform_analyst", "machine"])
def test_nobody_is_given_a_role_of_another_level(door: Door, role: str) -> None:
    body = {"email": f"{uuid4().hex}@ornek.com.tr", "name": "Yeni", "role": role}
    analyst = door.people[door.own, Role.ANALYST].user_id
    with door.client(Role.OWNER) as client:
        assert client.post("/api/v1/users", json=body).status_code == 422
        assert client.put(f"/api/v1/users/{analyst}/role", json={"role": role}).status_code == 422
        assert client.get(f"/api/v1/users/{analyst}").json()["role"] == "analyst"
    with door.client(Role.PLATFORM_ADMIN, tenant=door.own) as client:
        assert client.post("/api/v1/users", json=body).status_code == 422


def test_no_key_may_do_more_than_a_machine_or_its_maker(door: Door) -> None:
    beyond = [Permission.KEYS_MANAGE, Permission.ACCOUNT, Permission.REQUESTS_DOWNLOAD, Permission.TENANTS_MANAGE]
    with door.client(Role.OWNER) as client:
        for permission in beyond:
            answer = client.post("/api/v1/api-keys", json={"label": "x", "scopes": ["status.read", permission]})
            assert (answer.status_code, answer.json()["code"]) == (400, "scope_not_granted")
    # The operator's staff set a tenant up; what it holds is not theirs, nor their keys'.
    with door.client(Role.PLATFORM_ADMIN, tenant=door.own) as client:
        answer = client.post("/api/v1/api-keys", json={"label": "x", "scopes": [Permission.DATA_READ]})
        assert (answer.status_code, answer.json()["code"]) == (400, "scope_not_granted")


def test_nobody_raises_resets_or_disables_themselves(door: Door) -> None:
    me = door.people[door.own, Role.OWNER]
    with door.client(Role.OWNER) as client:
        for call in (
            client.put(f"/api/v1/users/{me.user_id}/role", json={"role": "analyst"}),
            client.post(f"/api/v1/users/{me.user_id}/disable"),
            client.post(f"/api/v1/users/{me.user_id}/reset-second-factor"),
            # A borrowed session would get a token to set a password with, without knowing the old one.
            client.post(f"/api/v1/users/{me.user_id}/reset-password"),
        ):
            assert (call.status_code, call.json()["code"]) == (409, "user_is_oneself")
            assert "token" not in call.json()


SQL = [
    "' OR '1'='1",
    "'; DROP TABLE hub.users; --",
    '" OR ""="',
    "$$; SELECT 1; $$",
    "%' UNION SELECT password_hash FROM hub.user_credentials --",
    "\\'; --",
    "{{7*7}}",
    "${7*7}",
    "{0.__class__.__mro__}",
    "%(t)s",
    "%s%s%s%n",
    "../../../etc/passwd",
]


@pytest.mark.parametrize("text", SQL)
def test_what_looks_like_sql_or_a_template_is_text(door: Door, text: str) -> None:
    with door.client(Role.OWNER) as client:
        data = client.get("/api/v1/data").json()[0]
        column = data["columns"][0]["name"]
        for asked in (
            {"filter": f"{column}:eq:{text}"},
            {"filter": f"{text}:eq:x"},
            {"column": text},
            {"cursor": text},
            {"cursor": _cursor(*[text] * len(data["key"]))},
        ):
            answer = client.get(f"/api/v1/data/{data['name']}", params=asked)
            assert answer.status_code in {200, 400, 404, 422}, (asked, answer.text)
            assert "password_hash" not in answer.text
            assert answer.status_code != 200 or answer.json()["items"] == []
    with door.client(Role.PLATFORM_ADMIN) as staff:
        found = staff.get("/api/v1/tenants", params={"search": text})
        assert (found.status_code, found.json()["items"]) == (200, [])
        assert staff.get("/api/v1/tenants", params={"cursor": _cursor(text, text)}).status_code == 200


def test_another_lists_or_tenants_cursor_leads_nowhere_else(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        name = client.get("/api/v1/data").json()[0]["name"]
        for cursor in (_cursor(door.other), _cursor(door.other, door.other), _cursor(), _cursor({}), "bnVsbA", "!"):
            answer = client.get(f"/api/v1/data/{name}", params={"cursor": cursor})
            assert answer.status_code in {200, 400, 422}
            assert door.other not in answer.text


BODIES = {
    "deep lists": b'{"label": ' + b"[" * 900 + b"]" * 900 + b', "scopes": ["status.read"]}',
    "very deep lists": b'{"label": ' + b"[" * 100_000 + b"]" * 100_000 + b', "scopes": ["status.read"]}',
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
    "a number without end": b'{"label": "x", "scopes": ["status.read"], "days": 1' + b"0" * 5_000 + b"}",
    "a large number": b'{"label": "x", "scopes": ["status.read"], "days": 99999999999999999999}',
    "no number": b'{"label": "x", "scopes": ["status.read"], "days": NaN}',
    "endless": b'{"label": "x", "scopes": ["status.read"], "days": 1e999}',
    "one name twice": b'{"label": "x", "label": "y", "scopes": ["status.read"], "scopes": ["keys.manage"]}',
    "no UTF-8": b'{"label": "\xff\xfe", "scopes": ["status.read"]}',
    "a mark of another encoding": b"\xff\xfe{\x00}\x00",
    "many fields": b"{" + b",".join(b'"f%d":1' % number for number in range(20_000)) + b"}",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
}


@pytest.mark.parametrize("kind", BODIES)
def test_no_body_breaks_anything(door: Door, kind: str) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.post("/api/v1/api-keys", content=BODIES[kind], headers=JSON)
        stored = client.put("/api/v1/integrations/iyzico", content=BODIES[kind], headers=JSON)
    for each in (answer, stored):
        assert each.status_code in {400, 413, 415, 422}, each.text
        assert each.headers["content-type"] == "application/problem+json"
        assert "Traceback" not in each.text
        assert "site-packages" not in each.text
        assert len(each.content) < 50_000  # a short answer, whatever comes in


@pytest.mark.parametrize("settings", ['{"x": NaN}', '{"x": -Infinity}', '{"x": ' + "[" * 500 + "]" * 500 + "}"])
def test_settings_of_an_account_hold_what_a_database_holds(door: Door, settings: str) -> None:
    body = f'{{"environment": "sandbox", "credentials": {{"api_key": "a", "secret_key": "b"}}, "settings": {settings}}}'
    with door.client(Role.OWNER) as client:
        answer = client.put("/api/v1/integrations/iyzico", content=body, headers=JSON)
    assert answer.status_code in {400, 422}, answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "text/json5"])
def test_a_body_of_another_kind_is_not_read(door: Door, kind: str) -> None:
    with door.client(Role.OWNER) as client:
        answer = client.post(
            "/api/v1/api-keys", content=b'{"label": "x", "scopes": ["status.read"]}', headers={"Content-Type": kind}
        )
    assert answer.status_code in {415, 422}


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://169.254.169.254",
        "https://[fd00:ec2::254]",
        "https://[::ffff:169.254.169.254]",
        "https://0.0.0.0",
        "https://2852039166",
        "https://0xa9fea9fe",
        "https://0251.0376.0251.0376",
        "https://127.0。0.1:18443",
        "https://169．254.169。254",
        "https://10｡0.0.7",
        "https://①⑦②.16.0.1",
        "https://ⓛocalhost",
        "http://127.0.0.1:5432",
        "https://127.0.0.1:8080",
        "https://localhost",
        "https://10.0.0.7",
        "https://192.168.1.1",
        "https://100.100.100.200",
        "https://metadata.google.internal",
        "https://user@169.254.169.254",
        "https://iyzipay.com@169.254.169.254",
        "file:///etc/passwd",
        "gopher://127.0.0.1",
        "https://ornek.com.tr/?x=1",
    ],
)
def test_a_tenant_points_no_account_at_the_inside(door: Door, address: str) -> None:
    body = {"credentials": {"api_key": "a", "secret_key": "b"}, "base_url": address}
    for environment in ("sandbox", "live"):
        with door.client(Role.OWNER) as client:
            before = client.get("/api/v1/integrations").json()
            answer = client.put("/api/v1/integrations/iyzico", json=body | {"environment": environment})
            assert answer.status_code == 422, answer.text
            assert client.get("/api/v1/integrations").json() == before


def test_errors_repeat_nothing_that_was_sent(door: Door) -> None:
    mark = "gizli" + uuid4().hex
    with door.client(Role.OWNER) as client:
        answers = [
            client.post("/api/v1/api-keys", json={"label": mark * 50, "scopes": [mark], mark: 1}),
            client.get("/api/v1/profile", headers={"Hub-Tenant": mark}),
            client.get(f"/api/v1/users/{mark}"),
            client.get("/api/v1/data/marts.payments", params={"cursor": mark, "limit": mark}),
            client.get(f"/{mark}"),
            httpx.post(f"{door.url}/api/v1/auth/token", data={"grant_type": mark, "username": mark, "password": mark}),
            httpx.post(
                f"{door.url}/api/v1/auth/token", data={"grant_type": "password", "username": mark, "password": mark}
            ),
            httpx.get(f"{door.url}/api/v1/me", headers={"Authorization": f"Bearer {mark}"}),
        ]
    for answer in answers:
        document = answer.json()
        assert answer.status_code >= 400
        # The name of a field that is not known is the caller's, and is what tells them which it is.
        for error in document.get("errors", []):
            error.pop("field")
        assert mark not in json.dumps(document), document


def test_what_a_key_of_idempotency_answers_belongs_to_its_caller(door: Door) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    body = {"role": "analyst"}
    analyst = door.people[door.own, Role.ANALYST].user_id
    path = f"/api/v1/users/{analyst}/role"
    with door.client(Role.OWNER) as client:
        assert client.put(path, json=body, headers=key).status_code == 200
    # Neither somebody of the same tenant without the right, nor another tenant's owner, nor a stranger is told.
    with door.client(Role.ANALYST) as client:
        assert client.put(path, json=body, headers=key).status_code == 403
    with door.client(Role.OWNER, tenant=door.other) as client:
        assert client.put(path, json=body, headers=key).status_code == 404
    with door.client() as client:
        assert client.put(path, json=body, headers=key).status_code == 401


def test_the_staffs_answers_about_one_tenant_are_not_another_tenants(door: Door) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    body = {"label": "x", "scopes": ["status.read"]}
    for tenant in (door.own, door.other):
        with door.client(Role.PLATFORM_ADMIN, tenant=tenant) as client:
            assert client.post("/api/v1/api-keys", json=body, headers=key).status_code == 201
    assert PLATFORM_SCOPE not in {door.own, door.other}


def _cursor(*keys: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(keys)).encode()).decode().rstrip("=")
