from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.secret import Secret
from hub.db.database import Database
from hub.errors import HubError
from hub.kvkk.requests.link_mail import queue_link, send_link
from hub.mail.queue import claim
from hub.mail.templates import render
from tests.hub.kvkk.requests.conftest import EMAIL, NAME, RECEIVED, DeskOf

LINK = Secret("https://hub.invalid/kvkk/exports/abc")


def queue(desk: DeskOf, request_id: object, link: Secret = LINK) -> bool:
    return queue_link(
        desk.database,
        desk.keyring,
        desk.tenant_id,
        request_id,  # type: ignore[arg-type]
        link,
        expires_at=RECEIVED + timedelta(days=3),
        actor=desk.actor,
    )


def test_the_link_goes_to_the_address_of_the_application_in_its_language(desk: DeskOf) -> None:
    request = desk.open(language="en")
    assert queue(desk, request.request_id) is True
    [(mail_id,)] = desk.rows("SELECT mail_id FROM hub.mails")
    mail = claim(desk.database, desk.keyring.tenant(desk.tenant_id), mail_id)
    assert mail is not None
    text = render(mail.template, mail.language, mail.fields).text

    assert mail.recipient == EMAIL
    assert "https://hub.invalid/kvkk/exports/abc" in text.splitlines()
    assert "of 02.03.2026 to Deneme Ltd. Şti. is ready" in text
    assert "05.03.2026 23:30" in text
    assert NAME not in text
    assert desk.history(request.request_id) == ["open", "send_link"]


def test_one_link_is_sent_once_and_a_new_one_again(desk: DeskOf) -> None:
    request = desk.open()
    for link in (LINK, LINK, Secret("https://hub.invalid/kvkk/exports/def")):
        queue(desk, request.request_id, link)

    assert desk.rows("SELECT count(*) FROM hub.mails") == [(2,)]
    assert desk.history(request.request_id) == ["open", "send_link", "send_link"]


def test_without_an_address_the_link_takes_another_way(desk: DeskOf) -> None:
    request = desk.open(contact={"name": NAME, "address": "Atatürk Cad. 1"})

    assert queue(desk, request.request_id) is False
    assert desk.rows("SELECT count(*) FROM hub.mails") == [(0,)]


def test_nothing_is_sent_for_a_request_without_a_package(desk: DeskOf) -> None:
    public = Database(desk.database.settings.model_copy(update={"public_url": "https://hub.invalid"}))
    codes: list[str] = []
    try:
        for contact in ({"name": NAME, "address": "Atatürk Cad. 1"}, {"name": NAME, "email": EMAIL}):
            request = desk.open(contact=contact)
            with pytest.raises(HubError) as refused:
                send_link(public, desk.keyring, desk.tenant_id, request.request_id, actor=desk.actor)
            codes.append(refused.value.code)
    finally:
        public.close()

    assert codes == ["request_without_email", "request_without_package"]
