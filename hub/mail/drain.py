"""Sends what waits, over one conversation with the server, and gives up what a lost process left half done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from hub.errors import HubError
from hub.mail import queue
from hub.mail.server import Conversation, Delivery, NoConversation
from hub.mail.templates import render

if TYPE_CHECKING:
    from email.message import EmailMessage

    from hub.db.database import Database
    from hub.keys.keyring import Keyring
    from hub.mail.queue import Claimed
    from hub.mail.server import MailServer

MOST_AT_ONCE = 500
"""Mails of one drain; what is left takes the next one."""

OnSent = Callable[[str, "Claimed"], None]
"""Called with the tenant and a mail that the server has taken, once that is on record."""

_DUE = """
SELECT tenant_id, mail_id, state FROM hub.mails WHERE state IN ('pending', 'sending') AND next_try_at <= now()
ORDER BY next_try_at, tenant_id, mail_id LIMIT %s
"""


class Due(NamedTuple):
    """A mail to send, or one whose sending lost its process."""

    tenant_id: str
    mail_id: UUID
    state: str


def told_nobody(tenant_id: str, mail: Claimed) -> None:
    """For those whom a mail's fate does not concern."""
    del tenant_id, mail


def due(database: Database) -> list[Due]:
    """What waits, as the crossing `dispatcher` may see it."""
    with database.crossing("dispatcher") as connection:
        connection.execute("SET LOCAL statement_timeout = '10s'")
        return [Due(*row) for row in connection.execute(_DUE, (MOST_AT_ONCE,)).fetchall()]


def drain(database: Database, keyring: Keyring, server: MailServer, *, on_sent: OnSent = told_nobody) -> Counter[str]:
    """Send what is due. Counts by state; `postponed` counts mails that wait because the server cannot be reached."""
    counts: Counter[str] = Counter()
    waiting: list[Due] = []
    for mail in due(database):
        if mail.state == "sending":
            queue.give_up(database, mail.tenant_id, mail.mail_id)
            counts["unknown"] += 1
        else:
            waiting.append(mail)
    if not waiting:
        return counts
    done = 0
    try:
        with Conversation(server) as conversation:
            for mail in waiting:
                counts[_send(database, keyring, server, conversation, mail, on_sent)] += 1
                done += 1
    except NoConversation as error:
        for mail in waiting[done:]:
            queue.postpone(database, mail.tenant_id, mail.mail_id, error.code)
            counts["postponed"] += 1
    return counts


def _send(
    database: Database,
    keyring: Keyring,
    server: MailServer,
    conversation: Conversation,
    mail: Due,
    on_sent: OnSent,
) -> str:
    try:
        claimed = queue.claim(database, keyring.tenant(mail.tenant_id), mail.mail_id)
    except HubError as error:
        if error.code != "ciphertext_invalid":
            raise
        queue.fail(database, mail.tenant_id, mail.mail_id, error.code)
        return "failed"
    if claimed is None:
        return "passed over"
    try:
        message = compose(claimed, server.sender)
    except HubError as error:  # a template of another version: nothing was said to the server
        return queue.settle(database, mail.tenant_id, claimed, Delivery("refused", error.code))
    try:
        delivery = conversation.send(message, claimed.recipient)
    except NoConversation as error:
        queue.settle(database, mail.tenant_id, claimed, Delivery("later", error.code))
        raise
    state = queue.settle(database, mail.tenant_id, claimed, delivery)
    if state == "sent":
        on_sent(mail.tenant_id, claimed)
    return state


def compose(mail: Claimed, sender: str) -> EmailMessage:
    """The mail as a message. Its Message-ID comes from its row, so that a second copy can be known as one."""
    from email.message import EmailMessage
    from email.utils import format_datetime

    rendered = render(mail.template, mail.language, mail.fields)
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = rendered.subject
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{mail.mail_id}@{sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers, please
    message.set_content(rendered.text)
    message.add_alternative(rendered.html, subtype="html")
    return message
