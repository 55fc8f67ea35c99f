"""What people write to the tenant. Meta tells it once and keeps nothing that could be asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.contract import Column, Hours, Row, Stream

if TYPE_CHECKING:
    from connectors.whatsapp.events import IncomingMessage

INCOMING = Stream(
    name="incoming_messages",
    title="Incoming messages",
    description="Messages that people sent to the tenant's WhatsApp number, one row each; files stay at Meta.",
    columns=(
        Column("message_id", "text", "A digest of Meta's id of it, which holds the phone number", nullable=False),
        Column("sent_at", "timestamp", "When it was sent, by Meta's clock", nullable=False),
        Column("kind", "text", "text, image, audio, document, location, button, interactive, ...", nullable=False),
        Column("writer_phone", "text", "Phone of whoever wrote; nobody's where they hide it"),
        Column("writer_id", "text", "Meta's id of whoever wrote, for this business alone"),
        Column("text", "text", "What was written: a text, a caption, the words on a button"),
        Column("choice", "text", "Id of the button or row that was chosen, as the tenant gave it"),
        Column("attachment_type", "text", "MIME type of the file that came with it"),
    ),
    key=("message_id",),
    plan=Hours(trailing=timedelta(minutes=10), span=timedelta(days=1), first_depth=timedelta(days=30)),
    # A number to which nobody writes is as healthy as one with many messages.
    fresh_within=timedelta(days=3),
    told=True,
)


def row_of(message: IncomingMessage) -> Row:
    """A message as a row."""
    return {
        "message_id": message.event_id,
        "sent_at": message.at,
        "kind": message.kind,
        "writer_phone": message.person.phone,
        "writer_id": message.person.user_id,
        "text": message.text,
        "choice": message.choice,
        "attachment_type": None if message.attachment is None else message.attachment.mime_type,
    }
