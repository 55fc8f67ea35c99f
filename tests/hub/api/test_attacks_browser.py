"""The pages for browsers: another site's forms and frames, cookies, addresses that lead away, and guessing people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest

from connectors.secret import Secret
from hub.api import limiting
from hub.identity import users
from hub.identity.permissions import Role
from hub.identity.record import NewUser
from tests.hub.api.attacking import entries, served_with
from tests.hub.api.conftest import OPERATOR, PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.hub.api.conftest import Door

pytestmark = pytest.mark.usefixtures("crowd")

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def login(door: Door) -> str:
    email = f"tarayici-{uuid4().hex[:8]}@ornek.com.tr"
    new = NewUser(email=email, name="Tarayıcı Yılmaz", role=Role.ANALYST)
    users.add(door.services.database, door.services.keyring, door.own, new, actor=OPERATOR, password=Secret(PASSWORD))
    return email


@pytest.fixture(scope="module")
def over_tls(door: Door) -> Iterator[str]:
    """As behind a proxy that ends TLS, with one other origin that may call the API."""
    with served_with(door, public_url="https://hub.ornek.test", cors_origins=["https://panel.ornek.test"]) as url:
        yield url


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.invalid"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.invalid"},
    ],
)
def test_another_sites_form_signs_nobody_in_or_out(door: Door, login: str, headers: dict[str, str]) -> None:
    form = {"login": login, "password": PASSWORD}
    answer = httpx.post(f"{door.url}/sign-in", data=form, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    cookie = _signed_in(door.url, login)
    httpx.post(f"{door.url}/sign-out", headers={**headers, "Cookie": cookie})
    assert door.services.sign_in.of_browser(cookie.partition("=")[2]).home == door.own


def test_signing_out_ends_the_session_and_not_only_the_cookie(door: Door, login: str) -> None:
    from hub.errors import HubError

    cookie = _signed_in(door.url, login)
    out = httpx.post(f"{door.url}/sign-out", headers={**OURS, "Cookie": cookie})
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    with pytest.raises(HubError):
        door.services.sign_in.of_browser(cookie.partition("=")[2])


def test_a_cookie_that_somebody_planted_is_replaced_by_signing_in(door: Door, login: str) -> None:
    planted = _signed_in(door.url, login)
    again = httpx.post(
        f"{door.url}/sign-in", data={"login": login, "password": PASSWORD}, headers={**OURS, "Cookie": planted}
    )
    assert again.headers["set-cookie"].partition(";")[0] != planted


def test_the_cookie_is_for_this_host_and_no_script_over_tls_alone(over_tls: str, login: str) -> None:
    form = {"login": login, "password": PASSWORD}
    answer = httpx.post(f"{over_tls}/sign-in", data=form, headers={**OURS, "Host": "hub.ornek.test"})
    name, *flags = (part.strip() for part in answer.headers["set-cookie"].split(";"))
    assert name.startswith("__Host-hub_session=")
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.invalid/",
        "//evil.invalid/",
        "/\\evil.invalid",
        "\\\\evil.invalid",
        "/\t/evil.invalid",
        "/\n/evil.invalid",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.invalid",
        "/ok\r\nSet-Cookie: evil=1",
        "http:evil.invalid",
        "",
    ],
)
def test_signing_in_leads_to_no_other_site(door: Door, login: str, wanted: str) -> None:
    page = httpx.get(f"{door.url}/sign-in", params={"next": wanted}).text
    assert 'name="next"' not in page
    answer = httpx.post(
        f"{door.url}/sign-in", data={"login": login, "password": PASSWORD, "next": wanted}, headers=OURS
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    assert answer.headers["set-cookie"].startswith("hub_session=")


def test_nothing_that_is_typed_into_the_form_is_markup(door: Door) -> None:
    mark = '"><script>alert(1)</script>'
    answer = httpx.post(
        f"{door.url}/sign-in",
        data={"login": mark, "password": mark, "tenant": mark, "next": f"/{mark}"},
        headers=OURS,
    )
    assert answer.status_code == 401
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_no_page_of_ours_stands_in_a_frame(door: Door) -> None:
    for path in ("/sign-in", "/api/docs", "/healthz", "/nowhere"):
        headers = httpx.get(f"{door.url}{path}").headers
        assert headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin"


def test_what_is_personal_stays_in_no_cache(door: Door) -> None:
    with door.client(Role.OWNER) as client:
        for path in ("/api/v1/me", "/api/v1/users", "/api/v1/data", "/sign-in", "/api/v1/nowhere"):
            assert client.get(path).headers["cache-control"] == "no-store", path


@pytest.mark.parametrize("origin", ["https://evil.invalid", "null", "https://panel.ornek.test.evil.invalid"])
def test_another_origin_reads_nothing(over_tls: str, origin: str) -> None:
    with httpx.Client(base_url=over_tls, headers={"Host": "hub.ornek.test", "Origin": origin}) as client:
        ask = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        before, answer = client.options("/api/v1/me", headers=ask), client.get("/api/v1/me")
        assert (before.status_code, before.json()["code"]) == (400, "cross_origin_refused")
        assert before.headers["content-type"] == "application/problem+json"
        for each in (before, answer):
            assert "access-control-allow-origin" not in each.headers
            assert "access-control-allow-credentials" not in each.headers


def test_the_origin_that_is_configured_may_call_without_cookies(over_tls: str) -> None:
    answer = httpx.get(f"{over_tls}/version", headers={"Host": "hub.ornek.test", "Origin": "https://panel.ornek.test"})
    assert answer.headers["access-control-allow-origin"] == "https://panel.ornek.test"
    assert "access-control-allow-credentials" not in answer.headers
    assert {"ETag", "Content-Disposition"} <= set(answer.headers["access-control-expose-headers"].split(", "))


@pytest.mark.parametrize(("header", "status"), [("if-none-match", 200), ("cookie-of-mine", 400)])
def test_a_page_asks_first_which_headers_it_may_send(over_tls: str, header: str, status: int) -> None:
    ask = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": header}
    site = {"Host": "hub.ornek.test", "Origin": "https://panel.ornek.test"}
    assert httpx.options(f"{over_tls}/api/v1/me", headers=ask | site).status_code == status


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x", "application/json", "text/plain"]
)
def test_a_form_in_another_shape_is_a_page_that_says_no(door: Door, kind: str) -> None:
    answer = httpx.post(f"{door.url}/sign-in", content=b"--y\r\nx", headers={**OURS, "Content-Type": kind})
    assert answer.status_code in {400, 401}
    assert answer.headers["content-type"].startswith("text/html")


def test_a_form_that_is_too_large_or_says_no_length_is_not_read(door: Door) -> None:
    large = httpx.post(f"{door.url}/sign-in", data={"login": "a" * 20_000}, headers=OURS)
    endless = httpx.post(f"{door.url}/sign-in", content=iter([b"login=a"]), headers=OURS)
    assert (large.status_code, endless.status_code) == (413, 413)


def test_one_answer_for_nobody_a_wrong_password_and_another_tenant(
    door: Door, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.identity import passwords

    worked: list[bool] = []
    fits = passwords.fits
    monkeypatch.setattr(passwords, "fits", lambda stored, given: worked.append(True) or fits(stored, given))
    answers: list[str] = []
    for who, more in (
        (login, {}),
        (f"{uuid4().hex}@ornek.com.tr", {}),
        (login, {"tenant": door.other}),
        (login, {"tenant": "yoktur"}),
    ):
        form = {"grant_type": "password", "username": who, "password": "yanlış parola 1", **more}
        answer = httpx.post(f"{door.url}/api/v1/auth/token", data=form, headers={"Accept-Language": "en"})
        answers.append(f"{answer.status_code} {re.sub(r'[0-9a-f]{32}', '', answer.text)}")
    assert len(set(answers)) == 1
    assert len(worked) == 4  # each cost one hash, whether there was anybody or not
    assert any(ip == "127.0.0.1" for _a, named, ip, _d in entries(door, None, "sign_in") if named == "login:unknown")


def test_whether_an_account_is_there_is_not_told_to_who_forgot_a_password(door: Door, login: str) -> None:
    answers = [
        httpx.post(f"{door.url}/api/v1/auth/forgotten", json={"login": who})
        for who in (login, f"{uuid4().hex}@ornek.com.tr")
    ]
    assert [(answer.status_code, answer.text) for answer in answers] == [(202, "")] * 2


def test_guessing_gets_slow_and_is_written_down_and_shuts_nobody_out(door: Door) -> None:
    email = f"hedef-{uuid4().hex[:8]}@ornek.com.tr"
    new = NewUser(email=email, name="Hedef Yılmaz", role=Role.ANALYST)
    database, keyring = door.services.database, door.services.keyring
    target = users.add(database, keyring, door.own, new, actor=OPERATOR, password=Secret(PASSWORD)).user
    with served_with(door, trusted_proxies=["127.0.0.1"]) as url:

        def tried(password: str, ip: str) -> httpx.Response:
            form = {"grant_type": "password", "username": email, "password": password}
            return httpx.post(f"{url}/api/v1/auth/token", data=form, headers={"X-Forwarded-For": ip})

        assert tried(PASSWORD, "203.0.113.10").status_code == 200  # the person's own network is known from now on
        codes = [tried("yanlış parola 1", "198.51.100.66").json()["code"] for _ in range(7)]
        assert codes == ["sign_in_refused"] * 5 + ["sign_in_locked"] * 2
        locked = tried(PASSWORD, "198.51.100.66")
        assert (locked.status_code, int(locked.headers["retry-after"]) > 0) == (429, True)
        assert tried(PASSWORD, "203.0.113.11").status_code == 200
    refused = [each for each in entries(door, door.own, "sign_in") if each[1] == f"user:{target.user_id}"]
    assert "198.51.100.66" in {ip for _actor, _object, ip, _details in refused}


def _signed_in(url: str, login: str) -> str:
    answer = httpx.post(f"{url}/sign-in", data={"login": login, "password": PASSWORD}, headers=OURS)
    return str(answer.headers["set-cookie"]).partition(";")[0]


def test_whoever_tries_dagster_without_a_right_stands_in_a_log_and_floods_are_put_off(
    door: Door, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, trick = _signed_in(door.url, login), "/dagster/%2e%2e/api/v1/tenants"
    with (
        served_with(door, dagster_url="http://127.0.0.1:9/dagster") as url,
        httpx.Client(base_url=url, headers={"Accept": "application/json"}) as client,
    ):
        for headers in ({"Cookie": cookie}, {}):
            assert client.get(trick, headers=headers).status_code == 404
        monkeypatch.setattr(limiting, "STRANGERS_PER_MINUTE", 60)
        monkeypatch.setattr(limiting, "STRANGERS_BURST", 4)
        flood = [client.get("/dagster/") for _ in range(12)]

    assert {answer.status_code for answer in flood} == {401, 429}
    assert int(flood[-1].headers["retry-after"]) >= 1
    who = f"user:{door.services.sign_in.of_browser(cookie.partition('=')[2]).subject}"
    for tenant_id, actor in ((door.own, who), (None, "nobody")):
        found = [
            (each[0], each[3]["code"]) for each in entries(door, tenant_id, "api.refused") if "/dagster" in each[1]
        ]
        assert (actor, "dagster_not_here") in found
    # The form is another door: a flood at Dagster's keeps nobody from signing in.
    assert _signed_in(door.url, login)
