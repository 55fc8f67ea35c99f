"""A whole hub behind the reverse proxies that docs/deploy.md recommends, with the files of `deploy/`, over real TLS.

One `hub up` of two workers serves all of these tests, and mails through a real mail server. Where a call comes from is
told apart by addresses of loopback: proxies are 127.0.0.1, which is trusted, and callers have others.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest
import trustme

from connectors.secret import Secret
from hub.db.database import Database
from hub.identity import api_keys, users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import ROLES, Role
from hub.identity.record import NewUser
from hub.inbox import endpoints
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.kvkk import audit
from hub.migrations.connections import outside_transaction
from hub.orchestration.ports import free_port
from tests.hub.inbox.conftest import ACTOR, account
from tests.hub.mail.conftest import SENDER, OnFreePort, PostOffice
from tests.proofs.webhook_calls import CREDENTIALS, SETTINGS, Shop, made
from tests.support.accounts import add_tenant
from tests.support.browser import chromium, with_browser
from tests.support.proxies import CADDY, NAME, NGINX, Site, proxy
from tests.support.running_hub import Up, running_hub
from tests.support.waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.prove

PASSWORD, NEW_PASSWORD = "yaylada üç kırmızı at", "denizde beş mavi gemi"
OPERATOR = audit.Actor("test", "operator")
MAIL_SECONDS = 240
"""The sensor looks once a minute; then a run has to start and to send."""
BY_FORM = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Hub:
    """The hub, its mails, and where the proxies are."""

    up: Up
    office: PostOffice
    authority: trustme.CA
    ports: dict[str, int]
    plain_ports: dict[str, int]
    directories: dict[str, Path]
    database: Database
    keyring: Keyring
    shop: Shop
    key: str

    def client(self, name: str, source: str = "127.0.0.9") -> httpx.Client:
        """Somebody at `source` who asks the proxy."""

        def named(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = NAME

        return httpx.Client(
            base_url=f"https://127.0.0.1:{self.ports[name]}",
            transport=httpx.HTTPTransport(verify=self.trust(), local_address=source),
            headers={"Host": f"{NAME}:{self.ports[name]}", "Accept-Language": "en"},
            event_hooks={"request": [named]},
            timeout=60,
        )

    def direct(self, source: str) -> httpx.Client:
        """Somebody who reaches the hub itself."""
        transport = httpx.HTTPTransport(local_address=source)
        return httpx.Client(base_url=self.up.door, transport=transport, headers={"Accept-Language": "en"}, timeout=60)

    def trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context

    def someone(self, role: Role, *, password: str | None = PASSWORD) -> str:
        home = PLATFORM_SCOPE if role is Role.PLATFORM_ANALYST else self.shop.tenant
        email = f"{role.value}-{uuid4().hex[:8]}@ornek.com.tr"
        new = NewUser(email=email, name="Ayşe Yılmaz", role=role)
        secret = Secret(password) if password else None
        users.add(self.database, self.keyring, home, new, actor=OPERATOR, password=secret)
        return email

    def addresses(self) -> set[str]:
        """Where refused calls of strangers came from, as the audit log says."""
        with outside_transaction(self.up.settings, "data") as admin:
            rows = admin.execute(
                "SELECT DISTINCT host(ip) FROM hub.platform_audit_log WHERE action = 'api.refused' AND ip IS NOT NULL"
            ).fetchall()
        return {str(row[0]) for row in rows}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    names = [name for name, program in (("nginx", NGINX), ("caddy", CADDY)) if program is not None]
    if "nginx" not in names:
        pytest.skip("nginx is not installed (Debian: nginx-light)")
    authority, office = trustme.CA(), PostOffice()
    ports, plain = {name: free_port() for name in names}, {name: free_port() for name in names}
    directories = {name: tmp_path_factory.mktemp(name) for name in names}
    mails = OnFreePort(office, hostname="127.0.0.1", port=0, timeout=20)
    mails.start()
    told = {
        "HUB_API_WORKERS": "2",
        "HUB_PUBLIC_URL": f"https://{NAME}:{ports['nginx']}",
        "HUB_ALLOWED_HOSTS": json.dumps([NAME, "127.0.0.1"]),
        "HUB_TRUSTED_PROXIES": json.dumps(["127.0.0.1"]),
        "HUB_SMTP_HOST": "127.0.0.1",
        "HUB_SMTP_PORT": str(mails.port),
        "HUB_SMTP_TLS": "none",
        "HUB_SMTP_FROM": SENDER,
    }
    with ExitStack() as stack:
        stack.callback(mails.stop)
        up = stack.enter_context(running_hub(migrated=True, **told))
        for name in names:
            place = up.door.removeprefix("http://")
            stack.enter_context(proxy(name, Site(directories[name], ports[name], plain[name], place, authority)))
        known = {"public_url": told["HUB_PUBLIC_URL"], "smtp_host": "127.0.0.1"}
        database = Database(up.settings.model_copy(update=known))
        stack.callback(database.close)
        keyring = Keyring(database, read_master_key(up.settings.master_key_file))
        shop = _shop(database, keyring)
        new = api_keys.NewKey(label="test", scopes=ROLES[Role.MACHINE])
        key = api_keys.create(database, shop.tenant, new, actor=OPERATOR).secret
        yield Hub(up, office, authority, ports, plain, directories, database, keyring, shop, key)


def _shop(database: Database, keyring: Keyring) -> Shop:
    """With accounts that lead nowhere."""
    tenant, providers = add_tenant(database), ("iyzico", "whatsapp")
    for provider in providers:
        account((database, keyring), tenant, provider, **CREDENTIALS[provider])
        with database.tenant(tenant, "app") as connection:
            connection.execute(
                "UPDATE hub.integrations SET settings = %s::jsonb, base_url = 'http://127.0.0.1:1'"
                " WHERE tenant_id = %s AND provider = %s",
                (json.dumps(SETTINGS[provider]), tenant, provider),
            )
    paths = {each: endpoints.issue(database, tenant, each, actor=ACTOR).path for each in providers}
    return Shop(database, keyring, tenant, paths)


@pytest.fixture(params=["nginx", "caddy"])
def name(request: pytest.FixtureRequest, hub: Hub) -> str:
    if request.param not in hub.ports:
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


def test_a_caller_cannot_say_where_it_comes_from(hub: Hub, name: str) -> None:
    source, spoofed = {"nginx": ("127.0.0.9", "203.0.113.9"), "caddy": ("127.0.0.10", "203.0.113.10")}[name]
    lies = {
        "X-Forwarded-For": spoofed,
        "X-Real-IP": spoofed,
        "Forwarded": f"for={spoofed};proto=http",
        "X-Forwarded-Host": "baska.example",
        "Authorization": "Bearer nobody",
    }
    with hub.client(name, source) as behind:
        assert behind.get("/api/v1/profile", headers=lies).status_code == 401
    assert source in hub.addresses()
    assert spoofed not in hub.addresses()

    # Past the proxy, from an address that is not trusted.
    beside = source.replace("127.0.0", "127.0.1")
    with hub.direct(beside) as outside:
        assert outside.get("/api/v1/profile", headers=lies).status_code == 401
    assert beside in hub.addresses()
    assert spoofed not in hub.addresses()


def test_cookies_are_for_tls_alone_and_browsers_are_told_once_to_come_by_it(hub: Hub, name: str) -> None:
    email = hub.someone(Role.ENGINEER)
    with hub.client(name) as client:
        answer = client.post("/sign-in", data={"login": email, "password": PASSWORD}, headers=BY_FORM)
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-hub_session=")
        assert "; Secure" in cookie
        said = answer.headers.get_list("strict-transport-security")
        assert len(said) == 1, said
        assert "max-age=63072000" in said[0]
        assert "Köprü" in client.get("/account").text
    plain = httpx.get(f"http://127.0.0.1:{hub.plain_ports[name]}/sign-in", headers={"Host": NAME})
    assert (plain.status_code in {301, 308}, plain.headers["location"]) == (True, f"https://{NAME}/sign-in")


def test_a_name_that_is_not_the_hubs_gets_nothing(hub: Hub, name: str) -> None:
    with hub.client(name) as client:
        try:
            assert client.get("/healthz", headers={"Host": "baska.example"}).content == b""
        except httpx.RemoteProtocolError:  # nginx hangs up
            assert name == "nginx"
        assert client.get("/healthz").content != b""
    with hub.direct("127.0.0.1") as direct:
        assert direct.get("/healthz", headers={"Host": "baska.example"}).json()["code"] == "host_unknown"


def test_signatures_over_exact_bytes_hold(hub: Hub, name: str) -> None:
    numbers = {"nginx": range(1, 40), "caddy": range(41, 80)}[name]
    with hub.client(name) as client:
        for provider in ("iyzico", "whatsapp"):
            for genuine in (True, False):
                calls = [made(provider, hub.shop.paths[provider], each, genuine=genuine) for each in numbers]
                answered = {client.post(call.path, content=call.body, headers=dict(call.headers)) for call in calls}
                good = {answer.status_code == 200 for answer in answered}
                assert good == {genuine}, {answer.status_code for answer in answered}


def test_what_is_too_large_is_refused_in_the_hubs_own_words(hub: Hub, name: str) -> None:
    with hub.client(name) as client:
        for so_many in (2_000_000, 15_000_000):
            answer = client.post("/api/v1/auth/forgotten", json={"login": "a" * so_many})
            assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
        assert client.get("/healthz").status_code == 200


def test_files_come_as_they_are_and_uncompressed(hub: Hub, name: str) -> None:
    with hub.client(name) as client, hub.direct("127.0.0.1") as direct:
        asked = {"Authorization": f"Bearer {hub.key}", "Accept-Encoding": "gzip, br"}
        for path in ("/api/openapi.json", "/api/v1/data/landing.iyzico_transactions?format=csv"):
            behind, itself = (each.get(path, headers=asked) for each in (client, direct))
            assert behind.status_code == 200, behind.text
            assert behind.content == itself.content
            assert "content-encoding" not in behind.headers
            assert behind.headers["content-type"] == itself.headers["content-type"]


def test_dagsters_websockets_pass(hub: Hub, name: str) -> None:
    from websockets.sync.client import connect

    email = hub.someone(Role.PLATFORM_ANALYST)
    with hub.client(name) as client:
        client.post("/sign-in", data={"login": email, "password": PASSWORD}, headers=BY_FORM)
        (cookie,) = [f"{each.name}={each.value}" for each in client.cookies.jar]
    where = f"{NAME}:{hub.ports[name]}"

    def opened(cookie: str) -> Any:
        return connect(
            f"wss://{where}/dagster/graphql",
            address=("127.0.0.1", hub.ports[name]),
            ssl=hub.trust(),
            server_hostname=NAME,
            origin=f"https://{where}",  # type: ignore[arg-type]
            additional_headers={"Cookie": cookie},
            subprotocols=["graphql-ws"],  # type: ignore[list-item]
            proxy=None,
        )

    with opened(cookie) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": {}}))
        assert json.loads(socket.recv(timeout=60))["type"] == "connection_ack"
    with pytest.raises(Exception, match=r"40[134]"), opened("__Host-hub_session=nobody"):
        pass


@with_browser
def test_the_first_hour_of_a_person_with_a_browser_and_a_mail_box(hub: Hub) -> None:
    invited, forgetful = hub.someone(Role.PLATFORM_ANALYST, password=None), hub.someone(Role.ENGINEER)
    port = hub.ports["nginx"]
    with chromium(NAME) as browser, _page(browser, port) as page:
        answer = page.goto("/sign-in")
        assert answer is not None
        assert answer.status == 200, page.content()
        page.get_by_role("link", name="Parolanızı mı unuttunuz?").click()
        page.locator("#login").fill(forgetful)
        page.get_by_role("button").click()
        page.get_by_role("status").wait_for()
        for email, words, landing in ((forgetful, NEW_PASSWORD, "/account"), (invited, PASSWORD, "/dagster/**")):
            page.goto(_mailed_link(hub, email))
            page.locator("#password").fill(words)
            page.get_by_role("button").click()
            page.wait_for_url("/sign-in")
            page.locator("#login").fill(email)
            page.locator("#password").fill(words)
            page.get_by_role("button").click()
            page.wait_for_url(landing)
            (cookie,) = page.context.cookies()
            assert (cookie.get("name"), cookie.get("secure")) == ("__Host-hub_session", True)
            page.goto("/account")
            assert email in page.locator("main").inner_text()
            page.get_by_role("button", name="Oturumu kapat").click()


@contextmanager
def _page(browser: Any, port: int) -> Iterator[Page]:
    # The authority is the test's own.
    context = browser.new_context(base_url=f"https://{NAME}:{port}", locale="tr-TR", ignore_https_errors=True)
    yield context.new_page()
    context.close()


def _mailed_link(hub: Hub, email: str) -> str:
    def come() -> str | None:
        for mail in hub.office.mails:
            body = mail.get_body(("plain",))
            if mail["To"] == email and body is not None:
                return next(iter(re.findall(r"https://\S+#\S+", body.get_content())), None)
        return None

    return until("the mail", come, seconds=MAIL_SECONDS)


def test_no_proxy_wrote_a_secret_address_anywhere(hub: Hub, name: str) -> None:
    with hub.client(name) as client:
        client.post(f"{hub.shop.paths['whatsapp']}", content=b"{}" * 20_000_000)
    written = b"".join(file.read_bytes() for file in hub.directories[name].rglob("*") if file.is_file())
    assert len(written) > 1_000
    for path in hub.shop.paths.values():
        assert path.rpartition("/")[2].encode() not in written
