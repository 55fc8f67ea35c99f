"""The hub's own pages, as programs and other sites' pages try them; a browser sees them in tests/hub/test_up.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hub.identity.permissions import Role
from tests.hub.api.conftest import PASSWORD

if TYPE_CHECKING:
    import httpx

    from tests.hub.api.conftest import Door

OWN = {"Sec-Fetch-Site": "same-origin"}
OTHERS = {"Origin": "https://baska.example"}


def come_in(client: httpx.Client, door: Door, role: Role, **fields: str) -> httpx.Response:
    login = door.people[door.own, role].email
    return client.post("/sign-in", data={"login": login, "password": PASSWORD, **fields}, headers=OWN)


@pytest.mark.parametrize(
    "wanted", ["https://baska.example/", "//baska.example", "/\\baska.example", "/\t/baska.example", "account"]
)
def test_nobody_is_led_to_another_site_after_signing_in(door: Door, wanted: str) -> None:
    with door.client() as client:
        answer = client.get("/sign-in", params={"next": wanted})
    assert 'name="next"' not in answer.text


def test_the_address_to_go_on_to_is_kept_and_is_only_text(door: Door) -> None:
    with door.client() as client:
        shown = client.get("/sign-in", params={"next": '/account?"><script>'}).text
        answer = come_in(client, door, Role.ENGINEER, next="/account/second-factor")
    assert "<script>" not in shown
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/second-factor")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()


def test_who_comes_for_dagster_and_cannot_see_it_lands_at_a_page_of_theirs(door: Door) -> None:
    with door.client() as client:
        answer = come_in(client, door, Role.ENGINEER, next="/dagster/runs?view=all")
    assert answer.headers["location"] == "/account"


@pytest.mark.parametrize("path", ["/account", "/account/second-factor"])
def test_without_a_session_a_page_leads_to_the_sign_in_and_back(door: Door, path: str) -> None:
    with door.client() as client:
        answer = client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


def test_another_sites_page_neither_signs_in_nor_begins_a_second_factor_nor_signs_out(door: Door) -> None:
    with door.client() as client:
        come_in(client, door, Role.ENGINEER)
        for path in ("/sign-in", "/account/second-factor", "/account/second-factor/confirm"):
            for headers in (OTHERS, {}):
                refused = client.post(path, data={"password": PASSWORD, "code": "123456"}, headers=headers)
                assert refused.status_code == 403
                assert "set-cookie" not in refused.headers
        cookies = dict(client.cookies)
        client.post("/sign-out", headers=OTHERS)
        client.cookies.update(cookies)
        assert client.get("/account").status_code == 200
        assert client.get("/api/v1/me").status_code == 401


def test_a_second_factor_is_begun_with_the_right_password_alone(door: Door) -> None:
    with door.client() as client:
        come_in(client, door, Role.ENGINEER)
        wrong = client.post("/account/second-factor", data={"password": "not the one at all"}, headers=OWN)
        early = client.post("/account/second-factor/confirm", data={"code": "123456"}, headers=OWN)
    assert wrong.status_code == 403
    assert "<svg" not in wrong.text
    assert (early.status_code, early.headers["location"]) == (303, "/account/second-factor")


def test_every_page_names_its_language_and_one_style_that_its_policy_allows(door: Door) -> None:
    for language in ("tr", "en"):
        with door.client(**{"Accept-Language": language}) as client:
            for path in ("/sign-in", "/account/forgotten", "/account/password"):
                answer = client.get(path)
                assert f'<html lang="{language}">' in answer.text
                assert "unsafe" not in answer.headers["content-security-policy"]
                assert answer.headers["referrer-policy"] == "same-origin"
                assert "script" not in answer.headers["content-security-policy"] or path == "/account/password"
