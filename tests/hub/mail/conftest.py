"""A real SMTP server on loopback, with STARTTLS by an authority of its own, that does what a test tells it."""

from __future__ import annotations

import email
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from connectors.secret import Secret
from hub.keys.keyring import Keyring
from hub.keys.master_key import read_master_key
from hub.mail.drain import due
from hub.mail.server import MailServer

if TYPE_CHECKING:
    from hub.db.database import Database
    from hub.settings import Settings

USER, PASSWORD = "kopru", "gizli-parola"
SENDER = "kopru@hub.invalid"
NEVER = "no such moment"


@dataclass
class PostOffice:
    """What the server got, and what it answers. `replies` are given to the next mails at DATA, then 250."""

    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str], bool]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    refuse_recipients: dict[str, str] = field(default_factory=dict)
    at_data: Callable[[], None] = lambda: None
    hang_up: bool = False
    server: MailServer = field(default_factory=lambda: MailServer("127.0.0.1", 0, "none", SENDER))

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's own name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refuse_recipients:
            return self.refuse_recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.at_data()
        reply = self.replies.pop(0) if self.replies else "250 OK"
        if reply.startswith("250"):
            content = envelope.original_content or b""
            message = email.message_from_bytes(content, policy=policy.default)
            assert isinstance(message, EmailMessage)
            self.mails.append(message)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, session.ssl is not None))
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        return reply


def authenticate(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


class OnFreePort(Controller):
    """Takes a port of the system's choice."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        super()._trigger_server()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def office(authority: trustme.CA, tmp_path: Path) -> Iterator[PostOffice]:
    """Wants STARTTLS, then the password."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    post = PostOffice()
    controller = OnFreePort(
        post,
        hostname="127.0.0.1",
        port=0,
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
        timeout=20,
    )
    controller.start()
    try:
        plain = MailServer("127.0.0.1", controller.port, "starttls", SENDER, USER, Secret(PASSWORD), ca_file)
        post.server = replace(plain)
        yield post
    finally:
        controller.stop()


@pytest.fixture(scope="session")
def keyring(settings: Settings, database: Database) -> Keyring:
    return Keyring(database, read_master_key(settings.master_key_file))


def empty_queue(database: Database) -> None:
    """Take away what other modules' tests left in the session's queue."""
    while left := due(database):
        for each in left:
            with database.tenant(each.tenant_id, "app") as connection:
                connection.execute("DELETE FROM hub.mails WHERE mail_id = %s", (each.mail_id,))
