from __future__ import annotations

from datetime import timedelta

from connectors.secret import Secret
from hub.kvkk.requests.link_mail import queue_link
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
