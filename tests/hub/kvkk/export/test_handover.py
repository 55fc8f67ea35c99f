"""A link works once and tells nothing; a passphrase is shown once; a package ends, and all of it is in the log."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx
import pytest
import uvicorn

from hub.errors import HubError
from hub.kvkk.audit import Actor
from hub.kvkk.export import handover, record
from hub.kvkk.export.build import Exporter
from hub.kvkk.export.expiry import sweep_exports
from hub.kvkk.export.handover import Link
from hub.kvkk.export.link import link_app
from hub.kvkk.export.order import Built, Order
from hub.sync.batch import Engine
from tests.hub.kvkk.export import people

MakeTenant = Callable[..., str]
ACTOR = Actor("masa", "operator")


class Made:
    """A tenant with one package."""

    def __init__(self, exporter: Exporter, engine: Engine, tenant_id: str) -> None:
        self.exporter, self.database, self.tenant_id = exporter, exporter.database, tenant_id
        named = ("phone", people.pseudonym(engine, tenant_id, "phone", people.AYSE["phone"]))
        self.built: Built = exporter.export(Order(tenant_id, [named], ACTOR))

    def link(self) -> Link:
        return handover.issue_link(self.database, self.tenant_id, self.built.export_id, ACTOR)

    def passphrase(self) -> str:
        return handover.passphrase_once(
            self.database, self.exporter.keyring, self.tenant_id, self.built.export_id, ACTOR
        )

    def state(self) -> record.Export:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return record.read(connection, self.tenant_id, self.built.export_id)

    def log(self) -> list[tuple[Any, ...]]:
        with self.database.tenant(self.tenant_id, "app") as connection:
            return connection.execute(
                "SELECT action, actor, actor_role, host(ip), result FROM hub.audit_log ORDER BY seq"
            ).fetchall()

    def set_until(self, until: datetime) -> None:
        with self.database.tenant(self.tenant_id, "app") as connection:
            connection.execute("UPDATE hub.exports SET link_expires_at = %s", (until,))


@pytest.fixture
def made(exporter: Exporter, engine: Engine, make_tenant: MakeTenant) -> Made:
    return Made(exporter, engine, make_tenant())


@pytest.fixture(scope="module")
def client(exporter: Exporter) -> Iterator[httpx.Client]:
    """Real HTTP over loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(link_app(exporter.database), access_log=False, log_level="warning"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", trust_env=False) as opened:
                yield opened
        finally:
            server.should_exit = True
            thread.join()


def test_looking_at_the_page_uses_nothing_up_and_the_button_downloads_once(made: Made, client: httpx.Client) -> None:
    link = made.link()

    pages = [client.get(link.path) for _ in range(3)]
    heads = client.head(link.path)
    first, second = client.post(link.path), client.post(link.path)

    assert {page.status_code for page in (*pages, heads)} == {200}
    assert '<form method="post">' in pages[0].text
    assert "İndir" in pages[0].text
    assert "Download" in pages[0].text
    assert first.status_code == 200
    assert first.content.startswith(b"PK")
    assert len(first.content) == made.built.bytes
    assert second.status_code == 404
    assert client.get(link.path).status_code == 404
    assert made.state().state == "downloaded"


def test_every_link_that_does_not_work_gets_the_same_page(made: Made, client: httpx.Client) -> None:
    used, late = made.link(), made.link()
    made.set_until(datetime.now(UTC) - timedelta(seconds=1))
    answers = [
        client.request(method, path)
        for path in (used.path, late.path, handover.PATH + "never-made", handover.PATH + "ç%00")
        for method in ("GET", "POST")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert (
        len({tuple(sorted(set(answer.headers.items()) - {("date", answer.headers["date"])})) for answer in answers})
        == 1
    )
    assert "çalışmıyor" in answers[0].text
    assert made.state().state == "ready"


def test_nothing_of_a_link_is_kept_by_caches_or_passed_on(made: Made, client: httpx.Client) -> None:
    page = client.get(made.link().path)

    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "form-action 'self'" in page.headers["content-security-policy"]
    assert "http" not in page.text


def test_the_token_is_stored_nowhere(made: Made) -> None:
    link = made.link()

    with made.database.tenant(made.tenant_id, "app") as connection:
        row = connection.execute("SELECT e::text FROM hub.exports e").fetchone()
    assert row is not None
    assert link.token not in row[0]
    assert link.token not in str(made.log())
    assert link.token not in repr(link)


def test_a_download_is_in_the_log_with_the_address_it_came_from(made: Made, client: httpx.Client) -> None:
    client.post(made.link().path)

    assert made.log()[-1] == ("export_downloaded", "link", "data_subject", "127.0.0.1", "ok")


def test_a_link_that_was_used_or_is_too_old_leaves_its_attempts_in_the_log(made: Made, client: httpx.Client) -> None:
    used = made.link()
    for method in ("POST", "POST", "GET"):
        client.request(method, used.path)
    late = made.link()
    made.set_until(datetime.now(UTC) - timedelta(seconds=1))
    client.post(late.path)
    sweep_exports(made.database)
    client.get(late.path)
    client.post(handover.PATH + "never-made")

    attempts = [entry[1:] for entry in made.log() if entry[0] == "export_link_refused"]
    came_from = ("link", "data_subject", "127.0.0.1")
    assert attempts == [(*came_from, "export_link_used")] * 2 + [(*came_from, "export_link_expired")] * 2


def test_a_stranger_with_an_old_link_does_not_fill_the_log(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "REFUSALS_AN_HOUR", 2)
    token = made.link().token
    made.set_until(datetime.now(UTC) - timedelta(seconds=1))

    assert [handover.take_by_link(made.database, token, ip=None) for _ in range(4)] == [None] * 4
    assert [entry[0] for entry in made.log()].count("export_link_refused") == 2


def test_a_new_link_ends_the_one_before_and_opens_a_used_package_again(made: Made, client: httpx.Client) -> None:
    first = made.link()
    second = made.link()

    assert client.post(first.path).status_code == 404
    assert client.post(second.path).status_code == 200
    assert client.post(made.link().path).status_code == 200


def test_a_link_is_not_used_up_by_a_file_that_is_gone(made: Made, client: httpx.Client) -> None:
    link = made.link()
    for file in (made.exporter.settings.home / "exports").glob("*.zip"):
        file.rename(file.with_suffix(".away"))
    try:
        assert client.post(link.path).status_code == 404
        assert made.state().state == "ready"
        assert "export_downloaded" not in {entry[0] for entry in made.log()}
    finally:
        for file in (made.exporter.settings.home / "exports").glob("*.away"):
            file.rename(file.with_suffix(".zip"))


def test_the_passphrase_is_shown_once_and_logged_without_itself(made: Made) -> None:
    shown = made.passphrase()

    with pytest.raises(HubError, match="export_passphrase_gone"):
        made.passphrase()
    assert len(shown) == 29
    assert [(entry[0], entry[4]) for entry in made.log()][-2:] == [
        ("export_passphrase_shown", "ok"),
        ("export_passphrase_shown", "export_passphrase_gone"),
    ]
    assert shown not in str(made.log())


def test_a_package_whose_time_is_up_leaves_neither_file_nor_passphrase(made: Made, client: httpx.Client) -> None:
    link = made.link()
    with made.database.tenant(made.tenant_id, "app") as connection:
        row = connection.execute("SELECT file_name FROM hub.exports").fetchone()
    assert row is not None
    file = made.exporter.settings.home / "exports" / row[0]
    sweep_exports(made.database)
    assert file.exists()

    made.set_until(datetime.now(UTC) - timedelta(seconds=1))
    assert sweep_exports(made.database).expired == 1  # of all tenants

    assert not file.exists()
    assert made.state().state == "expired"
    assert made.state().file_name is None
    assert client.post(link.path).status_code == 404
    assert made.log()[-2:] == [
        ("export_expired", "export_expiry", "machine", None, "ok"),
        ("export_link_refused", "link", "data_subject", "127.0.0.1", "export_link_expired"),
    ]
    with pytest.raises(HubError, match="export_passphrase_gone"):
        made.passphrase()
    with pytest.raises(HubError, match="export_not_ready"):
        made.link()
    assert sweep_exports(made.database).expired == 0


def test_what_a_killed_run_left_is_ended_after_a_day(made: Made) -> None:
    with made.database.tenant(made.tenant_id, "app") as connection:
        lost = record.begin(connection, made.tenant_id, None)
    torn = made.exporter.settings.home / "exports" / "0123.zip.part"
    torn.write_bytes(b"torn")

    now = sweep_exports(made.database)
    assert (now.abandoned, now.files) == (0, 0)

    os.utime(torn, (0, 0))
    with made.database.tenant(made.tenant_id, "app") as connection:
        connection.execute(
            "UPDATE hub.exports SET created_at = now() - interval '2 days' WHERE export_id = %s", (lost,)
        )
    later = sweep_exports(made.database)

    assert (later.abandoned, later.files) == (1, 1)
    assert not torn.exists()
    with made.database.tenant(made.tenant_id, "app") as connection:
        assert record.read(connection, made.tenant_id, lost).failure_code == "export_abandoned"


def test_another_tenant_has_no_such_package(made: Made, make_tenant: MakeTenant) -> None:
    other = make_tenant()

    for act in (
        lambda: handover.issue_link(made.database, other, made.built.export_id, ACTOR),
        lambda: handover.take_as_operator(made.database, other, made.built.export_id, ACTOR),
        lambda: handover.passphrase_once(made.database, made.exporter.keyring, other, made.built.export_id, ACTOR),
        lambda: handover.issue_link(made.database, made.tenant_id, uuid4(), ACTOR),
    ):
        with pytest.raises(HubError, match="export_unknown"):
            act()
