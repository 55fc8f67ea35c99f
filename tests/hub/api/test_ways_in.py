"""The token endpoint as libraries of OAuth2 read it, links as people get them, and what the door counts."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from connectors.secret import Secret
from hub.errors import HubError
from hub.i18n import catalogue
from hub.identity import account, users
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from tests.hub.api.conftest import OPERATOR, PASSWORD, sign_in
from tests.hub.api.test_pages import OWN

if TYPE_CHECKING:
    from hub.identity.record import User
    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")
TOKEN = "/api/v1/auth/token"


def added(door: Door, role: Role = Role.ENGINEER) -> User:
    """Somebody new of tenant `own`, active and without a second factor."""
    new = NewUser(email=f"{uuid4().hex}@ornek.com.tr", name="Deniz Kaya", role=role)
    return users.add(
        door.services.database, door.services.keyring, door.own, new, actor=OPERATOR, password=Secret(PASSWORD)
    ).user


@pytest.mark.parametrize(
    ("sent", "status", "error", "code"),
    [
        ({"data": {"grant_type": "foo"}}, 400, "unsupported_grant_type", "grant_type_unknown"),
        ({"data": {"username": "a"}}, 400, "invalid_request", "input_invalid"),
        ({"data": {"grant_type": "password", "username": "a" * 5_000}}, 400, "invalid_request", "input_invalid"),
        ({"json": {"grant_type": "password"}}, 400, "invalid_request", "body_not_form"),
        ({"data": {"grant_type": "password", "username": "a"}}, 400, "invalid_request", "token_request_incomplete"),
        (
            {"data": {"grant_type": "password", "username": "kimse@ornek.com.tr", "password": "x"}},
            400,
            "invalid_grant",
            "sign_in_refused",
        ),
        ({"data": {"grant_type": "refresh_token", "refresh_token": "x"}}, 400, "invalid_grant", "token_invalid"),
        (
            {"data": {"grant_type": "client_credentials", "client_id": str(uuid4()), "client_secret": "x"}},
            401,
            "invalid_client",
            "client_refused",
        ),
    ],
)
def test_a_refused_token_request_has_the_status_and_the_word_that_libraries_look_for(
    door: Door, sent: dict[str, Any], status: int, error: str, code: str
) -> None:
    with door.client() as client:
        answer = client.post(TOKEN, **sent)
    told = answer.json()
    assert (answer.status_code, told["error"], told["code"]) == (status, error, code)
    challenge = answer.headers.get("www-authenticate")
    assert challenge == ('Basic realm="kopru"' if status == 401 else None)
    assert told["title"] == "No token is given"


def test_a_client_with_a_wrong_secret_is_told_of_its_secret(door: Door) -> None:
    pair = base64.b64encode(f"{uuid4()}:hub_nothing".encode()).decode()
    with door.client(Authorization=f"Basic {pair}") as client:
        answer = client.post(TOKEN, data={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert "Client id and key" in answer.json()["detail"]


def test_a_wait_at_the_token_endpoint_stays_a_wait(door: Door) -> None:
    user = added(door)
    form = {"grant_type": "password", "username": user.email, "password": "yanlış bir parola bu"}
    with door.client() as client:
        statuses = [client.post(TOKEN, data=form).status_code for _ in range(5)]
        answer = client.post(TOKEN, data=form)
    assert statuses == [400] * 5
    assert (answer.status_code, answer.json()["error"]) == (429, "temporarily_unavailable")
    assert 0 < int(answer.headers["retry-after"]) <= 30


def test_elsewhere_a_token_that_is_none_is_still_no_credential(door: Door) -> None:
    answer = httpx.get(f"{door.url}/api/v1/me", headers={"Authorization": "Bearer a.b.c"})
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert "error" not in answer.json()


def test_who_asks_for_a_link_is_answered_with_nothing_at_all(door: Door) -> None:
    with door.client() as client:
        answer = client.post("/api/v1/auth/forgotten", json={"login": "kimse@ornek.com.tr"})
        described = client.get("/api/openapi.json").json()["paths"]["/api/v1/auth/forgotten"]["post"]
    assert (answer.status_code, answer.content) == (202, b"")
    assert "content" not in described["responses"]["202"]


def test_a_network_that_asks_for_links_too_often_is_told_to_wait(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object, **_named: object) -> None:
        raise HubError("sign_in_locked", retry_seconds=7)

    monkeypatch.setattr(account, "admit_forgotten", refused)
    with door.client() as client:
        answer = client.post("/api/v1/auth/forgotten", json={"login": "kimse@ornek.com.tr"})
        page = client.post("/account/forgotten", data={"login": "kimse@ornek.com.tr"}, headers=OWN)
    for each in (answer, page):
        assert (each.status_code, each.headers["retry-after"]) == (429, "7")


def test_one_key_with_another_if_match_is_another_call(door: Door) -> None:
    user = added(door)
    key = {"Idempotency-Key": uuid4().hex}
    with door.client(Role.OWNER) as client:
        path = f"/api/v1/users/{user.user_id}/disable"
        first = client.post(path, headers=key | {"If-Match": f'"{user.version}"'})
        again = client.post(path, headers=key | {"If-Match": f'"{user.version}"'})
        other = client.post(path, headers=key | {"If-Match": f'"{user.version + 1}"'})
        without = client.post(path, headers=key)
    assert (first.status_code, again.headers["idempotency-replayed"]) == (200, "true")
    for answer in (other, without):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_of_another_call")


def test_wrong_codes_at_the_page_drop_the_secret_that_was_begun(door: Door) -> None:
    user = added(door)
    with door.client() as client:
        client.post("/sign-in", data={"login": user.email, "password": PASSWORD}, headers=OWN)
        assert "<svg" in client.post("/account/second-factor", data={"password": PASSWORD}, headers=OWN).text
        path = "/account/second-factor/confirm"
        answers = [client.post(path, data={"code": "no code"}, headers=OWN) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [401] * 5 + [303]
    assert answers[-1].headers["location"] == "/account/second-factor"


def test_an_owner_without_a_second_factor_lets_no_column_through_in_clear(door: Door) -> None:
    user = added(door, Role.OWNER)
    path = "/policies/overrides/iyzico/subscription_customers/gsm_number"
    body = {"action": "keep", "legal_basis": "contract", "retention": "P1Y"}
    with httpx.Client(base_url=f"{door.url}/api/v1") as client:
        tokens = sign_in(door.url, user.email).json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        for refused in (client.put(path, json=body), client.delete(path)):
            assert (refused.status_code, refused.json()["code"]) == (403, "originals_need_second_factor")
        assert client.get("/policies/overrides").json() == []
    with door.client(Role.OWNER) as client:
        answer = client.delete(f"/api/v1{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "override_missing")


def test_whoever_adds_or_resets_a_user_gets_a_link_to_hand_over(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        body = {"email": f"{uuid4().hex}@ornek.com.tr", "name": "Deniz Kaya", "role": "analyst"}
        made = client.post("/api/v1/users", json=body).json()
        again = client.post(f"/api/v1/users/{made['user']['user_id']}/reset-password").json()
    for each in (made, again):
        assert each["mailed"] is False
        assert each["link"].startswith(("http://", "https://"))
        assert each["link"].endswith(f"/account/password#{each['token']}")
    where = again["link"].partition("#")[0]
    assert httpx.get(door.url + httpx.URL(where).path).status_code == 200
    account.set_password(door.services.database, door.services.keyring, again["token"], PASSWORD, source=None)


def test_the_page_of_links_takes_one_that_is_pasted_too(door: Door) -> None:
    with door.client() as client:
        page, script = client.get("/account/password").text, client.get("/account/password.js").text
    assert 'id="token"' in page
    assert "location.hash" in script
    assert "#token" in script


def test_turkish_has_one_word_for_a_token() -> None:
    texts = {str(each.string).lower() for each in _turkish() if each.id}
    assert not [text for text in texts if "jeton" in text]
    assert catalogue("tr").gettext("The token has expired.") != "The token has expired."


def _turkish() -> Any:
    from pathlib import Path

    from babel.messages.pofile import read_po

    with (Path(__file__).parents[3] / "hub/locale/tr/LC_MESSAGES/hub.po").open("rb") as file:
        return read_po(file)
