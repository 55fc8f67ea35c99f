"""Invitation and forgotten password to the end: form, queue, mail server, the link's page, and signing in with it."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from hub.api.app import front_door
from hub.api.serve import listen, server_of, services_of
from hub.identity import users
from hub.identity.caller import PLATFORM_SCOPE
from hub.identity.permissions import PLATFORM_ROLES, Role
from hub.identity.record import NewUser
from hub.kvkk.breach.mailing import deliver
from hub.mail.server import mail_server
from tests.hub.api.conftest import OPERATOR
from tests.hub.api.test_pages import OTHERS, OWN
from tests.hub.mail.conftest import PASSWORD, SENDER, USER, PostOffice, authority, empty_queue, office
from tests.support.waiting import until

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from hub.api.services import Services
    from tests.hub.api.conftest import Door

__all__ = ["authority", "office"]

PUBLIC = "https://kopru.example.com"
WORDS, NEW_WORDS = "yaylada üç kırmızı at", "denizde beş mavi gemi"


class Mailing:
    """A front door that has a mail server."""

    def __init__(self, door: Door, office: PostOffice, directory: Path) -> None:
        secret = directory / "smtp-password"
        secret.write_text(PASSWORD)
        self.settings = door.services.settings.model_copy(
            update={
                "public_url": PUBLIC,
                "trusted_proxies": ["127.0.0.1"],
                "smtp_host": office.server.host,
                "smtp_port": office.server.port,
                "smtp_ca_file": office.server.ca_file,
                "smtp_user": USER,
                "smtp_password_file": secret,
                "smtp_from": SENDER,
            }
        )
        self.office = office
        self.url = ""
        self.followed: list[str] = []
        self.services: Services

    def link(self, login: str) -> str:
        """The address in the next mail to that person that has one."""
        server = mail_server(self.settings)
        assert server is not None

        def come() -> str | None:
            deliver(self.services.database, self.services.keyring, server)
            links = [link for mail in self.office.mails if mail["To"] == login for link in links_in(mail)]
            return next((link for link in links if link not in self.followed), None)

        self.followed.append(until("a mail with a link", come, seconds=30))
        return self.followed[-1]


def links_in(mail: EmailMessage) -> list[str]:
    body = mail.get_body(("plain",))
    assert body is not None
    return re.findall(r"https://\S+", body.get_content())


@pytest.fixture
def mailing(door: Door, office: PostOffice, tmp_path: Path) -> Iterator[Mailing]:
    found = Mailing(door, office, tmp_path)
    empty_queue(door.services.database)
    with services_of(found.settings) as found.services:
        listening = listen("127.0.0.1", 0)
        server = server_of(found.settings, front_door(found.services))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        found.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        yield found
        server.should_exit = True
        thread.join()


@pytest.mark.parametrize("role", [Role.ENGINEER, Role.PLATFORM_ANALYST])
def test_who_is_invited_or_forgot_comes_in_by_the_mailed_link_alone(door: Door, mailing: Mailing, role: Role) -> None:
    login = f"posta-{uuid4().hex[:8]}@ornek.com.tr"
    new = NewUser(email=login, name="Posta Yılmaz", role=role)
    home = PLATFORM_SCOPE if role in PLATFORM_ROLES else door.own
    assert users.add(mailing.services.database, mailing.services.keyring, home, new, actor=OPERATOR).mailed
    with httpx.Client(base_url=mailing.url, headers={"Accept-Language": "en"}, timeout=30) as client:
        choose(client, mailing.link(login), WORDS)
        assert come_in(client, login, WORDS) == 303

        asked = client.post("/account/forgotten", data={"login": login.upper()}, headers=OWN)
        strangers = client.post("/account/forgotten", data={"login": "kimse@ornek.com.tr"}, headers=OWN)
        assert (asked.status_code, asked.text) == (200, strangers.text)
        choose(client, mailing.link(login), NEW_WORDS)
        assert [come_in(client, login, words) for words in (WORDS, NEW_WORDS)] == [401, 303]


def choose(client: httpx.Client, link: str, words: str) -> None:
    """What a browser does with the page: its script sends what stands behind the # to the API. Once."""
    there = urlsplit(link)
    assert (f"{there.scheme}://{there.netloc}", there.path) == (PUBLIC, "/account/password")
    page, script = client.get(there.path), client.get(f"{there.path}.js")
    assert 'src="/account/password.js"' in page.text
    assert "/api/v1/auth/password" in script.text
    body = {"token": there.fragment, "password": words}
    assert [client.post("/api/v1/auth/password", json=body).status_code for _ in range(2)] == [204, 401]


def come_in(client: httpx.Client, login: str, words: str) -> int:
    return client.post("/sign-in", data={"login": login, "password": words}, headers=OWN).status_code


def test_another_sites_page_and_a_flood_have_no_mail_sent(
    door: Door, mailing: Mailing, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hub.api import forgotten_page, limiting

    asked: list[tuple[Any, ...]] = []

    def noted(*given: Any) -> None:
        asked.append(given)

    monkeypatch.setattr(forgotten_page, "_mail_link", noted)
    monkeypatch.setattr(limiting, "STRANGERS_PER_MINUTE", 1)
    monkeypatch.setattr(limiting, "STRANGERS_BURST", 1)
    form = {"login": door.people[door.own, Role.ENGINEER].email}
    with httpx.Client(base_url=mailing.url, headers={"Accept-Language": "en"}, timeout=30) as client:
        others = [client.post("/account/forgotten", data=form, headers=sent) for sent in (OTHERS, {})]
        assert [answer.status_code for answer in others] == [403, 403]
        large = client.post("/account/forgotten", data={"login": "a" * 20_000}, headers=OWN)
        strange = OWN | {"X-Forwarded-For": "203.0.113.42"}  # a network whose bucket is full yet
        flood = [client.post("/account/forgotten", data=form, headers=strange) for _ in range(3)]
    assert large.status_code == 413
    assert [answer.status_code for answer in flood] == [200, 429, 429]
    until("the one that was let in is asked for", lambda: bool(asked), seconds=30)
    assert len(asked) == 1
    assert int(flood[-1].headers["retry-after"]) > 0
    assert 'role="alert"' in flood[-1].text
