"""Credentials that are forged, borrowed, put in the wrong place or used a second time, over real HTTP."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from connectors.secret import Secret
from hub.db.database import Database
from hub.identity import api_keys, signing_keys, users
from hub.identity.permissions import Permission, Role
from hub.identity.record import NewUser
from hub.identity.signing_keys import SigningKeys
from tests.hub.api.attacking import entries, served_with
from tests.hub.api.conftest import OPERATOR, PASSWORD, sign_in
from tests.hub.identity.test_tokens import ATTACKS, Material

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

ENGINEER = Role.ENGINEER


@pytest.fixture(scope="module")
def victim(door: Door) -> str:
    """The address of somebody of tenant `own` whose session may be ended."""
    email = f"kurban-{uuid4().hex[:8]}@ornek.com.tr"
    new = NewUser(email=email, name="Kurban Yılmaz", role=ENGINEER)
    users.add(door.services.database, door.services.keyring, door.own, new, actor=OPERATOR, password=Secret(PASSWORD))
    return email


@pytest.fixture(scope="module")
def material(door: Door, victim: str) -> Material:
    tokens = sign_in(door.url, victim).json()
    database, keyring = door.services.database, door.services.keyring
    ours = SigningKeys(database, keyring).signer()[1]
    return Material(tokens["access_token"], tokens["refresh_token"], signing_keys.jwks(database), door.other, ours)


def test_no_forged_token_gets_anything(door: Door, material: Material) -> None:
    with httpx.Client(base_url=door.url) as client:
        own = client.get("/api/v1/me", headers={"Authorization": f"Bearer {material.signed()}"})
        assert own.status_code == 200  # what the forgers change is all that is wrong
        for attack, forge in ATTACKS.items():
            token = forge(material)
            if not token or not token.isascii() or len(token) > 10_000:
                continue  # no header that a client sends can carry it
            answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
            assert (answer.status_code, answer.json()["code"]) in {
                (401, "token_invalid"),
                (401, "token_of_ended_key"),
                (401, "api_key_invalid"),
                (401, "credential_missing"),
            }, attack
            assert door.own not in answer.text
    assert "token_invalid" in {details["code"] for *_, details in entries(door, None, "api.refused")}


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  ", "Basic", "Token", "Negotiate", ""])
def test_a_credential_in_another_scheme_is_none(door: Door, material: Material, scheme: str) -> None:
    answer = httpx.get(f"{door.url}/api/v1/me", headers={"Authorization": f"{scheme} {material.token}".strip()})
    assert answer.status_code == (200 if scheme.strip().lower() == "bearer" else 401)


def test_a_token_in_a_query_a_cookie_or_a_body_is_none(door: Door, material: Material) -> None:
    cookie = door.services.sign_in.for_browser(door.services.sign_in.password(*_owner_login(door)))
    machine = door.machine[door.own]
    with httpx.Client(base_url=door.url) as client:
        for token in (material.token, machine, cookie):
            for name in ("hub_session", "__Host-hub_session", "access_token", "Authorization"):
                assert client.get("/api/v1/me", headers={"Cookie": f"{name}={token}"}).status_code == 401
            assert client.get("/api/v1/me", params={"access_token": token, "api_key": token}).status_code == 401
        # A browser's cookie is no bearer, however it is brought.
        for header in ("Authorization", "X-API-Key"):
            value = f"Bearer {cookie}" if header == "Authorization" else cookie
            assert client.get("/api/v1/me", headers={header: value}).status_code == 401


def test_a_bearer_token_is_no_browsers_cookie(door: Door, material: Material) -> None:
    from hub.api import browser

    scope = {"type": "http", "method": "GET", "path": "/dagster/", "query_string": b""}
    for token in (material.token, door.machine[door.own], material.refresh):
        headers = [(b"cookie", f"hub_session={token}; __Host-hub_session={token}".encode())]
        assert browser.caller_of(door.services, {**scope, "headers": headers}) is None


def test_a_credential_that_stands_twice_is_refused(door: Door, raw: Callable[[bytes], bytes]) -> None:
    own, other = (door.people[tenant, Role.OWNER].token for tenant in (door.own, door.other))
    for first, second in (
        (f"Authorization: Bearer {own}", f"Authorization: Bearer {other}"),
        (f"X-API-Key: {door.machine[door.own]}", f"X-API-Key: {door.machine[door.other]}"),
        (f"Authorization: Bearer {own}\r\nHub-Tenant: {door.own}", f"Hub-Tenant: {door.other}"),
    ):
        answer = raw(
            f"GET /api/v1/profile HTTP/1.1\r\nHost: hub\r\n{first}\r\n{second}\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert door.own.encode() not in answer


def test_another_tenant_in_token_header_and_subdomain(door: Door, material: Material) -> None:
    with served_with(door, public_url="http://hub.ornek.test") as url, httpx.Client(base_url=url) as client:
        sent = {"Authorization": f"Bearer {door.people[door.own, Role.OWNER].token}"}

        def asked(host: str, **more: str) -> int:
            return client.get("/api/v1/profile", headers=sent | {"Host": host} | more).status_code

        assert asked("hub.ornek.test") == 200
        assert asked(f"{door.own}.hub.ornek.test") == 200
        assert asked(f"{door.other}.hub.ornek.test") == 403
        # A header does not hide the subdomain, nor the subdomain the header.
        assert asked(f"{door.other}.hub.ornek.test", **{"Hub-Tenant": door.own}) == 403
        assert asked(f"{door.own}.hub.ornek.test", **{"Hub-Tenant": door.other}) == 403
        staff = {"Authorization": f"Bearer {door.people['tplatform222', Role.PLATFORM_ADMIN].token}"}
        hosts = {"Host": f"{door.own}.hub.ornek.test"}
        assert client.get("/api/v1/profile", headers=staff | hosts).json()["tenant_id"] == door.own
        refused = client.get("/api/v1/profile", headers=staff | hosts | {"Hub-Tenant": door.other})
        assert (refused.status_code, refused.json()["code"]) == (403, "tenant_not_yours")
    codes = {(named, details["code"]) for _actor, named, _ip, details in entries(door, door.own, "api.refused")}
    assert ("route:GET /api/v1/profile", "tenant_not_yours") in codes


def test_asking_for_others_tenants_uses_up_ones_own_calls(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []
    monkeypatch.setattr(door.services.limiting, "caller", lambda caller, _headers: counted.append(caller.home))
    with door.client(Role.OWNER) as client:
        assert client.get("/api/v1/profile", headers={"Hub-Tenant": door.other}).status_code == 403
    assert counted == [door.own]


def test_strangers_are_counted_whatever_is_wrong_with_their_call(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str | None] = []
    monkeypatch.setattr(door.services.limiting, "stranger", lambda ip, _headers: counted.append(ip))
    with door.client(**{"Idempotency-Key": "not a key"}) as client:
        answer = client.post("/api/v1/api-keys", json={})
        assert (answer.status_code, answer.json()["code"], counted) == (401, "credential_missing", ["127.0.0.1"])
        for wrong in ("not-a-token", "hub_" + "a" * 43, door.people[door.own, Role.OWNER].token + "x"):
            counted.clear()
            assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {wrong}"}).status_code == 401
            assert counted == ["127.0.0.1"], wrong


def test_a_refresh_token_that_comes_again_ends_its_family(door: Door, victim: str) -> None:
    tokens = sign_in(door.url, victim).json()

    def refresh(token: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return httpx.post(f"{door.url}/api/v1/auth/token", data=form)

    second = refresh(tokens["refresh_token"]).json()
    third = refresh(second["refresh_token"]).json()
    reused = refresh(tokens["refresh_token"])  # its successor was used: this is no lost answer
    assert (reused.status_code, reused.json()["code"]) == (400, "token_reused")
    assert refresh(third["refresh_token"]).status_code == 400
    access = {"Authorization": f"Bearer {third['access_token']}"}
    door.services.sign_in._recognition._users._found.clear()  # what is known for five seconds
    assert httpx.get(f"{door.url}/api/v1/me", headers=access).status_code == 401
    ended = entries(door, door.own, "session_ended")
    assert "token_reused" in {details["reason"] for *_, details in ended}


def test_a_revoked_keys_tokens_work_no_more(door: Door) -> None:
    database: Database = door.services.database
    new = api_keys.NewKey(label="gone", scopes=frozenset({Permission.USAGE_READ, Permission.PROFILE_READ}))
    made = api_keys.create(database, door.own, new, actor=OPERATOR)
    client_id, secret = str(made.key.key_id), made.secret
    basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    token = httpx.post(
        f"{door.url}/api/v1/auth/token",
        data={"grant_type": "client_credentials", "scope": "usage.read"},
        headers={"Authorization": f"Basic {basic}"},
    ).json()["access_token"]

    def status(bearer: str, path: str = "/api/v1/profile") -> int:
        return httpx.get(f"{door.url}{path}", headers={"Authorization": f"Bearer {bearer}"}).status_code

    assert (status(secret), status(token)) == (200, 403)  # the token was asked for with less than the key has
    api_keys.revoke(database, door.own, made.key.key_id, actor=OPERATOR)
    door.services.sign_in._recognition._keys._found.clear()
    assert (status(secret), status(token)) == (401, 401)


@pytest.mark.parametrize("grant", ["client_credentials", "refresh_token"])
def test_other_tenants_secrets_under_ones_own_id_are_none(door: Door, grant: str) -> None:
    owner = sign_in(door.url, door.people[door.own, ENGINEER].email).json()
    form = {
        "client_credentials": {"client_id": str(uuid4()), "client_secret": door.machine[door.other]},
        # The tenant in a refresh token is only where to look: under another's name nothing is found.
        "refresh_token": {"refresh_token": owner["refresh_token"].replace(door.own, door.other)},
    }[grant]
    answer = httpx.post(f"{door.url}/api/v1/auth/token", data={"grant_type": grant, **form})
    assert answer.json()["error"] == {"client_credentials": "invalid_client", "refresh_token": "invalid_grant"}[grant]


def test_only_a_trusted_proxy_says_where_a_call_comes_from(door: Door) -> None:
    # Each address has an entry of its own within a minute.
    forwarded = {"X-Forwarded-For": "203.0.113.77", "X-Forwarded-Proto": "https"}
    httpx.get(f"{door.url}/api/v1/profile", headers=forwarded | {"Authorization": "Bearer nobody"})
    assert "203.0.113.77" not in {ip for _actor, _object, ip, _ in entries(door, None, "api.refused")}
    with served_with(door, trusted_proxies=["127.0.0.1"]) as url:
        spoofed = {"X-Forwarded-For": "198.51.100.1, 203.0.113.78", "Authorization": "Bearer nobody"}
        httpx.get(f"{url}/api/v1/profile", headers=spoofed)
    found = {ip for _actor, _object, ip, _ in entries(door, None, "api.refused")}
    assert "203.0.113.78" in found  # the last one is the proxy's own word
    assert "198.51.100.1" not in found


def _owner_login(door: Door) -> tuple[str, str]:
    return door.people[door.own, ENGINEER].email, PASSWORD
