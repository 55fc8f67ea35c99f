"""The mail server that the settings name, and one conversation with it.

What matters is where a conversation broke: before the server had the whole mail, it may be sent again; once the last
line is out and no reply has come, nobody here can know, and a person must look.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from hub.errors import HubError

if TYPE_CHECKING:
    from email.message import EmailMessage
    from pathlib import Path

    from connectors.secret import Secret
    from hub.settings import Settings

TIMEOUT_SECONDS = 30
"""Of each step of a conversation."""

_ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_GO_AHEAD = 354

Fate = Literal["sent", "later", "refused", "unknown"]


class Delivery(NamedTuple):
    """What became of a mail: `later` may be tried again, `refused` may not, `unknown` is a person's to settle."""

    fate: Fate
    code: str | None = None


class NoConversation(HubError):
    """The server cannot be talked to at all: `smtp_unreachable`, `smtp_tls_failed` or `smtp_login_refused`."""


@dataclass(frozen=True)
class MailServer:
    """Where and as whom mail is sent."""

    host: str
    port: int
    tls: Literal["starttls", "tls", "none"]
    sender: str
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None


def mail_server(settings: Settings) -> MailServer | None:
    """The configured server, None where there is none. HubError `smtp_settings_wrong`, naming the variables."""
    if settings.smtp_host is None:
        return None
    wrong: list[str] = []
    sender = settings.smtp_from or ""
    if not is_address(sender):
        wrong.append("HUB_SMTP_FROM")
    if settings.smtp_tls == "none" and settings.smtp_host not in _LOOPBACK:
        wrong.append("HUB_SMTP_TLS")
    if (settings.smtp_user is None) != (settings.smtp_password_file is None):
        wrong += ["HUB_SMTP_USER", "HUB_SMTP_PASSWORD_FILE"]
    password = _password(settings.smtp_password_file) if settings.smtp_password_file and not wrong else None
    if wrong or (settings.smtp_user is not None and password is None):
        raise HubError("smtp_settings_wrong", names=", ".join(wrong or ["HUB_SMTP_PASSWORD_FILE"]))
    return MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        sender,
        settings.smtp_user,
        password,
        settings.smtp_ca_file,
    )


def is_address(text: str) -> bool:
    """Whether this can stand in an SMTP command: plain ASCII with one @, without white space or brackets around it."""
    return _ADDRESS.fullmatch(text) is not None and text.count("@") == 1 and not set(text) & set('<>,;"\\')


class Conversation:
    """A session with the server, opened on entry: raises `NoConversation`.

    One that broke is opened again for the next mail.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._smtp = self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._drop(politely=True)

    def send(self, message: EmailMessage, recipient: str) -> Delivery:
        """Hand one mail over. Raises as entering does when a broken session cannot be opened again."""
        smtp = self._smtp = self._smtp or self._open()
        payload = _payload(message)
        handed_over = False
        try:
            for verdict in (smtp.mail(self._server.sender), smtp.rcpt(recipient), smtp.docmd("DATA")):
                code = verdict[0]
                if code >= 400:
                    smtp.rset()
                    return _refusal(code)
            handed_over = True
            smtp.send(payload)
            code = smtp.getreply()[0]
        except (smtplib.SMTPException, OSError):
            self._drop(politely=False)
            return Delivery("unknown", "smtp_reply_lost") if handed_over else Delivery("later", "smtp_unreachable")
        return Delivery("sent") if code < 400 else _refusal(code)

    def _open(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context(cafile=str(server.ca_file) if server.ca_file else None)
        name = server.sender.partition("@")[2]
        smtp: smtplib.SMTP | None = None
        try:
            if server.tls == "tls":
                smtp = smtplib.SMTP_SSL(
                    server.host, server.port, local_hostname=name, timeout=TIMEOUT_SECONDS, context=context
                )
            else:
                smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=TIMEOUT_SECONDS)
            if server.tls == "starttls":
                smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
            if server.user is not None and server.password is not None:
                smtp.login(server.user, server.password.reveal())
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):
            reason = "smtp_tls_failed"
        except (smtplib.SMTPAuthenticationError, UnicodeEncodeError):  # smtplib knows ASCII passwords only
            reason = "smtp_login_refused"
        except (smtplib.SMTPException, OSError):
            reason = "smtp_unreachable"
        else:
            return smtp
        if smtp is not None:
            smtp.close()
        raise NoConversation(reason, host=server.host, port=server.port)

    def _drop(self, *, politely: bool) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with suppress(smtplib.SMTPException, OSError):
            if politely:
                smtp.quit()
        smtp.close()


def _refusal(code: int) -> Delivery:
    """RFC 5321, 4.2.1: 4yz may be tried again, 5yz may not."""
    return Delivery("later", "smtp_try_later") if code < 500 else Delivery("refused", "smtp_refused")


def _payload(message: EmailMessage) -> bytes:
    """The mail as it goes over the wire: lines end with CRLF, a leading dot is doubled, a lone dot ends it."""
    from email import policy

    # Seven bits: a server on the way may not know 8BITMIME.
    text = message.as_bytes(policy=policy.SMTP.clone(cte_type="7bit"))
    text = re.sub(rb"(?m)^\.", b"..", text)
    return text.removesuffix(b"\r\n") + b"\r\n.\r\n"


def _password(path: Path) -> Secret | None:
    from connectors.secret import Secret

    try:
        return Secret(path.expanduser().read_text(encoding="utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None
