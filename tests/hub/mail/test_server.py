from __future__ import annotations

import smtplib
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from connectors.secret import Secret
from hub.errors import HubError
from hub.mail.server import Conversation, Delivery, is_address, mail_server
from hub.settings import Settings
from tests.hub.mail.conftest import SENDER, PostOffice

TO = "irtibat@kiraci.invalid"


def message(text: str = "Merhaba, İstanbul\n") -> EmailMessage:
    one = EmailMessage()
    one["From"], one["To"], one["Subject"] = SENDER, TO, "Başvuru süresi"
    one.set_content(text)
    return one


def code_of_opening(office: PostOffice, **changes: object) -> str:
    with pytest.raises(HubError) as refused, Conversation(replace(office.server, **changes)):  # type: ignore[arg-type]
        pass
    return refused.value.code


class TestConversation:
    @pytest.mark.parametrize("text", ["First line\n.\n.two dots\n\n..\n", "Birinci satır\n.\n.iki\n\nŞğıİöç\n"])
    def test_a_mail_arrives_whole_over_tls_and_with_the_password(self, office: PostOffice, text: str) -> None:
        with Conversation(office.server) as conversation:
            assert conversation.send(message(text), TO) == Delivery("sent")

        [mail] = office.mails
        assert mail["Subject"] == "Başvuru süresi"
        assert mail.get_content().replace("\r\n", "\n") == text
        assert office.envelopes == [(SENDER, [TO], True)]

    def test_several_mails_share_a_conversation(self, office: PostOffice) -> None:
        with Conversation(office.server) as conversation:
            fates = [conversation.send(message(), TO).fate for _ in range(3)]

        assert fates == ["sent"] * 3
        assert len(office.mails) == 3

    def test_what_the_server_refuses_for_a_while_may_be_tried_again_and_for_good_may_not(
        self, office: PostOffice
    ) -> None:
        office.refuse_recipients = {"yok@kiraci.invalid": "550 no such user", "dolu@kiraci.invalid": "452 full"}
        office.replies = ["451 greylisted", "554 spam"]
        with Conversation(office.server) as conversation:
            found = [
                conversation.send(message(), to) for to in ("yok@kiraci.invalid", "dolu@kiraci.invalid", TO, TO, TO)
            ]

        assert found == [
            Delivery("refused", "smtp_refused"),
            Delivery("later", "smtp_try_later"),
            Delivery("later", "smtp_try_later"),
            Delivery("refused", "smtp_refused"),
            Delivery("sent"),
        ]
        assert len(office.mails) == 1

    def test_a_lost_last_reply_is_unknown_and_the_next_mail_has_a_conversation_of_its_own(
        self, office: PostOffice
    ) -> None:
        with Conversation(office.server) as conversation:
            office.hang_up = True
            assert conversation.send(message(), TO) == Delivery("unknown", "smtp_reply_lost")
            office.hang_up = False
            assert conversation.send(message(), TO) == Delivery("sent")

        assert len(office.mails) == 2  # the first one did arrive

    def test_a_conversation_that_broke_before_the_mail_leaves_it_for_later(
        self, office: PostOffice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def gone(*_: object) -> None:
            raise smtplib.SMTPServerDisconnected

        monkeypatch.setattr(smtplib.SMTP, "rcpt", gone)
        with Conversation(office.server) as conversation:
            assert conversation.send(message(), TO) == Delivery("later", "smtp_unreachable")
        assert office.mails == []

    def test_what_is_wrong_with_the_server_is_named(self, office: PostOffice, free_port: int, tmp_path: Path) -> None:
        assert code_of_opening(office, password=Secret("wrong")) == "smtp_login_refused"
        assert code_of_opening(office, password=Secret("yanlış")) == "smtp_login_refused"
        assert code_of_opening(office, ca_file=None) == "smtp_tls_failed"
        assert code_of_opening(office, port=free_port) == "smtp_unreachable"

    def test_a_server_without_tls_is_told_no_password(self, office: PostOffice, free_port: int) -> None:
        from aiosmtpd.controller import Controller

        plain = Controller(office, hostname="127.0.0.1", port=free_port)
        plain.start()
        try:
            assert code_of_opening(office, port=free_port) == "smtp_tls_failed"
            with Conversation(replace(office.server, port=free_port, tls="none", user=None)) as conversation:
                assert conversation.send(message(), TO) == Delivery("sent")
        finally:
            plain.stop()
        assert office.envelopes == [(SENDER, [TO], False)]


class TestSettings:
    def settings(self, tmp_path: Path, **values: object) -> Settings:
        return Settings.apart(tmp_path, smtp_host="mail.ornek.invalid", smtp_from=SENDER, **values)

    def test_without_a_host_there_is_no_server(self, tmp_path: Path) -> None:
        assert mail_server(Settings.apart(tmp_path)) is None

    def test_the_password_comes_from_its_file(self, tmp_path: Path) -> None:
        file = tmp_path / "smtp.password"
        file.write_text("parola\n")
        server = mail_server(self.settings(tmp_path, smtp_user="kopru", smtp_password_file=file))

        assert server is not None
        assert server.password == Secret("parola")
        assert "parola" not in repr(server)

    @pytest.mark.parametrize(
        ("values", "names"),
        [
            ({"smtp_tls": "none"}, "HUB_SMTP_TLS"),
            ({"smtp_user": "kopru"}, "HUB_SMTP_USER, HUB_SMTP_PASSWORD_FILE"),
            ({"smtp_user": "kopru", "smtp_password_file": Path("/no/such/file")}, "HUB_SMTP_PASSWORD_FILE"),
        ],
    )
    def test_settings_that_do_not_go_together_are_named(
        self, tmp_path: Path, values: dict[str, object], names: str
    ) -> None:
        with pytest.raises(HubError) as refused:
            mail_server(self.settings(tmp_path, **values))
        assert (refused.value.code, refused.value.params["names"]) == ("smtp_settings_wrong", names)

    def test_a_sender_that_is_no_address_is_refused(self, tmp_path: Path) -> None:
        for sender in (None, "Köprü", "a@b\r\nBcc: c@d"):
            with pytest.raises(HubError) as refused:
                mail_server(Settings.apart(tmp_path, smtp_host="localhost", smtp_from=sender))
            assert refused.value.params["names"] == "HUB_SMTP_FROM"


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("a@b.invalid", True),
        ("a b@c.invalid", False),
        ("<a@b.invalid>", False),
        ("a@b@c.invalid", False),
        ("ayşe@b.invalid", False),
        ("a@b.invalid\r\nRCPT TO:<x@y>", False),
    ],
)
def test_an_address_cannot_carry_a_command(text: str, right: bool) -> None:
    assert is_address(text) is right
